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
	} do
		assert.has_error(function() load_rule(options) end, what)
	end
end)
