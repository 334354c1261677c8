-- rankings.lua - who leads: by traffic, by peers, by importance, and services and makers by their terminals.
local inventory = require "inventory"
local screen = require "screen"
local size = inventory.size

-- How much depends on a terminal, by what it does. The formula stands in every row, with its numbers.
--   10 for each controller it changes or controls, 4 for each it only reads, 3 for each client that asks it as a controller,
--   2 for each client of another service of it, 1 for each peer; what its owner says (1 to 5) counts 20 each.
local function importance(r)
	local changes = 0
	for _, op in ipairs { "write", "program_write", "firmware", "configure", "time", "start", "stop", "reset", "mode" } do
		changes = changes + (r.done[op] or 0)
	end
	local devices, askers, clients = {}, {}, {}
	for _, peers in sorted(r.controls) do for id in sorted(peers) do devices[id] = true end end
	for _, peers in sorted(r.controlled) do for id in sorted(peers) do askers[id] = true end end
	for _, peers in sorted(r.serves) do for id in sorted(peers) do clients[id] = not askers[id] or nil end end
	local weight, verb = changes > 0 and 10 or 4, changes > 0 and "changes" or "reads"
	local owner = tonumber(r.owned.importance or r.ledger and r.ledger.row.importance) or 0
	local n, m, k, p = size(devices), size(askers), size(clients), size(r.peers)
	local score = weight * n + 3 * m + 2 * k + p + 20 * owner
	local formula = string.format("%d x %d controllers it %s + 3 x %d clients of it as a controller + 2 x %d other clients + %d peers",
		weight, n, verb, m, k, p)
	if owner > 0 then formula = formula .. string.format(" + 20 x %g says its owner", owner) end
	return score, formula .. " = " .. string.format("%g", score)
end

local function of_terminals(from, to, score_of)
	local rows = {}
	for _, r in ipairs((inventory.records(from, to))) do
		if r.id ~= inventory.INTERNET and #r.ips + #r.macs > 0 then
			local score, detail, unit = score_of(r)
			if score > 0 then
				rows[#rows + 1] = {
					what = r.ips[1] and tostring(r.ips[1]) or r.id, id = r.id, name = inventory.name(r),
					role = inventory.role(r).role,
					value = score, packets = r.packets, bytes = r.bytes, unit = unit, detail = detail,
				}
			end
		end
	end
	return rows
end

local function of_services(from, to, value_of, unit)
	local rows = {}
	local _, by_id = inventory.records(from, to)
	for _, s in ipairs(inventory.services(from, to)) do
		local ids = {}
		for _, list in ipairs { s.servers or {}, s.clients or {} } do
			for _, id in ipairs(list) do inventory.add_once(ids, id) end
		end
		rows[#rows + 1] = { what = s.service, value = s[value_of], packets = s.packets, bytes = s.bytes, unit = unit,
			members = screen.called(by_id, ids) }
	end
	return rows
end

local rankings = {
	traffic = function(from, to)
		return of_terminals(from, to, function(r) return r.packets, nil, "packets" end)
	end,
	peers = function(from, to)
		return of_terminals(from, to, function(r) return size(r.peers), nil, "peers" end)
	end,
	importance = function(from, to)
		return of_terminals(from, to, function(r)
			local score, formula = importance(r)
			return score, formula, "points"
		end)
	end,
	services = function(from, to) return of_services(from, to, "bytes", "bytes") end,
	["service-terminals"] = function(from, to) return of_services(from, to, "terminals", "terminals") end,
	vendors = function(from, to)
		local by_vendor, rows = {}, {}
		for _, r in ipairs((inventory.records(from, to))) do
			for _, mac in ipairs(r.macs) do
				local vendor = inventory.maker(mac) or "unknown"
				local row = by_vendor[vendor]
				if not row then
					row = { what = vendor, value = 0, packets = 0, bytes = 0, unit = "terminals", members = {} }
					by_vendor[vendor] = row
					rows[#rows + 1] = row
				end
				row.value = row.value + 1
				row.packets, row.bytes = row.packets + r.packets, row.bytes + r.bytes
				row.members[#row.members + 1] = r.ips[1] and tostring(r.ips[1]) or tostring(mac)
			end
		end
		return rows
	end,
}

local known = {}
for name in sorted(rankings) do known[#known + 1] = name end

command.new {
	name = "view ranking", doc = "Who leads: traffic, peers, importance, services, service-terminals, vendors.",
	args = {
		{ "by", "string", table.concat(known, ", ") },
		screen.PERIOD,
	},
	columns = {
		{ "rank", "count", "place" }, { "what", "string", "terminal, service or maker" },
		{ "name", "string", "name of the terminal" },
		{ "role", "string", "role of the terminal" }, { "value", "count", "what is compared" },
		{ "unit", "string", "of the value" },
		{ "packets", "count", "in and out" }, { "bytes", "count", "in and out" },
		{ "detail", "string", "how the value comes about" },
		{ "members", "string[]", "terminals of the service or maker" }, { "id", "string", "the asset" },
	},
	run = function(args)
		local ranking = rankings[args.by or "traffic"]
		if not ranking then error("there is no ranking by " .. args.by .. "; there are " .. table.concat(known, ", "), 0) end
		local rows = ranking(screen.times(args.period))
		table.sort(rows, function(a, b)
			if a.value ~= b.value then return a.value > b.value end
			return a.what < b.what
		end)
		for i, row in ipairs(rows) do row.rank, row.value = i, math.tointeger(row.value) or row.value // 1 | 0 end
		return rows
	end,
}
