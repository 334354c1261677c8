local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function pings(back)
	return telling.many(30, 1, function(i) return telling.ping("10.0.0.1", "10.0.0.2", i) end), {
		telling.ping("10.0.0.1", "10.0.0.2", 1), at = 30 - back }
end

it("tells of it", function()
	local n, alerts = told("clock_jump", { packets = { pings(20) } })
	assert.equal(1, n)
	assert.contains("set back by 20 s", alerts[1].text)
end)

it("is quiet about packets that are a little out of order", function()
	assert.equal(0, (told("clock_jump", { packets = { pings(2) } })))
end)
