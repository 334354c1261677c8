-- functions.lua - what controllers are asked to do, and by whom: one row a day for each client, server, protocol, function and unit.
--
-- A plant's operations repeat thousands of times a second. They are counted in C and written to the store now and then, and before
-- somebody asks.
local inventory = require "inventory"
local functions = inventory.functions

local FIELDS = { "client", "vlan", "server", "protocol", "func", "unit", "op", "category" }
local operations, errors, unanswered = tally.new { keys = #FIELDS, max = 50000 }, tally.new { keys = #FIELDS, max = 50000 },
	tally.new { keys = #FIELDS, max = 50000 }

-- A batch is of one hour, but for what a timer told of when the next had begun.
local KEY = { "first/1d", 1, { 2, 0 }, 3, 4, 5, { 6, -1 } }

local function write_counted()
	for i, counted in ipairs { operations, errors, unanswered } do
		local n = { { false, 0 }, { false, 0 }, { false, 0 } }
		n[i] = "n"
		counted:fold(functions, {
			key = KEY, list = { "first", "last", "hours", n[1], n[2], n[3], 7, 8 }, how = inventory.FUNCTION.how,
		})
		counted:clear()
	end
end

operations:count { on = "ot.operation", key = FIELDS }
errors:count { on = "ot.outcome", where = "outcome == error", key = FIELDS }
unanswered:count { on = "ot.outcome", where = "outcome == no_answer", key = FIELDS }

inventory.now_and_then(write_counted, operations)
