local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("ping_sweep", { packets = telling.many(40, 0.4, function(i)
		return telling.ping("10.0.0.1", "10.0.1." .. i, 1)
	end) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("ping_sweep", { packets = telling.many(40, 0.4, function(i)
		return telling.ping("10.0.0.1", "10.0.1." .. i % 3, i)
	end) })))
end)
