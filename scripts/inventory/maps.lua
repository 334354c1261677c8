-- maps.lua - who speaks with whom: the lines of the map and its nodes, services, and the groups that a map is drawn by.
local inventory = require "inventory"
local screen = require "screen"
local size, names = inventory.size, inventory.names

-- How an end of a link is shown; nil when it is not.
local function end_of(id, address)
	if id ~= inventory.INTERNET then return id or tostring(address) end
	local internet = inventory.setting "internet"
	if internet == "hide" then return nil end
	return internet == "collapse" and id or tostring(address)
end

command.new {
	name = "view map", doc = "Who speaks with whom: the lines of the map, of all services or of one.",
	args = {
		{ "service", "string", "only of this service" }, { "layer", "string", "ip or ethernet; both unless given" },
		screen.PERIOD,
	},
	columns = {
		{ "from", "string", "who opened it" }, { "to", "string", "the other" }, { "from_ip", "addr", "its address" },
		{ "to_ip", "addr", "its address" }, { "services", "string[]", "spoken between them" },
		{ "layer", "string", "ip or ethernet" },
		{ "vlan", "count", "VLAN" }, { "packets", "count", "both ways" }, { "bytes", "count", "both ways" },
		{ "cross_subnet", "bool", "between different /24 or /64" }, { "cross_level", "string", "from Purdue level to level" },
		{ "first", "time", "first seen" }, { "last", "time", "last seen" },
	},
	run = function(args)
		local from, to = screen.times(args.period)
		local _, by_id = inventory.records(from, to)
		local found, rows = {}, {}
		inventory.each_link(function(a, b, link)
			local layer = link.proto == inventory.NO_IP and "ethernet" or "ip"
			local x, y = end_of(a, link.orig), end_of(b, link.resp)
			local wanted = (not args.service or link.service == args.service) and (not args.layer or layer == args.layer)
			local to_group = not inventory.is_station(link.resp) or inventory.groups:has(link.resp)
			if not wanted or not x or not y or to_group then return end
			if x > y then x, y, a, b = y, x, b, a end
			local key = x .. "\0" .. y .. "\0" .. layer
			local row = found[key]
			if not row then
				local p, q = a and by_id[a], b and by_id[b]
				local l, m = p and inventory.level(p), q and inventory.level(q)
				row = {
					from = x, to = y, from_ip = p and p.ips[1], to_ip = q and q.ips[1], layer = layer,
					vlan = link.vlan ~= 0 and link.vlan or nil,
					packets = 0, bytes = 0, set = {}, cross_level = l and m and l ~= m and l .. " to " .. m or nil,
				}
				if layer == "ip" then row.cross_subnet = inventory.network(link.orig) ~= inventory.network(link.resp)
					or nil end
				found[key] = row
				rows[#rows + 1] = row
			end
			row.packets = row.packets + link.out_packets + link.in_packets
			row.bytes = row.bytes + link.out_bytes + link.in_bytes
			row.set[link.service] = true
			row.first, row.last = inventory.earlier(row.first, link.first), inventory.later(row.last, link.last)
		end, from, to)
		for _, row in ipairs(rows) do row.services, row.set = names(row.set), nil end
		return rows
	end,
}

-- The ends of the lines, and who has none: what speaks only to groups, like a switch that announces itself.
command.new {
	name = "view map nodes", doc = "The terminals of the map: those that lines lead to, and those that only announce themselves.",
	args = {
		{ "service", "string", "only who speaks this service" }, { "layer", "string", "ip or ethernet; both unless given" },
		screen.PERIOD,
	},
	columns = {
		{ "id", "string", "the asset, as in from and to of the lines" }, { "ip", "addr", "first address" },
		{ "mac", "mac", "MAC address" },
		{ "name", "string", "name" }, { "role", "string", "role" }, { "level", "string", "Purdue level" },
		{ "vendor", "string", "maker" },
		{ "network", "string", "its /24 or /64" }, { "vlans", "u32[]", "VLANs" },
		{ "layer", "string", "ip where it was seen in IP packets, else ethernet" }, { "peers", "count", "whom it speaks with" },
		{ "packets", "count", "in and out" }, { "bytes", "count", "in and out" },
	},
	run = function(args)
		local rows = {}
		for _, r in ipairs((screen.terminals(screen.times(args.period)))) do
			local layer, speaks = r.spoke_ip and "ip" or "ethernet", true
			if args.service then
				speaks = r.spoken[args.service] or r.controlled[args.service] or r.controls[args.service]
			end
			if speaks and (not args.layer or args.layer == layer) then
				rows[#rows + 1] = {
					id = r.id, ip = r.ips[1], mac = r.macs[1], name = inventory.name(r), role = inventory.role(r).role,
					level = inventory.level(r), vendor = inventory.vendor(r),
					network = r.ips[1] and inventory.network(r.ips[1]), vlans = #r.vlans > 0 and r.vlans or nil,
					layer = layer, peers = size(r.peers), packets = r.packets, bytes = r.bytes,
				}
			end
		end
		return rows
	end,
}

command.new {
	name = "view services", doc = "Services: how many terminals, servers and clients, and how much traffic each has.",
	args = { screen.PERIOD },
	columns = {
		{ "service", "string", "its name" }, { "transport", "string", "tcp, udp, ethernet ..." },
		{ "ports", "string[]", "its ports" },
		{ "terminals", "count", "that speak it" }, { "servers", "string[]", "who answers" }, { "clients", "string[]", "who asks" },
		{ "packets", "count", "both ways" }, { "bytes", "count", "both ways" }, { "first", "time", "first seen" },
		{ "last", "time", "last seen" },
	},
	run = function(args)
		local from, to = screen.times(args.period)
		local _, by_id = inventory.records(from, to)
		local rows = inventory.services(from, to)
		for _, row in ipairs(rows) do
			row.servers, row.clients = screen.called(by_id, row.servers), screen.called(by_id, row.clients)
		end
		return rows
	end,
}

-- ---------------------------------------------------------------------------- groups

-- A cycle as people set it: 1, 2 or 5 times a power of ten, the nearest.
local function round_span(seconds)
	local power, best = 10.0 ^ math.floor(math.log(seconds, 10)), nil
	for _, step in ipairs { 1, 2, 5, 10 } do
		local distance = math.abs(math.log(seconds / (step * power)))
		if not best or distance < best.distance then best = { distance = distance, value = step * power } end
	end
	return best.value < 1 and string.format("%.6g ms", best.value * 1000) or string.format("%.6g s", best.value)
end

-- Terminals as maps group them.
command.new {
	name = "view groups",
	doc = "Terminals grouped by VLAN, subnet, OT protocol, Purdue level, polling interval, programming, internet.",
	args = { { "by", "string", "vlan, subnet, protocol, level, polling, programming, internet, non-standard ports" } },
	columns = {
		{ "group", "string", "by what" }, { "value", "string", "which" }, { "terminals", "count", "how many" },
		{ "members", "string[]", "who, by address" }, { "ids", "string[]", "the assets" },
	},
	run = function(args)
		local list, by_id = screen.terminals()
		local found, order = {}, {}
		local function add(group, value, id)
			if args.by and group ~= args.by or not id then return end
			local key = group .. "\0" .. value
			if not found[key] then
				found[key] = { group = group, value = value, set = {} }
				order[#order + 1] = found[key]
			end
			found[key].set[id] = true
		end
		for _, r in ipairs(list) do
			for _, vlan in ipairs(r.vlans) do add("vlan", tostring(vlan), r.id) end
			if r.id ~= inventory.INTERNET then
				for _, ip in ipairs(r.ips) do add("subnet", inventory.network(ip), r.id) end
			end
			for _, t in ipairs { r.controlled, r.controls } do
				for protocol in sorted(t) do add("protocol", protocol, r.id) end
			end
			add("level", inventory.level(r) or "unknown", r.id)
			for _, op in ipairs { "program_write", "program_read", "firmware" } do
				if r.done[op] then add("programming", op, r.id) end
			end
			if r.peers[inventory.INTERNET] then add("internet", "speaks with the internet", r.id) end
		end
		inventory.each_function(function(a, b, f)
			local seconds = (f.last - f.first):seconds()
			if f.count > 4 and seconds >= 5 then
				local mean = seconds / (f.count - 1)
				local value = f.protocol .. " " .. f.func .. " about every " .. round_span(mean)
				add("polling", value, a)
				add("polling", value, b)
			end
		end)
		inventory.each_link(function(a, b, link)
			local usual = inventory.usual_port(link.service)
			if usual and link.port ~= 0 and link.port ~= usual then
				add("non-standard ports", link.service .. " on " .. link.port, b)
				add("non-standard ports", link.service .. " on " .. link.port, a)
			end
		end)
		for _, row in ipairs(order) do
			row.ids = names(row.set)
			row.members = screen.called(by_id, row.ids)
			row.terminals, row.set = #row.ids, nil
		end
		return order
	end,
}
