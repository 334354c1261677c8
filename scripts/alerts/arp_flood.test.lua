local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function answers(every)
	return telling.many(80, every, function() return arp("10.0.0.1", "02:00:0a:00:00:01", "10.0.0.2", "02:00:0a:00:00:02") end)
end

it("tells of it", function()
	assert.equal(1, (told("arp_flood", { packets = answers(0.5) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("arp_flood", { packets = answers(10) })))
end)
