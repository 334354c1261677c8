local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function datagrams(n, size)
	return telling.many(n, 1, function()
		return telling.ip("10.0.0.9", "10.0.0.7", 17, string.pack(">I2I2I2I2", 4000, 9, 8 + size, 0) .. string.rep("A", size))
	end)
end

it("tells of it", function()
	assert.equal(1, (told("message_length", { packets = datagrams(2, 40000) })))
	assert.equal(1, (told("message_length", { packets = datagrams(1, 9000), settings = { length = 8192 } })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("message_length", { packets = datagrams(40, 1400) })))
	assert.equal(0, (told("message_length", { packets = datagrams(10, 9000) })))
end)
