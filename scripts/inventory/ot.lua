-- ot.lua - OT protocols over IP and without it: who asks whom to do what, and how functions are distributed.
local inventory = require "inventory"
local screen = require "screen"

local function spoken(protocol, one, other)
	return table.concat({ protocol, tostring(one), tostring(other) }, "\0")
end

local function is_ot(link)
	return inventory.is_industrial(link.service) or link.proto ~= inventory.NO_IP and inventory.is_industrial_over_ip(link.understood)
end

local function ot_list(name, doc, is_ethernet)
	command.new {
		name = "view ot " .. name, doc = doc, args = { { "protocol", "string", "only of this protocol" }, screen.PERIOD },
		columns = {
			{ "client", "addr", "who asks, or sends" }, { "server", "addr", "who is asked, or receives" },
			{ "client_name", "string", "its name" }, { "server_name", "string", "its name" }, { "vlan", "count", "VLAN" },
			{ "protocol", "string", "protocol" }, { "func", "string", "function" },
			{ "unit", "count", "station behind the server" },
			{ "op", "string", "what it does to the device" }, { "category", "string", "observe, change, control" },
			{ "count", "count", "how often; of frames without functions their number" }, { "errors", "count", "refused" },
			{ "unanswered", "count", "without answer" }, { "every", "interval", "mean time between two" },
			{ "first", "time", "first seen" }, { "last", "time", "last seen" },
		},
		run = function(args)
			local from, to = screen.times(args.period)
			local _, by_id = inventory.records(from, to)
			local found, rows, understood = {}, {}, {}
			local function row_of(client, server, vlan, protocol, func, unit, a, b)
				local key = table.concat({ tostring(client), tostring(server), vlan, protocol, func or "", unit or "" },
					"\0")
				if not found[key] then
					local p, q = a and by_id[a], b and by_id[b]
					found[key] = {
						client = client, server = server, vlan = vlan ~= 0 and vlan or nil, protocol = protocol,
						func = func, unit = unit,
						client_name = p and inventory.name(p), server_name = q and inventory.name(q), count = 0,
						errors = 0, unanswered = 0,
					}
					rows[#rows + 1] = found[key]
				end
				return found[key]
			end
			local function seen(row, first, last)
				row.first, row.last = inventory.earlier(row.first, first), inventory.later(row.last, last)
			end
			inventory.each_function(function(a, b, f)
				local ethernet = f.server:family() == "mac" or f.client:family() == "mac"
				if ethernet ~= is_ethernet or args.protocol and f.protocol ~= args.protocol then return end
				local row = row_of(f.client, f.server, f.vlan, f.protocol, f.func, f.unit, a, b)
				row.op, row.category = f.op, f.category
				row.count, row.errors, row.unanswered = row.count + f.count, row.errors + f.errors,
					row.unanswered + f.unanswered
				seen(row, f.first, f.last)
				understood[spoken(f.protocol, f.client, f.server)] = true
				understood[spoken(f.protocol, f.server, f.client)] = true
				if is_ethernet then understood[f.protocol .. "\0" .. tostring(f.client)] = true end
			end, from, to)
			-- what is recognised and not read has frames, and no functions
			inventory.each_link(function(a, b, link)
				if (link.proto == inventory.NO_IP) ~= is_ethernet or not is_ot(link) then return end
				local protocol = link.understood or link.service
				if args.protocol and protocol ~= args.protocol then return end
				if understood[protocol .. "\0" .. tostring(link.orig)] then return end
				if understood[spoken(protocol, link.orig, link.resp)] then return end
				local row = row_of(link.orig, link.resp, link.vlan, protocol, nil, nil, a, b)
				row.count = row.count + link.out_packets + link.in_packets
				seen(row, link.first, link.last)
			end, from, to)
			for _, row in ipairs(rows) do
				local seconds = (row.last - row.first):seconds()
				if row.count > 2 and seconds > 0 then row.every = interval(seconds / (row.count - 1)) end
			end
			return rows
		end,
	}
end

ot_list("ip", "OT protocols over IP: who asks whom to do what.", false)
ot_list("ethernet", "OT protocols without IP: by MAC address.", true)

-- ---------------------------------------------------------------------------- how functions are distributed

command.new {
	name = "view functions", doc = "How often each function of each OT protocol was asked for: what a pie chart of a protocol shows.",
	args = {
		{ "protocol", "string", "only of this protocol" }, { "who", "string", "only what this controller was asked" },
		screen.PERIOD,
	},
	columns = {
		{ "protocol", "string", "protocol" }, { "func", "string", "function" }, { "op", "string", "what it does to the device" },
		{ "category", "string", "observe, change, control" }, { "count", "count", "how often it was asked for" },
		{ "percent", "double", "of all functions of its protocol" }, { "errors", "count", "refused" },
		{ "unanswered", "count", "without answer" }, { "clients", "count", "who asked" }, { "servers", "count", "who was asked" },
		{ "first", "time", "first seen" }, { "last", "time", "last seen" },
	},
	run = function(args)
		local from, to = screen.times(args.period)
		local wanted = args.who and inventory.find(args.who).id
		local found, rows, sums = {}, {}, {}
		inventory.each_function(function(a, b, f)
			if args.protocol and f.protocol ~= args.protocol or wanted and b ~= wanted then return end
			local key = f.protocol .. "\0" .. f.func
			local row = found[key]
			if not row then
				row = { protocol = f.protocol, func = f.func, op = f.op, category = f.category, count = 0, errors = 0,
					unanswered = 0, askers = {}, asked = {} }
				found[key], rows[#rows + 1] = row, row
			end
			row.count, row.errors, row.unanswered = row.count + f.count, row.errors + f.errors, row.unanswered + f.unanswered
			row.askers[a or tostring(f.client)], row.asked[b or tostring(f.server)] = true, true
			row.first, row.last = inventory.earlier(row.first, f.first), inventory.later(row.last, f.last)
			sums[f.protocol] = (sums[f.protocol] or 0) + f.count
		end, from, to)
		for _, row in ipairs(rows) do
			row.percent = sums[row.protocol] > 0 and row.count * 100 / sums[row.protocol] or 0
			row.clients, row.servers, row.askers, row.asked = inventory.size(row.askers), inventory.size(row.asked), nil, nil
		end
		table.sort(rows, function(x, y)
			if x.protocol ~= y.protocol then return x.protocol < y.protocol end
			if x.count ~= y.count then return x.count > y.count end
			return x.func < y.func
		end)
		return rows
	end,
}
