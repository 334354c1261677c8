local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function connections(n)
	local packets = telling.many(n, 0.05, function(i) return telling.segment("10.0.0.1", 2000 + i, "10.0.0.2", 502, 2) end)
	packets[#packets + 1] = telling.later(200)
	return packets
end

it("tells of it", function()
	assert.equal(1, (told("session_flood", { packets = connections(400) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("session_flood", { packets = connections(60) })))
end)
