local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("address_scan_slow", { packets = telling.many(60, 50, function(i)
		return udp("10.0.0.9:4000", "10.0.0." .. 100 + i .. ":161", "x")
	end) })))
end)

it("is quiet when it takes days", function()
	assert.equal(0, (told("address_scan_slow", { packets = telling.many(60, 100, function(i)
		return udp("10.0.0.9:4000", "10.0.0." .. 100 + i .. ":161", "x")
	end) })))
end)
