local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function used_until(date)
	local code = string.format([[
local inventory = require "inventory"
on("start", function() inventory.ledger:set(1, { macs = {}, ips = { addr "10.0.0.1" }, columns = {}, expires = %q }) end)]], date)
	local packets = { tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" }), telling.later(300) }
	return told("asset_expired", { packets = packets, code = code })
end

it("tells of it", function()
	local n, alerts = used_until "1969/3/1"
	assert.equal(1, n)
	assert.equal("10.0.0.1 still talks; its use ended at 1969-03-01.", alerts[1].text)
end)

it("is quiet before, and without a date", function()
	assert.equal(0, (used_until "2999-12-31"))
	assert.equal(0, (used_until "soon"))
end)
