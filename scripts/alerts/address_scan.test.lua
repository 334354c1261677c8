local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("address_scan", { packets = telling.many(60, 0.5, function(i)
		return udp("10.0.0.9:4000", "10.0.0." .. 100 + i .. ":161", "x")
	end) })))
end)

it("is quiet about one peer", function()
	assert.equal(0, (told("address_scan", { packets = telling.many(60, 0.5, function()
		return udp("10.0.0.9:4000", "10.0.0.7:161", "x")
	end) })))
end)
