-- What a script asks of the engine wrongly is named, with what it should have been.
local wrong = {
	["tally.new { keys = 2, mex = 3 }"] = "tally.new has no 'mex' (did you mean max?)",
	["tally.new { max = 3 }"] = "keys is a whole number from 1 to 10",
	["tally.new { keys = 'two' }"] = "keys is a whole number from 1 to 10, not two",
	["tally.new { keys = 1.5 }"] = "keys is a whole number from 1 to 10, not 1.5",
	["tally.new { keys = 1, expire = 'soon' }"] = "expire is a time span",
	["tally.new { keys = 1 }:take { leest = 1 }"] = "tally:take has no 'leest' (did you mean least?)",
	["tally.new { keys = 1 }:take { least = -1 }"] = "least is a whole number from 0",
	["tally.new { keys = 1 }:count { on = 'conn', key = { 'uid' }, were = 'x' }"] = "tally:count has no 'were' (did you mean where?)",
	["state.set { name = 'tests.options', key = 'string', max = -1 }"] = "max is a whole number from 0",
	["state.set { name = 'tests.options', key = 'string', expire = '-1s' }"] = "expire is a time span",
	["ranges.new { most = 0 }"] = "most is a whole number from 1",
	["ledgers.new { off = 1 }"] = "ledgers.new has no 'off' (did you mean of?)",
	["rhythms.new { of = tally.new { keys = 1, gaps = true }, least = 0 }"] = "least is a whole number from 1",
}

-- Of an object as of a value: nil would be taken for an answer.
local no_method = {
	["tally.new { keys = 1 }:tak()"] = "a tally has no 'tak'",
	["on('conn', function() end):stop()"] = "a handler has no 'stop'",
	["every('1m', function() end):stop()"] = "a timer has no 'stop'",
	["ledgers.new { of = tally.new { keys = 1 }, whose = print, one = { 'n' } }:tak()"] = "a ledger has no 'tak'",
	["ranges.new {}:addd()"] = "a ranges has no 'addd'",
}

local function says(cases)
	for code, what in pairs(cases) do assert.has_error(function() replay { packets = {}, code = code } end, what) end
end

it("names the option that is wrong", function() says(wrong) end)
it("names the method that an object has not", function() says(no_method) end)
it("leaves metatables alone", function()
	says { ["getmetatable(tally.new { keys = 1 }).__index = 1"] = "index a boolean value" }
end)
