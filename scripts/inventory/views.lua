-- views.lua - every screen as rows: lists of terminals, matrices, maps, services, traffic over time, OT lists, messages.
-- `otoscope view NAME --json` is what portal and report draw, and nothing else computes.
local inventory = require "inventory"
local period = require "period"
local size, names, texts = inventory.size, inventory.names, inventory.texts

-- The period that people give, or nil, nil for all of it.
local function times(text)
	if not text then return nil end
	local first, last = inventory.time_span()
	if not first then error("nothing was seen yet", 0) end
	return period.parse(text, first, last)
end

local PERIOD = { "period", "string", "only of this time: 2026-01-31, 2026-01-01..2026-01-07, -1d.." }

-- Assets that are shown: the internet is one of them, all of its addresses, or none (setting internet).
local function terminals(from, to)
	local list, by_id = inventory.records(from, to)
	local shown = {}
	for _, r in ipairs(list) do
		local present = not from or r.packets > 0
		if present and #r.ips + #r.macs > 0 and (r.id ~= inventory.INTERNET or inventory.setting "internet" == "collapse") then
			shown[#shown + 1] = r
		end
	end
	return shown, by_id
end

-- ---------------------------------------------------------------------------- terminals

-- Kinds of log, as people search for them: services and protocols that belong to each.
local kinds_of_log = {
	["name resolution"] = { "dns", "mdns", "llmnr", "nbns", "wins" },
	["file sharing"] = { "smb", "netbios-ssn", "nbdgm", "nfs", "ftp", "tftp", "afp" },
	["remote access"] = { "rdp", "vnc", "rfb", "ssh", "telnet" },
	web = { "http", "https", "ssl", "tls", "quic" },
	mail = { "smtp", "pop3", "imap" },
	time = { "ntp", "ptp", "sntp" },
	addresses = { "dhcp", "dhcpv6" },
	database = { "tds", "mysql", "postgresql", "oracle", "mongodb" },
	management = { "snmp", "snmp-trap", "syslog", "wsd", "ssdp", "lldp", "cdp", "radius", "ldap", "kerberos" },
}

local function has_any(r, services)
	for _, service in ipairs(services) do
		if r.serves[service] or r.uses[service] then return true end
	end
	return false
end

local function logs_of(r)
	local found = {}
	if r.spoke_ip then found["IP traffic"] = true end
	if next(r.controlled) or next(r.controls) then found.OT = true end
	if #r.ips == 0 then found.Ethernet = true end
	for kind, services in sorted(kinds_of_log) do
		if has_any(r, services) then found[kind] = true end
	end
	return found
end

command.new {
	name = "view terminals", doc = "Terminals, by kind of log and kind of terminal.",
	args = {
		{ "within", "string",
		"IP traffic, OT, Ethernet, name resolution, file sharing, remote access, web, time, addresses, database ..." },
		{ "kind", "string", "server or client" }, PERIOD,
	},
	columns = {
		{ "id", "string", "the asset" }, { "ip", "addr", "first address" }, { "addresses", "string[]", "all IP addresses" },
		{ "mac", "mac", "MAC address" }, { "name", "string", "name" }, { "vendor", "string", "maker" },
		{ "role", "string", "role" },
		{ "kind", "string", "server, client, both" }, { "os", "string", "operating system" },
		{ "os_confidence", "count", "percent" },
		{ "level", "string", "Purdue level" }, { "logs", "string[]", "kinds of log it is in" },
		{ "peers", "count", "whom it speaks with" },
		{ "packets", "count", "in and out" }, { "bytes", "count", "in and out" }, { "vlans", "u32[]", "VLANs" },
		{ "first", "time", "first seen" }, { "last", "time", "last seen" }, { "silent", "bool", "not seen for long" },
	},
	run = function(args)
		local rows = {}
		for _, r in ipairs((terminals(times(args.period)))) do
			local logs, kind, os = logs_of(r), inventory.kind(r), inventory.os(r)
			if (not args.within or logs[args.within]) and (not args.kind or kind == args.kind or kind == "both") then
				local known = os.name ~= "unknown"
				rows[#rows + 1] = {
					id = r.id, ip = r.ips[1], addresses = texts(r.ips), mac = r.macs[1], name = inventory.name(r),
					vendor = inventory.vendor(r),
					role = inventory.role(r).role, kind = kind, os = known and os.name or nil, os_confidence = known
					and os.confidence or nil,
					level = inventory.level(r), logs = names(logs), peers = size(r.peers), packets = r.packets,
					bytes = r.bytes,
					vlans = #r.vlans > 0 and r.vlans or nil, first = r.first, last = r.last, silent = r.silent,
				}
			end
		end
		return rows
	end,
}

-- One terminal: what is known of it, then its peers.
command.new {
	name = "view terminal", doc = "One terminal: what is known of it with source and confidence, and whom it speaks with.",
	args = { { "who", "string", "its address, MAC address, name or id" }, PERIOD },
	columns = {
		{ "section", "string", "terminal, address, fact, owner, ledger, peer" }, { "name", "string", "what" },
		{ "value", "string", "its value" },
		{ "sub", "string", "what is behind the address" }, { "source", "string", "who says so" },
		{ "confidence", "count", "percent" },
		{ "first", "time", "first seen" }, { "last", "time", "last seen" }, { "services", "string[]", "spoken with the peer" },
		{ "packets", "count", "with the peer" }, { "bytes", "count", "with the peer" },
	},
	run = function(args)
		if not args.who then error("view terminal WHO", 0) end
		local list, by_id = inventory.records(times(args.period))
		local r, rows = inventory.find(args.who, list), {}
		local function add(section, name, value, more)
			if value == nil then return end
			local row = more or {}
			row.section, row.name, row.value = section, name, tostring(value)
			rows[#rows + 1] = row
		end
		local role, os = inventory.role(r), inventory.os(r)
		add("terminal", "name", inventory.name(r))
		add("terminal", "role", role.role, { source = table.concat(role.reasons, "; ") })
		add("terminal", "os", os.name, { source = table.concat(os.sources, ", "), confidence = os.confidence })
		add("terminal", "vendor", inventory.vendor(r))
		add("terminal", "model", inventory.model(r))
		add("terminal", "level", inventory.level(r))
		add("terminal", "peers", size(r.peers), { packets = r.packets, bytes = r.bytes, first = r.first, last = r.last })
		for _, ip in ipairs(r.ips) do add("address", "ip", ip) end
		for _, mac in ipairs(r.macs) do add("address", "mac", mac, { source = mac:vendor() }) end
		for _, vlan in ipairs(r.vlans) do add("address", "vlan", vlan) end
		local function facts(of, sub)
			for key, entries in sorted(of) do
				for _, e in ipairs(entries) do
					add("fact", key, e.value, { sub = sub, source = e.source, confidence = e.confidence,
						first = e.first, last = e.last })
				end
			end
		end
		facts(r.facts)
		for _, sub in ipairs(inventory.subs(r)) do facts(r.subs[sub], sub) end
		for field, value in sorted(r.owned) do add("owner", field, value) end
		for _, column in ipairs(r.ledger and r.ledger.row.columns or {}) do add("ledger", column[1], column[2],
			{ source = r.ledger.by }) end
		for id, p in sorted(r.peers) do
			local other = by_id[id]
			add("peer", id, other and inventory.name(other) or other and other.ips[1] or id,
				{ services = names(p.services), packets = p.packets, bytes = p.bytes, first = p.first, last = p.last })
		end
		return rows
	end,
}

-- ---------------------------------------------------------------------------- matrices

-- 256 cells of a /24: the row is the upper half of the last octet, the column the lower one.
local function matrix(name, doc, value_of)
	command.new {
		name = "view matrix " .. name, doc = doc,
		args = { { "network", "string", "only of this /24: 192.168.1" }, PERIOD },
		columns = {
			{ "network", "string", "first three octets" }, { "row", "count", "0 to 15, upper half of the last octet" },
			{ "column", "count", "0 to 15, lower half" }, { "ip", "addr", "the terminal" },
			{ "value", "string", "what colours the cell" },
			{ "confidence", "count", "percent" }, { "source", "string", "who says so" }, { "id", "string", "the asset" },
		},
		run = function(args)
			local rows = {}
			for _, r in ipairs((terminals(times(args.period)))) do
				local value, confidence, source = value_of(r)
				for _, ip in ipairs(r.ips) do
					local network, last = tostring(ip):match("^(%d+%.%d+%.%d+)%.(%d+)$")
					last = tonumber(last)
					if network and r.id ~= inventory.INTERNET and (not args.network or network == args.network) then
						rows[#rows + 1] = {
							network = network, row = last // 16, column = last % 16, ip = ip, value = value
							or "unknown", confidence = confidence,
							source = source, id = r.id,
						}
					end
				end
			end
			return rows
		end,
	}
end

matrix("vendor", "Terminals of a /24 by the maker of their network interface.", function(r)
	local vendor = inventory.mac_vendor(r)
	return vendor, vendor and 100 or nil, vendor and "MAC address" or nil
end)
matrix("os", "Terminals of a /24 by operating system, with confidence.", function(r)
	local os = inventory.os(r)
	return os.name, os.confidence, table.concat(os.sources, ", ")
end)
matrix("role", "Terminals of a /24 by role.", function(r)
	local role = inventory.role(r)
	return role.role, nil, role.reasons[1]
end)

-- ---------------------------------------------------------------------------- maps

-- How an end of a link is shown; nil when it is not.
local function end_of(id, address)
	if id ~= inventory.INTERNET then return id or tostring(address) end
	local internet = inventory.setting "internet"
	if internet == "hide" then return nil end
	return internet == "collapse" and id or tostring(address)
end

command.new {
	name = "view map", doc = "Who speaks with whom: the lines of the map, of all services or of one.",
	args = { { "service", "string", "only of this service" }, { "layer", "string", "ip or ethernet; both unless given" }, PERIOD },
	columns = {
		{ "from", "string", "who opened it" }, { "to", "string", "the other" }, { "from_ip", "addr", "its address" },
		{ "to_ip", "addr", "its address" }, { "services", "string[]", "spoken between them" },
		{ "layer", "string", "ip or ethernet" },
		{ "vlan", "count", "VLAN" }, { "packets", "count", "both ways" }, { "bytes", "count", "both ways" },
		{ "cross_subnet", "bool", "between different /24 or /64" }, { "cross_level", "string", "from Purdue level to level" },
		{ "first", "time", "first seen" }, { "last", "time", "last seen" },
	},
	run = function(args)
		local from, to = times(args.period)
		local _, by_id = inventory.records(from, to)
		local found, rows = {}, {}
		inventory.each_link(function(a, b, link)
			local layer = link.proto == inventory.NO_IP and "ethernet" or "ip"
			local x, y = end_of(a, link.orig), end_of(b, link.resp)
			local wanted = (not args.service or link.service == args.service) and (not args.layer or layer == args.layer)
			if not wanted or not x or not y or not inventory.is_station(link.resp) then return end
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

command.new {
	name = "view services", doc = "Services: how many terminals, servers and clients, and how much traffic each has.",
	args = { PERIOD },
	columns = {
		{ "service", "string", "its name" }, { "transport", "string", "tcp, udp, ethernet ..." },
		{ "ports", "string[]", "its ports" },
		{ "terminals", "count", "that speak it" }, { "servers", "string[]", "who answers" }, { "clients", "string[]", "who asks" },
		{ "packets", "count", "both ways" }, { "bytes", "count", "both ways" }, { "first", "time", "first seen" },
		{ "last", "time", "last seen" },
	},
	run = function(args)
		return inventory.services(times(args.period))
	end,
}

-- ---------------------------------------------------------------------------- traffic over time

command.new {
	name = "view traffic",
	doc = "Packets and bytes over time: of everything on the wire, and of each service (bytes of IP packets, or of frames without IP).",
	args = { { "interval", "string", "minute, hour or day" }, { "service", "string", "only of this service; total for all" }, PERIOD },
	columns = {
		{ "time", "time", "begin of the interval" }, { "service", "string", "total for everything on the wire" },
		{ "packets", "count", "in the interval" }, { "bytes", "count", "in the interval" }, { "bits_per_second", "count", "mean" },
	},
	run = function(args)
		local from, to = times(args.period)
		local wanted, rows, length = args.interval or "minute", {}, nil
		for _, level in ipairs(inventory.series_levels) do
			if level[1] == wanted then length = level[2] end
		end
		if not length then error("the interval is minute, hour or day", 0) end
		for level, number, service, row in inventory.series:pairs() do
			local at, name = time(number * length), service == "" and "total" or service
			local inside = not from or at + interval(length) > from and at < to
			if level == wanted and inside and (not args.service or name == args.service) then
				rows[#rows + 1] = { time = at, service = name, packets = row[1], bytes = row[2],
					bits_per_second = row[2] * 8 // length | 0 }
			end
		end
		table.sort(rows, function(a, b)
			if a.time ~= b.time then return a.time < b.time end
			return a.service < b.service
		end)
		return rows
	end,
}

-- ---------------------------------------------------------------------------- OT lists

local function ot_list(name, doc, is_ethernet)
	command.new {
		name = "view ot " .. name, doc = doc, args = { { "protocol", "string", "only of this protocol" }, PERIOD },
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
			local from, to = times(args.period)
			local _, by_id = inventory.records(from, to)
			local found, rows = {}, {}
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
				found[row.protocol .. "\0" .. tostring(f.client)] = true
			end, from, to)
			if is_ethernet then
				inventory.each_link(function(a, b, link)
					if link.proto ~= inventory.NO_IP or not inventory.is_industrial(link.service) then return end
					if args.protocol and link.service ~= args.protocol
						or found[link.service .. "\0" .. tostring(link.orig)] then return end
					local row = row_of(link.orig, link.resp, link.vlan, link.service, nil, nil, a, b)
					row.count = row.count + link.out_packets + link.in_packets
					seen(row, link.first, link.last)
				end, from, to)
			end
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
		{ "ids", "string[]", "who" },
	},
	run = function(args)
		local list = terminals()
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
			row.terminals, row.set = #row.ids, nil
		end
		return order
	end,
}

-- ---------------------------------------------------------------------------- history, messages

command.new {
	name = "view history", doc = "What happened to assets, as a timeline.",
	args = { { "who", "string", "of one asset only" }, PERIOD },
	columns = {
		{ "time", "time", "when" }, { "event", "string", "new, changed, moved, silent, merged, split, note" },
		{ "id", "string", "the asset" },
		{ "what", "string", "what changed" }, { "was", "string", "until now" }, { "is", "string", "from now on" },
		{ "evidence", "string", "how we know" },
	},
	run = function(args)
		local from, to = times(args.period)
		local wanted = args.who and inventory.find(args.who).id
		local rows = {}
		for at, _, e in inventory.history:pairs() do
			if (not wanted or e.id == wanted) and (not from or at >= from and at < to) then
				rows[#rows + 1] = { time = at, event = e.event, id = e.id, what = e.what, was = e.was, is = e.is,
					evidence = e.evidence }
			end
		end
		return rows
	end,
}

command.new {
	name = "inventory note", doc = "Put an event of your own into the timeline: maintenance, a visit, a test.", writes = true,
	args = {
		{ "text", "string", "what" }, { "time", "string", "when, as 2026-01-31 08:00; the last packet unless given" },
		{ "who", "string", "of an asset" },
	},
	run = function(args)
		if not args.text then error("inventory note TEXT [TIME]", 0) end
		local first, last = inventory.time_span()
		local id = args.who and inventory.find(args.who).id or nil
		local at = args.time and period.parse(args.time, first or now(), last or now()) or last or now()
		inventory.note({ event = "note", id = id, what = args.text, evidence = "says the owner" }, at)
		print("noted")
	end,
}

command.new {
	name = "view messages", doc = "What the owner should know of the inventory itself: limits that were met, rows that were lost.",
	columns = { { "severity", "string", "warning or information" }, { "text", "string", "what" } },
	run = function()
		local rows = {}
		local refused, limit = inventory.settings:get "refused" or 0, inventory.setting "terminal_limit"
		if refused > 0 then
			rows[#rows + 1] = {
				severity = "warning",
				text = "The limit of " .. limit .. " terminals is reached: new ones are not taken up (seen " .. refused
					.. " times). "
					.. "Raise it with: otoscope inventory setting terminal_limit N",
			}
		end
		for _, name in ipairs { "addresses", "assets", "facts", "links", "functions", "history", "series" } do
			local lost = inventory[name]:evicted()
			if lost > 0 then
				rows[#rows + 1] = {
					severity = "warning", text = "The store of " .. name .. " is full: its " .. lost
					.. " oldest rows were given up",
				}
			end
		end
		return rows
	end,
}
