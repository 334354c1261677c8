local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("broadcast_storm", { packets = { telling.many(4000, 0.01, function()
		return udp("10.0.0.9:9", "10.0.0.255:9", "x")
	end), telling.later(100) }, settings = { packets = 3000 } })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("broadcast_storm", { packets = { telling.many(100, 0.5, function()
		return udp("10.0.0.9:9", "10.0.0.255:9", "x")
	end), telling.later(100) } })))
end)
