local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local ROUTER = { from = "\2\0\0\0\0\1" }
-- A router brings packets of several public networks; then one of their hosts connects, or is refused.
local function from_outside(flags)
	local packets = {}
	for i = 1, 4 do packets[i] = telling.segment("8.8." .. i .. ".8", 4000, "10.0.0." .. 50 + i, 80, 2, ROUTER) end
	local function one(f) packets[#packets + 1] = telling.segment("9.9.9.9", 5000, "10.0.0.7", 502, f, ROUTER) end
	local function back(f) packets[#packets + 1] = telling.segment("10.0.0.7", 502, "9.9.9.9", 5000, f, { to = ROUTER.from }) end
	one(2) back(flags) one(16) back(16) one(16) back(16)
	packets[#packets + 1] = telling.later(200)
	return packets
end
local NETWORKS = { "internet_inbound.lua", "../learning/networks.lua" }

it("tells of it", function()
	assert.equal(1, (told("internet_inbound", { packets = from_outside(18), scripts = NETWORKS })))
end)

it("is quiet when it is refused", function()
	assert.equal(0, (told("internet_inbound", { packets = from_outside(20), scripts = NETWORKS })))
end)
