local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("malformed_packets", { packets = telling.many(12, 1, function()
		return telling.ip("10.0.0.1", "10.0.0.2", 17, string.pack(">I2I2I2I2", 4000, 502, 900, 0) .. "data")
	end) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("malformed_packets", { packets = telling.many(12, 1, function()
		return udp("10.0.0.1:4000", "10.0.0.2:502", "data")
	end) })))
end)
