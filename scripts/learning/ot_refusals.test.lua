local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local learned = telling.learned(replay)

local function refused(func, at)
	return { tcp("10.0.0.1:" .. 1025 + at, "10.0.0.2:502", { ">", string.pack(">I2I2I2BBI2I2", 1, 0, 6, 1, func, 9999, 1) },
		{ "<", string.pack(">I2I2I2BBB", 1, 0, 3, 1, func | 0x80, 2) }), at = at }
end

it("tells of a refusal that was not learned, once", function()
	local n, alerts = learned("ot_refusals", { packets = { refused(3, 1), refused(3, 200), refused(6, 210), refused(6, 220) } })
	assert.equal(1, n)
	assert.equal("10.0.0.1\t10.0.0.2\tmodbus\tWRITE_SINGLE_REGISTER\tILLEGAL_DATA_ADDRESS", alerts[1].row)
end)

it("is quiet about those that were", function()
	assert.equal(0, (learned("ot_refusals", { packets = { refused(3, 1), refused(3, 200) } })))
end)
