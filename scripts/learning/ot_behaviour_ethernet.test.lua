local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local learned = telling.learned(replay)

it("learns stations and functions without IP", function()
	local code = 'on("finish", function() print(#require("learn").open("ot_behaviour_ethernet").rows) end)'
	local n, _, r = learned("ot_behaviour_ethernet", { capture = "cclink", till = 100000, code = code })
	assert.equal(0, n)
	assert(tonumber(r.lines[1]) > 10)
end)

it("tells of all it did not learn", function()
	local n, alerts = learned("ot_behaviour_ethernet", { capture = "cclink", till = 0 })
	assert(n > 10)
	assert.contains("cclink_ie", alerts[1].row)
end)
