-- What a rule wants is named where it is missing; what it need not have is not missed.
local function load_rule(options)
	return replay { packets = {}, events = "none", code = [[require "rule" { name = "mine", en = { "T", "text" }, ]] .. options .. " }" }
end

it("needs no more than its name, its event and its words", function()
	assert.same({}, load_rule 'on = "conn"'.errors)
end)

it("names what it does not know, and what it misses", function()
	for options, what in pairs {
		['on = "conn", wthin = "5m"'] = "rule mine has no 'wthin' (did you mean within",
		['where = "x"'] = "needs on",
		['on = "conn", many = 3, per = { "orig_h" }'] = "needs within",
		['on = "conn", many = 3, within = "1m"'] = "needs per",
		['on = "conn", many = 3, within = "1m", per = { "orig_h" }, once = "1d"'] = "has once and many",
		['on = "conn", distinct = "resp_p"'] = "has distinct, which does nothing without many",
		['on = "conn", unless = { state.set { name = "s", key = "addr" }, "orig_h" }'] = "which need once, or many",
	} do
		assert.has_error(function() load_rule(options) end, what)
	end
end)

it("asks a store for what it looks at once", function()
	local function told(how)
		return replay { events = "none", packets = { udp("10.0.0.1:1025", "10.0.0.2:9", "x"), udp("10.0.0.3:1025", "10.0.0.2:9", "x") }, code = [[
local known = state.set { name = "known", key = "addr" }
known:add(addr "10.0.0.1")
require "rule" {
	name = "mine", on = "flow.new", per = { "orig_h" }, once = "1h", en = { "T", "{source}" }, ]] .. how .. [[ = { known, "orig_h" },
}
on("alert", function(e) print(e.text) end)]] }.lines
	end
	assert.same({ "10.0.0.1" }, told "among")
	assert.same({ "10.0.0.3" }, told "unless")
end)

it("counts from when it is switched on", function()
	local function told(options)
		return #replay { events = "none", packets = {
			{ udp("10.0.0.1:1025", "10.0.0.2:9", "x"), at = 1 },
			{ udp("10.0.0.3:1025", "10.0.0.2:9", "x"), at = 10 },
			{ udp("10.0.0.3:1026", "10.0.0.2:9", "x"), at = 11 },
			{ udp("10.0.0.3:1027", "10.0.0.2:9", "x"), at = 12 },
		}, code = [[
local alert = require "alert"
require "rule" { name = "mine", on = "flow.new", per = { "orig_h" }, off = true, en = { "T", "{source}" }, ]] .. options .. [[ }
on("alert", function(e) print(e.text) end)
after("5s", function()
	alert.store.settings:set({ "mine", "on" }, true)
	raise("alert.changed", { kind = "mine" })
end)]] }.lines
	end
	assert.equal(1, told "")
	assert.equal(1, told 'once = "1h"')
	assert.equal(1, told 'many = 2, within = "1m"')
	assert.equal(1, told 'many = 2, within = "1m", distinct = "orig_p"')
	assert.equal(1, told 'many = 2, within = "1m", when = function() return true end')
	assert.equal(1, told 'many = 3, within = "1m", bulk = true')
end)
