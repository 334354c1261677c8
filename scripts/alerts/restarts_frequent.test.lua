local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A client only reads.
local reading = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" })

it("tells of it", function()
	assert(told("restarts_frequent", { capture = "fins" }) > 0)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("restarts_frequent", { packets = reading })))
end)

it("is quiet about counters that are cleared", function()
	local function diagnostics(code)
		local request = unhex "0001 0000 0006 01 08" .. string.pack(">I2I2", code, 0)
		local packets = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", request }, { "<", request }, { ">", request }, { "<", request })
		for i, packet in ipairs(packets) do packets[i] = { packet, at = 5 * i } end
		return (told("restarts_frequent", { packets = packets }))
	end
	assert.equal(0, diagnostics(10))
	assert.equal(1, diagnostics(1))
end)

it("takes a command that is seen twice within a second for one", function()
	local stop = udp("10.0.0.1:9600", "10.0.0.2:9600", unhex "8000 0200 0200 0001 0001 0402")
	assert.equal(0, (told("restarts_frequent", { packets = { { stop, at = 1 }, { stop, at = 1.02 } } })))
	assert.equal(1, (told("restarts_frequent", { packets = { { stop, at = 1 }, { stop, at = 5 } } })))
end)
