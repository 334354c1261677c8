local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A client only reads.
local reading = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" })

it("tells of it", function()
	assert(told("controller_reset", { capture = "modbus-all" }) > 0)
	assert.equal(2, (told("controller_reset", { capture = "profinet" })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("controller_reset", { packets = reading })))
end)

-- Modbus diagnostics: of the two, only the restart is a reset.
it("is quiet about counters that are cleared", function()
	local function diagnostic(code)
		return (told("controller_reset", { packets = tcp("10.0.0.1:1025", "10.0.0.2:502", {
			">", unhex "0001 0000 0006 01 08" .. string.pack(">I2I2", code, 0) }) }))
	end
	assert.equal(0, diagnostic(10))
	assert.equal(1, diagnostic(1))
end)
