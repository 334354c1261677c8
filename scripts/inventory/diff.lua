-- diff.lua - what is different between two periods: assets, pairs with their service, and OT functions that came or went.
local inventory = require "inventory"
local period = require "period"

-- key -> row to show, of everything that was there in the time.
local function seen_in(from, to, by_id)
	local found = {}
	local function asset(id)
		local r = id and by_id[id]
		if r and #r.ips + #r.macs > 0 then
			found["asset\0" .. id] = found["asset\0" .. id]
				or { what = "asset", from = id, ip = r.ips[1], mac = r.macs[1], name = inventory.name(r),
					role = inventory.role(r).role }
		end
	end
	inventory.each_link(function(a, b, link)
		if link.out_packets > 0 then asset(a) end
		if link.in_packets > 0 then asset(b) end
		local x, y = a or tostring(link.orig), b or tostring(link.resp)
		local key = table.concat({ "pair", x, y, link.service }, "\0")
		found[key] = found[key] or { what = "pair", from = x, to = y, service = link.service }
	end, from, to)
	inventory.each_function(function(a, b, f)
		local x, y = a or tostring(f.client), b or tostring(f.server)
		local key = table.concat({ "function", x, y, f.protocol, f.func }, "\0")
		found[key] = found[key] or { what = "function", from = x, to = y, service = f.protocol, func = f.func, kind = f.category }
	end, from, to)
	return found
end

local function moment(t)
	return t:format("%Y-%m-%d %H:%M:%S", "local")
end

command.new {
	name = "inventory diff", doc = "What came and what went between two periods.",
	args = {
		{ "old", "string",
		"2026-01-31, 2026-01, 2026-01-01..2026-01-07, +0s..+10m after the first packet, -10m.. before the last" },
		{ "new", "string", "the later one" },
	},
	columns = {
		{ "change", "string", "added or removed" }, { "what", "string", "asset, pair or function" },
		{ "from", "string", "the asset; of a pair who opened it" }, { "to", "string", "of a pair the other" },
		{ "service", "string", "service or protocol" }, { "func", "string", "function" },
		{ "kind", "string", "observe, change, control" },
		{ "ip", "addr", "address" }, { "mac", "mac", "MAC address" }, { "name", "string", "name" }, { "role", "string", "role" },
		{ "compared", "string", "the two periods" },
	},
	run = function(args)
		if not args.new then error("inventory diff OLD NEW: two periods, each as 2026-01-31 or 2026-01-01..2026-01-07", 0) end
		local first, last = inventory.time_span()
		if not first then error("nothing was seen yet", 0) end
		local a, b = period.parse(args.old, first, last)
		local c, d = period.parse(args.new, first, last)
		local _, by_id = inventory.records()
		local before, after, rows = seen_in(a, b, by_id), seen_in(c, d, by_id), {}
		local compared = moment(a) .. " to " .. moment(b) .. " with " .. moment(c) .. " to " .. moment(d)
		local function only(x, y, change)
			for key, row in sorted(x) do
				if not y[key] then
					row.change, row.compared = change, compared
					rows[#rows + 1] = row
				end
			end
		end
		only(after, before, "added")
		only(before, after, "removed")
		return rows
	end,
}
