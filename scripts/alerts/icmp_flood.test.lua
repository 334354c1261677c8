local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("icmp_flood", { packets = { telling.many(1000, 0.01, function(i)
		return telling.ping("10.0.0.9", "10.0.0.7", i)
	end), telling.later(100) } })))
end)

it("is quiet about one ping a second", function()
	assert.equal(0, (told("icmp_flood", { packets = { telling.many(100, 1, function(i)
		return telling.ping("10.0.0.9", "10.0.0.7", i)
	end), telling.later(200) } })))
end)
