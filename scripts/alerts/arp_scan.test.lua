local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("arp_scan", { packets = telling.many(60, 1, function(i)
		return telling.arp("10.0.0.9", "10.0.0." .. 100 + i)
	end) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("arp_scan", { packets = telling.many(60, 1, function(i)
		return telling.arp("10.0.0.9", "10.0.0." .. i % 9)
	end) })))
end)
