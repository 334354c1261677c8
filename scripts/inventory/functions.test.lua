local read = unhex "0001 0000 0006 01 03 0000 0003"
local answer = unhex "0001 0000 0009 01 03 06 0001 0002 0003"
local refusal = unhex "0001 0000 0003 01 83 02"

local function functions(...)
	local r = replay {
		packets = tcp("10.0.0.1:1025", "10.0.0.2:502", ...), scripts = { "assets.lua", "functions.lua" }, events = "none",
		code = [[local inventory = require "inventory"
			command.new { name = "functions", doc = "all",
				columns = { { "func", "string", "" }, { "unit", "count", "" }, { "count", "count", "" },
				{ "errors", "count", "" }, { "unanswered", "count", "" }, { "category", "string", "" } }, run = function()
				local rows = {}
				inventory.each_function(function(_, _, f) rows[#rows + 1] = { func = f.func, unit = f.unit, count = f.count,
					errors = f.errors,
					unanswered = f.unanswered, category = f.category } end)
				return rows
			end }]],
		ask = { { "functions" } },
	}
	assert.same({}, r.errors)
	return r.answers[1]
end

it("a function of a pair is counted in one row, with its errors", function()
	local rows = functions({ ">", read }, { "<", answer }, { ">", read }, { "<", refusal }, { ">", read }, { "<", answer })
	assert.equal(1, #rows)
	assert.same({ func = "READ_HOLDING_REGISTERS", unit = 1, count = 3, errors = 1, unanswered = 0, category = "observe" }, rows[1])
end)

it("nothing is counted where nothing is asked", function()
	assert.same({}, functions({ ">", "hello" }, { "<", "hello" }))
end)
