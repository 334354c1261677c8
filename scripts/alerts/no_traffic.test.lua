local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- Ten thousand packets, as many as it takes to know how long a pause may be, and one more after so many seconds.
local function then_after(seconds)
	local packets = telling.many(10100, 0.1, function() return telling.ping("10.0.0.1", "10.0.0.2", 1) end)
	packets[#packets + 1] = telling.later(1010 + seconds)
	return packets
end

it("tells of it, and when it is over", function()
	local n, alerts = told("no_traffic", { packets = then_after(900) })
	assert.equal(1, n)
	assert.contains("for 15 min so far", alerts[1].text)
	assert.equal("traffic_again", alerts[2].kind)
end)

it("is quiet about a short pause", function()
	assert.equal(0, (told("no_traffic", { packets = then_after(100) })))
end)
