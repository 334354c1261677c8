-- What is told to other systems of an alert: all that its reader needs, and what its owner says of who must not be cut off.
local reading = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 06 0000 0003" })

local RULE = [[
local alert = require "alert"
local kind = alert.kind { name = "wrote", severity = "high", category = "test", attack = { "T0855", "T0836" }, settings = { quiet = "1h" },
  en = { "Wrote", "{client} writes {server}", "It changes.", "Ask {client}." }, ja = { "書込", "{client} が書込", "変わる", "{client} に確認" } }
on("ot.operation", { op = "write" }, function(e) kind { event = e } end)
]]

local function messages(code)
	local r = replay { packets = { reading }, scripts = { "messages.lua" }, code = RULE .. (code or ""), events = "alert.message" }
	return r.events["alert.message"] or {}
end

it("says what it means and what to do, in two languages", function()
	local m = messages()[1]
	assert.equal("new high wrote 10.0.0.1 10.0.0.2", table.concat({ m.state, m.severity, m.kind, m.source, m.target }, " "))
	assert.equal("It changes. Ask 10.0.0.1.", m.meaning .. " " .. m.advice)
	assert.equal("10.0.0.1 に確認", m.advice_ja)
	assert.equal("T0855 T0836", m.attack)
	assert.contains("op=write", m.evidence)
	assert.equal("modbus", m.protocol)
	assert.is_nil(m.block)
end)

it("names the hosts as their owner does", function()
	local m = messages [[local inventory = require "inventory"
		inventory.ledger:set(1, { name = "panel 3", ips = { addr "10.0.0.1" }, columns = {} })]][1]
	assert.equal("panel 3", m.source_name)
	assert.is_nil(m.target_name)
end)

describe("block", function()
	local function says(word)
		return messages(string.format([[local inventory = require "inventory"
			inventory.ledger:set(1, { ips = { addr "10.0.0.1" }, block = %q, columns = {} })]], word))[1].block
	end
	it("is never for whatever is not a plain yes", function()
		for _, word in ipairs { "never", "no", "不可", "?", "ask first" } do assert.equal("never", says(word)) end
	end)
	it("is not said where the owner agrees", function()
		for _, word in ipairs { "yes", "Allowed", "可" } do assert.is_nil(says(word)) end
	end)
	it("is about the source alone", function()
		assert.is_nil(messages [[local inventory = require "inventory"
			inventory.ledger:set(1, { ips = { addr "10.0.0.2" }, block = "never", columns = {} })]][1].block)
	end)
end)

it("tells what people do with it", function()
	local list = messages [[on("alert", function(e)
		raise("alert.state", { id = e.id, state = "closed", who = "ann", comment = "a test" })
	end)]]
	assert.equal(2, #list)
	assert.equal("closed ann a test wrote", table.concat({ list[2].state, list[2].who, list[2].comment, list[2].kind }, " "))
end)

it("is told once for equal alerts", function()
	local again = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 06 0000 0003" },
		{ ">", unhex "0002 0000 0006 01 06 0000 0003" })
	local r = replay { packets = { again }, scripts = { "messages.lua" }, code = RULE, events = "alert.message" }
	assert.equal(1, #r.events["alert.message"])
end)

it("tells hundreds that come at one moment, as when a network dies", function()
	local list = messages [[on("ot.operation", { op = "write" }, function(e)
		local many = alert.kind { name = "many", severity = "high", category = "test", en = { "Many", ("x"):rep(1000), "y", "z" },
			ja = { "多", "x", "y", "z" } }
		for n = 1, 400 do many { event = e, key = n, subject = n } end
	end)]]
	assert.equal(401, #list)
end)
