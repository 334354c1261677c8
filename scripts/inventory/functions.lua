-- functions.lua - what controllers are asked to do, and by whom: one row a day for each client, server, protocol, function and unit.
--
-- A plant's operations repeat thousands of times a second. They are counted in C and written to the store now and then, and before
-- somebody asks.
local inventory = require "inventory"
local functions = inventory.functions

local FIELDS = { "client", "vlan", "server", "protocol", "func", "unit", "op", "category" }
local WITH_OUTCOME = { "client", "vlan", "server", "protocol", "func", "unit", "op", "category", "outcome" }
local operations = tally.new { keys = #FIELDS, max = 50000 }
local failures = tally.new { keys = #WITH_OUTCOME, max = 50000 }

local ADD = "<>|+++==" -- as FUNCTION says

-- A batch is of one hour, but for what a timer told of when the next had begun.
local function add(seen, count, errors, unanswered, client, vlan, server, protocol, func, unit, op, category)
	functions:fold({ inventory.day(seen.first), client, vlan or 0, server, protocol, func, unit or -1 },
		{ seen.first, seen.last, inventory.hour_bit(seen.first), count, errors, unanswered, op, category }, ADD)
end

local function write_counted()
	for client, vlan, server, protocol, func, unit, op, category, seen in operations:take() do
		add(seen, seen.n, 0, 0, client, vlan, server, protocol, func, unit, op, category)
	end
	for client, vlan, server, protocol, func, unit, op, category, outcome, seen in failures:take() do
		local errors = outcome == "error" and seen.n or 0
		add(seen, 0, errors, seen.n - errors, client, vlan, server, protocol, func, unit, op, category)
	end
	operations:clear()
	failures:clear()
end

operations:count { on = "ot.operation", key = FIELDS }
failures:count { on = "ot.outcome", where = { outcome = { "error", "no_answer" } }, key = WITH_OUTCOME }

inventory.now_and_then(write_counted, operations)
