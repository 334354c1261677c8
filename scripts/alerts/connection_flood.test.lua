local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("connection_flood", { packets = { telling.many(1500, 0.001, function(i)
		return telling.segment("10.0.0.9", 2000 + i, "10.0.0.7", 502, 2)
	end), telling.later(60) } })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("connection_flood", { packets = { telling.many(100, 0.1, function(i)
		return telling.segment("10.0.0.9", 2000 + i, "10.0.0.7", 502, 2)
	end), telling.later(60) } })))
end)
