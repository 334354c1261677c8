local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- All slaves are asked for their state, by these senders in turn.
local function asked(...)
	local packets = {}
	for i, mac in ipairs { ... } do
		packets[i] = unhex("010105010000" .. mac .. "88a4 0e10 0701 00003001 0200 0000 0000 0000")
	end
	return packets
end
local one, back, two = "00000a000001", "02000a000001", "001b1b000002"

it("tells of it", function()
	local n, alerts = told("ethercat_second_master", { capture = "ethercat" })
	assert.equal(1, n)
	assert.contains("by turns", alerts[1].text)
end)

it("is quiet on normal traffic, and on a tool that is heard now and then", function()
	assert.equal(0, (told("ethercat_second_master", { packets = asked(one, back, one, back, one, back, one, back, one, back, one, back) })))
	assert.equal(0, (told("ethercat_second_master", { packets = asked(one, two, one, two, one, one) })))
end)
