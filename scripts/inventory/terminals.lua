-- terminals.lua - lists of terminals, one terminal, and the 16 x 16 matrices of their makers, operating systems and roles.
local inventory = require "inventory"
local screen = require "screen"
local size, names, texts = inventory.size, inventory.names, inventory.texts

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
		if r.spoken[service] then return true end
	end
	return false
end

local function logs_of(r)
	local found = {}
	if r.spoke_ip then found["IP traffic"] = true end
	if next(r.controlled) or next(r.controls) then found.OT = true end
	if not r.spoke_ip then found.Ethernet = true end
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
		{ "kind", "string", "server or client" }, screen.PERIOD,
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
		for _, r in ipairs((screen.terminals(screen.times(args.period)))) do
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
		inventory.remark(rows)
		return rows
	end,
}

-- One terminal: what is known of it, then its peers.
command.new {
	name = "view terminal", doc = "One terminal: what is known of it with source and confidence, and whom it speaks with.",
	args = { { "who", "string", "its address, MAC address, name or id" }, screen.PERIOD },
	columns = {
		{ "section", "string", "terminal, address, fact, owner, ledger, peer" }, { "name", "string", "what" },
		{ "value", "string", "its value" },
		{ "sub", "string", "what is behind the address" }, { "source", "string", "who says so" },
		{ "confidence", "count", "percent" },
		{ "first", "time", "first seen" }, { "last", "time", "last seen" }, { "services", "string[]", "spoken with the peer" },
		{ "packets", "count", "with the peer" }, { "bytes", "count", "with the peer" },
	},
	run = function(args)
		if not args.who then error("say which: otoscope view terminal 192.168.10.11", 0) end
		local list, by_id = inventory.records(screen.times(args.period))
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
		args = { { "network", "string", "only of this /24: 192.168.1" }, screen.PERIOD },
		columns = {
			{ "network", "string", "first three octets" }, { "row", "count", "0 to 15, upper half of the last octet" },
			{ "column", "count", "0 to 15, lower half" }, { "ip", "addr", "the terminal" },
			{ "value", "string", "what colours the cell" },
			{ "confidence", "count", "percent" }, { "source", "string", "who says so" }, { "id", "string", "the asset" },
		},
		run = function(args)
			local rows = {}
			for _, r in ipairs((screen.terminals(screen.times(args.period)))) do
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
