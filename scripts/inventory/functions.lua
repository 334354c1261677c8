-- functions.lua - what controllers are asked to do, and by whom: one row a day for each client, server, protocol, function and unit.
--
-- A plant's operations repeat thousands of times a second. They are counted in a table and written to the store every ten seconds.
local inventory = require "inventory"
local functions, F = inventory.functions, inventory.FUNCTION

local waiting, order = {}, {}
local MOST_WAITING = 5000

local function write_waiting()
	local rows = order
	waiting, order = {}, {}
	for _, row in ipairs(rows) do
		local key = { inventory.day(row.last), row.client, row.vlan, row.server, row.protocol, row.func, row.unit }
		local kept = functions:get(key) or { row.first, row.last, 0, 0, 0, 0, row.op, row.category }
		kept[F.last] = row.last
		kept[F.hours] = kept[F.hours] | inventory.hour_bit(row.first) | inventory.hour_bit(row.last)
		kept[F.count], kept[F.errors] = kept[F.count] + row.count, kept[F.errors] + row.errors
		kept[F.unanswered] = kept[F.unanswered] + row.unanswered
		functions:set(key, kept)
	end
end

local function below(t, key)
	local next_one = t[key]
	if not next_one then
		next_one = {}
		t[key] = next_one
	end
	return next_one
end

local function row_of(e)
	local unit = e.unit or -1
	local by_unit = below(below(below(below(waiting, e.client), e.server), e.protocol), e.func)
	local row = by_unit[unit]
	if not row then
		row = {
			client = e.client, server = e.server, vlan = e.vlan or 0, protocol = e.protocol, func = e.func, unit = unit,
			op = e.op,
			category = e.category, first = e.ts, last = e.ts, count = 0, errors = 0, unanswered = 0,
		}
		by_unit[unit] = row
		order[#order + 1] = row
		if #order > MOST_WAITING then write_waiting() end
	end
	row.last = e.ts
	return row
end

on("ot.operation", function(e)
	local row = row_of(e)
	row.count = row.count + 1
end)

on("ot.outcome", { outcome = { "error", "no_answer" } }, function(e)
	local row = row_of(e)
	if e.outcome == "error" then row.errors = row.errors + 1 else row.unanswered = row.unanswered + 1 end
end)

every("10s", write_waiting)
on("finish", write_waiting)
