-- functions.lua - what controllers are asked to do, and by whom: one row a day for each client, server, protocol, function and unit.
--
-- A plant's operations repeat thousands of times a second. They are counted in C and written to the store now and then, and before
-- somebody asks.
local inventory = require "inventory"
local functions, F = inventory.functions, inventory.FUNCTION

local FIELDS = { "client", "vlan", "server", "protocol", "func", "unit", "op", "category" }
local WITH_OUTCOME = { "client", "vlan", "server", "protocol", "func", "unit", "op", "category", "outcome" }
local operations = tally.new { keys = #FIELDS, max = 50000 }
local failures = tally.new { keys = #WITH_OUTCOME, max = 50000 }

-- A batch is of one hour, but for what a timer told of when the next had begun.
local function add(field, n, seen, client, vlan, server, protocol, func, unit, op, category)
	local key = { inventory.day(seen.first), client, vlan or 0, server, protocol, func, unit or -1 }
	local kept = functions:get(key) or { seen.first, seen.last, 0, 0, 0, 0, op, category }
	if seen.first < kept[F.first] then kept[F.first] = seen.first end
	if seen.last > kept[F.last] then kept[F.last] = seen.last end
	kept[F.hours] = kept[F.hours] | inventory.hour_bit(seen.first)
	kept[field] = kept[field] + n
	functions:set(key, kept)
end

local function write_counted()
	for client, vlan, server, protocol, func, unit, op, category, seen in operations:take() do
		add(F.count, seen.n, seen, client, vlan, server, protocol, func, unit, op, category)
	end
	for client, vlan, server, protocol, func, unit, op, category, outcome, seen in failures:take() do
		local field = outcome == "error" and F.errors or F.unanswered
		add(field, seen.n, seen, client, vlan, server, protocol, func, unit, op, category)
	end
	operations:clear()
	failures:clear()
end

operations:count { on = "ot.operation", key = FIELDS }
failures:count { on = "ot.outcome", where = { outcome = { "error", "no_answer" } }, key = WITH_OUTCOME }

inventory.now_and_then(write_counted, operations)
