local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function tries(n)
	return telling.many(n, 0.1, function(i) return telling.ip("10.0.0.9", "10.0.0.7", 140 + i, "") end)
end

it("tells of it", function()
	assert.equal(1, (told("protocol_scan", { packets = tries(40) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("protocol_scan", { packets = tries(5) })))
	assert.equal(0, (told("protocol_scan", { capture = "ip-flows" })))
end)
