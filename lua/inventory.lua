-- inventory.lua - what the inventory remembers, and how to read it. scripts/inventory/*.lua fill it; any script may ask it.
--
-- What is kept is evidence under the addresses that stood on the wire: who used an address (addresses), what packets revealed of it
-- (facts), who spoke with whom (links), who did what to whom (functions). Which addresses are one asset is an interpretation laid over
-- that: a row of `addresses` names the asset that an address belongs to and whom it belonged to before. So merging and splitting move no
-- evidence, and both can be undone.
--
--   inventory.owner(address, vlan, [at]) -> id      whose address it is, or was at that time
--   inventory.records() -> list, by_id              all assets with everything known of them (see `record` below)
--   inventory.find(who) -> record                   by id, address, MAC, name or the owner's name; an error names the candidates
--   inventory.best(record, key) -> entry            the best value of a fact: { value, confidence, source, first, last, sub }

local device = require "device"
local memo = require "memo"

local inventory = {}

-- ---------------------------------------------------------------------------- stores

-- address, VLAN -> { id, how, mac, last, claimed, was = { { id, till, how }, ... } }
inventory.addresses = state.map { name = "inventory_addresses", key = { "addr", "int" }, max = 20000 }
-- id -> { router = reason, virtual = kind, own = { addresses }, vlans = { number = last }, silent }
inventory.assets = state.map { name = "inventory_assets", key = "string", max = 10000 }
-- address, VLAN, sub, key, source -> list of { value, confidence, first, last }, the present value first
inventory.facts = state.map { name = "inventory_facts", key = { "addr", "int", "string", "string", "string" }, max = 60000 }
-- day, originator, VLAN, responder, IP protocol (-1: no IP), port or EtherType, service -> numbers, see LINK
inventory.links = state.map {
	name = "inventory_links", key = { "int", "addr", "int", "addr", "int", "int", "string" }, max = 200000, expire = "365d",
}
-- day, client, VLAN, server, protocol, func, unit (-1: none) -> numbers, see FUNCTION
inventory.functions = state.map {
	name = "inventory_functions", key = { "int", "addr", "int", "addr", "string", "string", "int" }, max = 100000, expire = "365d",
}
-- server, VLAN, unit (-1: none), protocol, target, op -> { count, first, last, clients = { ... }, least, most, latest, samples }
inventory.targets = state.map {
	name = "inventory_targets", key = { "addr", "int", "int", "string", "string", "string" }, max = 30000, expire = "365d",
}
-- time, number -> { client, server, vlan, protocol, direction, kind, name, size, sha256, result, error, duration }
inventory.programs = state.map { name = "inventory_programs", key = { "time", "int" }, max = 5000, expire = "365d" }
-- level (minute, hour, day), its number since 1970, service -> { packets, bytes }; the service "" is everything on the wire
inventory.series = state.map { name = "inventory_series", key = { "string", "int", "string" }, max = 120000, expire = "400d" }
-- broadcast addresses of networks, known by the group MAC address that their packets go to
inventory.groups = state.set { name = "inventory_groups", key = "addr", max = 2000, expire = "31d" }
inventory.series_levels = { { "minute", 60 }, { "hour", 3600 }, { "day", 86400 } }
-- what the owner says: id, field -> { value, when }
inventory.owned = state.map { name = "inventory_owned", key = { "string", "string" }, max = 50000 }
-- by hand: id -> the id it was merged into; address, VLAN -> the id it was split off as
inventory.merged = state.map { name = "inventory_merged", key = "string", max = 10000 }
inventory.pinned = state.map { name = "inventory_pinned", key = { "addr", "int" }, max = 10000 }
-- what happened to assets: time, number -> { event, id, what, was, now, evidence }
inventory.history = state.map { name = "inventory_history", key = { "time", "int" }, max = 20000, expire = "365d" }
inventory.settings = state.map { name = "inventory_settings", key = "string", max = 1000 }
-- port, "tcp" or "udp" -> the owner's name of the service
inventory.service_names = state.map { name = "inventory_service_names", key = { "int", "string" }, max = 2000 }
-- the owner's list: row -> { name, mac, ipv4, ... }
inventory.ledger = state.map { name = "inventory_ledger", key = "int", max = 20000 }

event.new { name = "inventory.edited", doc = "Something was taken out of the inventory by hand.", { "what", "string", "what was" } }

-- Rows of links and functions are lists of numbers, so that many fit: the place of each.
inventory.LINK = { first = 1, last = 2, hours = 3, flows = 4, out_packets = 5, in_packets = 6, out_bytes = 7, in_bytes = 8, answer = 9 }
inventory.FUNCTION = { first = 1, last = 2, hours = 3, count = 4, errors = 5, unanswered = 6, op = 7, category = 8 }

-- ---------------------------------------------------------------------------- settings

local defaults = {
	terminal_limit = 4000,     -- assets; more are not taken up, and every list says so
	silent_after = 24 * 3600,  -- seconds without a packet until an asset counts as silent
	internet = "collapse",     -- or show, hide: addresses of the internet in lists and maps
}

function inventory.setting(name)
	local value = inventory.settings:get(name)
	if value == nil then return defaults[name] end
	return value
end

function inventory.setting_names()
	local names = {}
	for name in sorted(defaults) do names[#names + 1] = name end
	return names
end

-- ---------------------------------------------------------------------------- addresses

inventory.NO_IP = -1
inventory.INTERNET = "internet"
local DAY = 86400

function inventory.day(ts)
	return ts:seconds() // DAY | 0
end

function inventory.hour_bit(ts)
	return 1 << (ts:seconds() % DAY // 3600 | 0)
end

-- The first three octets of an IPv4 address, the first half of an IPv6 address ("fe80:0:0:0").
inventory.network = memo(function(ip)
	local text = tostring(ip)
	if ip:family() == "ipv4" then return (text:match("^(.*)%.%d+$")) end
	local groups, head, tail = {}, text:match("^(.-)::(.*)$")
	for group in (head or text):gmatch("%x+") do groups[#groups + 1] = group end
	if head then
		local behind = select(2, tail:gsub("%x+", "")) + (tail:find("%.") and -2 or 0)
		for _ = #groups + behind + 1, 8 do groups[#groups + 1] = "0" end
		for group in tail:gmatch("%x+") do groups[#groups + 1] = group end
	end
	return table.concat(groups, ":", 1, math.min(4, #groups))
end)

-- Stations only: nobody is called 0.0.0.0, and groups do not speak.
local nobody = { ["this network"] = true, unspecified = true, multicast = true, broadcast = true, ["limited broadcast"] = true }
inventory.is_station = memo(function(a)
	if a:family() == "mac" then
		local first = tonumber(tostring(a):sub(1, 2), 16)
		return first & 1 == 0 and tostring(a) ~= "00:00:00:00:00:00"
	end
	return not nobody[a:special() or ""]
end)

-- An address of the internet; the ranges of documentation stand for it in examples.
inventory.is_internet = memo(function(a)
	local special = a:special()
	return special == nil or special == "documentation"
end)

local virtual = {
	{ "^00:00:5e:00:01:", "VRRP or CARP" }, { "^00:00:5e:00:02:", "VRRP" }, { "^00:00:0c:07:ac:", "HSRP" },
	{ "^00:00:0c:9f:f", "HSRP" },
	{ "^00:05:73:a0:", "HSRP" }, { "^00:07:b4:00:", "GLBP" }, { "^02:bf:", "load balancing" },
}

-- "VRRP or CARP group 7" of a MAC address that moves between devices; nil of all others.
function inventory.virtual_mac(mac)
	local text = tostring(mac)
	for _, v in ipairs(virtual) do
		if text:find(v[1]) then return v[2] .. (v[2] == "load balancing" and "" or " group " .. tonumber(text:sub(-2), 16)) end
	end
end

local repeats = memo(function(mac)
	return tonumber(tostring(mac):sub(1, 2), 16) & 2 ~= 0 or inventory.virtual_mac(mac) ~= nil
end)

-- A MAC address is unique where its maker was assigned it. Virtual ones and those given by hand repeat in other VLANs.
function inventory.segment(mac, vlan)
	return repeats(mac) and vlan or 0
end

local text_of = memo(tostring)

function inventory.id_of(address, vlan)
	return vlan == 0 and text_of(address) or address .. "%" .. vlan
end

local function follow(id)
	for _ = 1, 8 do
		local into = inventory.merged:get(id)
		if not into then return id end
		id = into
	end
	return id
end

-- Whose address it is, or was at that time; nil when nobody was seen with it.
function inventory.owner(address, vlan, at)
	local pinned = inventory.pinned:get { address, vlan }
	if pinned then return pinned end
	local row = inventory.addresses:get { address, vlan }
	if not row then return nil end
	for _, former in ipairs(at and row.was or {}) do
		if at <= former.till then return follow(former.id) end
	end
	return follow(row.id)
end

-- ---------------------------------------------------------------------------- services

local well_known = {
	tcp = {
		[20] = "ftp-data", [21] = "ftp", [22] = "ssh", [23] = "telnet", [25] = "smtp", [53] = "dns", [80] = "http",
		[88] = "kerberos",
		[102] = "iso-on-tcp", [110] = "pop3", [135] = "dce_rpc", [139] = "netbios-ssn", [143] = "imap", [389] = "ldap",
		[443] = "https",
		[445] = "smb", [502] = "modbus", [1433] = "tds", [1883] = "mqtt", [2404] = "iec104", [3306] = "mysql", [3389] = "rdp",
		[4840] = "opcua", [5432] = "postgresql", [5900] = "vnc", [9600] = "fins", [20000] = "dnp3", [44818] = "enip",
	},
	udp = {
		[53] = "dns", [67] = "dhcp", [68] = "dhcp", [69] = "tftp", [123] = "ntp", [137] = "nbns", [138] = "nbdgm", [161] = "snmp",
		[162] = "snmp-trap", [319] = "ptp", [320] = "ptp", [514] = "syslog", [546] = "dhcpv6", [547] = "dhcpv6", [1900] = "ssdp",
		[2222] = "enip-io", [3702] = "wsd", [5353] = "mdns", [5355] = "llmnr", [9600] = "fins", [34964] = "profinet-cm",
		[44818] = "enip", [47808] = "bacnet", [61450] = "cclink-ief-basic",
	},
}
local transports = { [1] = "icmp", [6] = "tcp", [17] = "udp", [58] = "icmp6" }
local ethertypes = {
	[0x0806] = "arp", [0x8892] = "profinet", [0x88b8] = "goose", [0x88b9] = "gse", [0x88ba] = "sv", [0x890f] = "cclink_ie",
	[0x88a4] = "ethercat", [0x88ab] = "powerlink", [0x88cc] = "lldp", [0x88cd] = "sercos3", [0x88e3] = "mrp", [0x88f7] = "ptp",
	[0x88fb] = "prp", [0x8100] = "vlan", [0x888e] = "eapol", [0x9000] = "loopback test",
}

-- Relatives of DNS that one analyzer reads, by their ports.
local resolvers = { [137] = "nbns", [5353] = "mdns", [5355] = "llmnr" }

-- What a link's service is called: by the owner, by who understood it, by its number.
function inventory.service_name(proto, port, service)
	if proto == inventory.NO_IP then
		if service:find("^llc/") then return service end
		return service ~= "" and service or ethertypes[port] or string.format("0x%04x", port)
	end
	local transport = transports[proto] or "ip/" .. proto
	local own = inventory.service_names:get { port, transport }
	if own then return own end
	if service == "dns" then return resolvers[port] or service end
	if service ~= "" then return service end
	if transport:find("^icmp") or transport:find("^ip/") then return transport end
	return (well_known[transport] or {})[port] or port == 0 and transport or port .. "/" .. transport
end

-- The port that a service has by its name, for those that have one.
function inventory.usual_port(service)
	for _, transport in ipairs { "tcp", "udp" } do
		for port, name in sorted(well_known[transport]) do
			if name == service then return port end
		end
	end
end

local industrial = {
	profinet = true, goose = true, gse = true, sv = true, cclink_ie = true, ethercat = true, powerlink = true, sercos3 = true,
	mrp = true,
	cclink_tsn_ptp = true, ptp = true, prp = true,
}

-- Is it a protocol of plants that goes without IP?
function inventory.is_industrial(service)
	return industrial[service] or service:find("^profinet") ~= nil
end

local industrial_over_ip = {}
for name in ([[opcua bacnet dnp3 iec104 ads fins codesys niagara_fox knxnet_ip hart_ip synchrophasor ge_srtp egd proconos crimson
	pcworx atg lontalk_ip c1222 dlms bsap sbus tristation focas trdp modbus s7comm s7comm_plus enip cip pccc slmp melsoft mms
	cclink_ief_basic cclink_tsn_slmp roc_plus genisys]]):gmatch("%S+") do industrial_over_ip[name] = true end

-- Is it a protocol of plants that goes over IP?
function inventory.is_industrial_over_ip(service)
	return industrial_over_ip[service] or false
end

-- Is it a port that programs get by chance? Those of known services are not.
function inventory.is_ephemeral(port, transport)
	if port < 1024 or port > 5000 and port < 32768 then return false end
	return not (well_known[transport] or {})[port] and not inventory.service_names:has { port, transport }
end

function inventory.transport(proto)
	return proto == inventory.NO_IP and "ethernet" or transports[proto] or "ip/" .. proto
end

-- ---------------------------------------------------------------------------- records

-- record: { id, ips, macs, vlans, via, first, last, how = { evidence }, was = { former addresses }, router, virtual, behind, silent,
-- spoke_ip, facts = { key = { entries, the best first } }, subs = { sub = { key = { entries } } }, owned = { field = value },
-- ledger = { the owner's row, matched by },
-- spoken = { service in which it sent something = true },
-- serves, uses = { service = { peer id = true } }, controlled, controls = { protocol = { peer id = true } }, taken, done = { op = count },
-- refused = { protocol = { function = true } }, knocked = { address that never answered = true }, tried = refused connections to one other,
-- peers = { id = { packets, bytes, out, services, first, last } }, packets, bytes, sent, operations }

local function new_record(id)
	return {
		id = id, ips = {}, macs = {}, vlans = {}, how = {}, was = {}, facts = {}, subs = {}, owned = {},
		spoken = {}, serves = {}, uses = {},
		controlled = {}, controls = {}, taken = {}, done = {}, refused = {}, knocked = {}, tried = 0, peers = {},
		packets = 0, bytes = 0, sent = 0, operations = 0,
	}
end

local function add_once(list, value)
	for _, had in ipairs(list) do
		if had == value then return end
	end
	list[#list + 1] = value
end

local function earlier(a, b)
	return not a and b or b and b < a and b or a
end

local function later(a, b)
	return not a and b or b and b > a and b or a
end
inventory.add_once, inventory.earlier, inventory.later = add_once, earlier, later

-- Calls write() now and then, and before somebody asks or the state is saved: what scripts count in between goes to the stores. No batch
-- lasts from one hour into the next for more than a minute, as rows are of days; nor does a counting table get full.
function inventory.now_and_then(write, counted)
	local hour, waited = nil, 0
	every("1m", function(at)
		local present = at:seconds() // 3600
		waited = waited + 1
		if present == hour and waited < 5 and (not counted or #counted < 10000) then return end
		hour, waited = present, 0
		write()
	end)
	on("question", function()
		waited = 0
		write()
	end)
	on("finish", write)
end

-- Small helpers of those who show records; nil instead of an empty list, so that a column is absent.
function inventory.size(set)
	local n = 0
	for _ in pairs(set) do n = n + 1 end
	return n
end

function inventory.names(set)
	local out = {}
	for name in sorted(set) do out[#out + 1] = tostring(name) end
	return #out > 0 and out or nil
end

function inventory.texts(list)
	local out = {}
	for i, v in ipairs(list) do out[i] = tostring(v) end
	return #out > 0 and out or nil
end

local function add_addresses(book)
	for address, vlan, row in inventory.addresses:pairs() do
		local id = inventory.owner(address, vlan)
		local r = book.get(id)
		add_once(address:family() == "mac" and r.macs or r.ips, address)
		if row.mac and row.claimed and id == follow(row.id) then add_once(r.macs, row.mac) end
		-- what a router passes on into another VLAN does not make its sender a station of that
		local passes = row.via and row.id ~= inventory.id_of(address, vlan) and row.id ~= inventory.INTERNET
		if vlan ~= 0 and not passes then add_once(r.vlans, vlan) end
		if row.via and not passes then r.via = row.via end
		r.first = earlier(r.first, inventory.addresses:first { address, vlan })
		r.last = later(r.last, row.last)
		add_once(r.how, address .. " " .. row.how)
		for _, former in ipairs(row.was or {}) do
			local old = book.get(follow(former.id))
			if old ~= r then old.was[#old.was + 1] = { address = address, till = former.till, now = id, how = former.how } end
			old.last = later(old.last, former.till)
			old.first = earlier(old.first, former.from)
		end
	end
	for id, row in inventory.assets:pairs() do
		local r = book.by_id[follow(id)]
		if r then
			r.router, r.virtual, r.silent = r.router or row.router, r.virtual or row.virtual, row.silent
			r.behind = (r.behind or 0) + (row.behind or 0)
			for vlan in sorted(row.vlans or {}) do add_once(r.vlans, vlan) end
		end
	end
end

local function by_worth(a, b)
	if a.confidence ~= b.confidence then return a.confidence > b.confidence end
	if a.last ~= b.last then return a.last > b.last end
	return a.value < b.value
end

local function add_facts(book)
	for address, vlan, sub, key, source, list in inventory.facts:pairs() do
		for place, f in ipairs(list) do
			local id = inventory.owner(address, vlan, f.last)
			local r = id and book.by_id[id]
			if r then
				local place_of = r.facts
				if sub ~= "" then
					r.subs[sub] = r.subs[sub] or {}
					place_of = r.subs[sub]
				end
				local entries = place_of[key] or {}
				place_of[key] = entries
				entries[#entries + 1] = {
					value = f.value, confidence = f.confidence, source = source, first = f.first, last = f.last,
					sub = sub,
					address = address, former = place > 1 or nil,
				}
			end
		end
	end
	for _, r in ipairs(book.list) do
		for _, entries in pairs(r.facts) do table.sort(entries, by_worth) end
		for _, facts in pairs(r.subs) do
			for _, entries in pairs(facts) do table.sort(entries, by_worth) end
		end
	end
end

local function mark(t, key, peer)
	t[key] = t[key] or {}
	t[key][peer] = true
end

local function peer_of(r, id)
	local p = r.peers[id] or { packets = 0, bytes = 0, out = 0, services = {} }
	r.peers[id] = p
	return p
end

-- Calls f(from, to, link) for every pair and service in the time; link has names for the numbers.
function inventory.each_link(f, from, to)
	local L = inventory.LINK
	for day, orig, vlan, resp, proto, port, service, row in inventory.links:pairs() do
		if inventory.active(day, row, L, from, to) then
			f(inventory.owner(orig, vlan, row[L.last]), inventory.owner(resp, vlan, row[L.last]), {
				day = day, orig = orig, vlan = vlan, resp = resp, proto = proto, port = port,
				service = inventory.service_name(proto, port, service), understood = service ~= "" and service or nil,
				first = row[L.first], last = row[L.last], flows = row[L.flows],
				out_packets = row[L.out_packets], in_packets = row[L.in_packets], out_bytes = row[L.out_bytes],
				in_bytes = row[L.in_bytes], answer = row[L.answer] or row[L.in_bytes],
			})
		end
	end
end

function inventory.each_function(f, from, to)
	local F = inventory.FUNCTION
	for day, client, vlan, server, protocol, func, unit, row in inventory.functions:pairs() do
		if inventory.active(day, row, F, from, to) then
			f(inventory.owner(client, vlan, row[F.last]), inventory.owner(server, vlan, row[F.last]), {
				day = day, client = client, vlan = vlan, server = server, protocol = protocol, func = func,
				unit = unit >= 0 and unit or nil, first = row[F.first], last = row[F.last], count = row[F.count],
				errors = row[F.errors], unanswered = row[F.unanswered],
				op = row[F.op], category = row[F.category],
			})
		end
	end
end

-- Was there anything between the two times? Exact at a row's ends, by the hour between them.
function inventory.active(day, row, places, from, to)
	if not from then return true end
	local first, last = row[places.first], row[places.last]
	if last < from or first >= to then return false end
	if first >= from or last < to then return true end
	local start = day * DAY
	local a, b = math.max((from:seconds() - start) // 3600, 0), math.min((to:seconds() - start) // 3600, 23)
	for hour = a | 0, b | 0 do
		if row[places.hours] & 1 << hour ~= 0 then return true end
	end
	return false
end

-- How stations find each other says nothing of what they do.
local unsaid = { arp = true, icmp = true, icmp6 = true }

-- Services whose server takes what comes and need not say a word. Of all others a server is who answers more than that it is there.
local one_way = { jetdirect = true, lpd = true, syslog = true, mqtt = true, tcp = true, ["snmp-trap"] = true }
local function is_answered(link)
	return link.in_packets > 0 and (link.proto ~= 6 or link.answer > 0 or one_way[link.service] or not link.understood)
end

local function add_links(book, from, to)
	inventory.each_link(function(a, b, link)
		local x, y = a and book.by_id[a], b and book.by_id[b]
		local packets, bytes = link.out_packets + link.in_packets, link.out_bytes + link.in_bytes
		local is_service = is_answered(link) and (link.port ~= 0 or link.proto ~= 6) and not unsaid[link.service]
		if x and link.out_packets > 0 then x.spoken[link.service] = true end
		if y and link.in_packets > 0 then y.spoken[link.service] = true end
		if x then
			x.packets, x.bytes, x.sent = x.packets + packets, x.bytes + bytes, x.sent + link.out_packets
			if link.proto ~= inventory.NO_IP then x.spoke_ip = true end
			if is_service then mark(x.uses, link.service, b or tostring(link.resp)) end
			local unheard = link.in_packets == 0 and link.out_packets > 0 and link.proto == 6 and not b
			if unheard then x.knocked[tostring(link.resp)] = true end
			if link.proto == 6 and link.port == 0 then x.tried = math.max(x.tried, link.flows) end
		end
		if y and y ~= x then
			y.packets, y.bytes, y.sent = y.packets + packets, y.bytes + bytes, y.sent + link.in_packets
			if link.in_packets > 0 and link.proto ~= inventory.NO_IP then
				y.spoke_ip = true
				if is_service and link.port ~= 0 then mark(y.serves, link.service, a or tostring(link.orig)) end
				-- a protocol of plants that is known by its first bytes and not read
				if x ~= y and inventory.is_industrial_over_ip(link.understood) then
					mark(y.controlled, link.understood, a or tostring(link.orig))
					if x then mark(x.controls, link.understood, b) end
				end
			end
		end
		if x and y and x ~= y then
			for _, side in ipairs { { x, b, link.out_packets }, { y, a, link.in_packets } } do
				local p = peer_of(side[1], side[2])
				p.packets, p.bytes, p.out = p.packets + packets, p.bytes + bytes, p.out + side[3]
				p.services[link.service] = (p.services[link.service] or 0) + bytes
				p.first, p.last = earlier(p.first, link.first), later(p.last, link.last)
			end
		end
	end, from, to)
end

-- Protocols that tell of operations, too, without making a controller of who is asked.
local of_it = { dcerpc = true, mqtt = true, snmp = true }

local function add_functions(book, from, to)
	inventory.each_function(function(a, b, f)
		if of_it[f.protocol] then return end
		local x, y = a and book.by_id[a], b and book.by_id[b]
		-- what runs on one machine and asks itself shows no other role
		if x and x ~= y then
			mark(x.controls, f.protocol, b or tostring(f.server))
			local failed = f.errors + f.unanswered
			if failed < f.count then
				x.done[f.op] = (x.done[f.op] or 0) + f.count - failed
			else
				mark(x.refused, f.protocol, f.func)
			end
		end
		if y then
			mark(y.controlled, f.protocol, a or tostring(f.client))
			y.taken[f.op] = (y.taken[f.op] or 0) + f.count
			y.operations = y.operations + f.count
			if f.unit and f.unanswered < f.count then y.units = y.units or {} y.units[f.unit] = f.protocol end
		end
	end, from, to)
end

-- The owner's list by MAC address and by IP address.
local function ledger_index()
	local by_mac, by_ip = {}, {}
	for number, row in inventory.ledger:pairs() do
		for _, m in ipairs(row.macs or {}) do by_mac[m] = by_mac[m] or number end
		for _, ip in ipairs(row.ips or {}) do by_ip[ip] = by_ip[ip] or number end
	end
	return by_mac, by_ip
end

local function in_index(index, list)
	for _, a in ipairs(list) do
		if index[a] then return index[a] end
	end
end

-- Is one of these addresses in the owner's list? Returns the number of its row, and "MAC" or "IP".
function inventory.in_ledger(macs, ips)
	if #inventory.ledger == 0 then return nil end
	local by_mac, by_ip = ledger_index()
	local number = in_index(by_mac, macs)
	if number then return number, "MAC" end
	number = in_index(by_ip, ips)
	if number then return number, "IP" end
end

-- By MAC first; a row that one asset has by its MAC is no other's by an IP address.
local function add_ledger(book)
	if #inventory.ledger == 0 then return end
	local by_mac, by_ip = ledger_index()
	local taken = {}
	for _, pass in ipairs { { by_mac, "macs", "MAC" }, { by_ip, "ips", "IP" } } do
		for _, r in ipairs(book.list) do
			local number = not r.ledger and in_index(pass[1], r[pass[2]])
			if number and not taken[number] then
				r.ledger = { row = inventory.ledger:get(number), number = number, by = pass[3] }
				taken[number] = true
			end
		end
	end
end

local function add_owned(book)
	for id, field, said in inventory.owned:pairs() do
		local r = book.by_id[follow(id)]
		if r then r.owned[field] = said.value end
	end
end

-- Ids of the assets that have this address, in whatever VLAN, and all their addresses.
local function whose(address)
	local ids, addresses = {}, { [address] = true }
	local function each(f)
		for known, vlan, row in inventory.addresses:pairs() do f(known, follow(inventory.pinned:get { known, vlan } or row.id)) end
	end
	each(function(known, id) if known == address then ids[id] = true end end)
	each(function(known, id) if ids[id] then addresses[known] = true end end)
	return ids, addresses
end

-- What the owner says of the device that has this address: a list, by hand first, then in his list of devices.
function inventory.owner_says(address, field)
	local words = {}
	if #inventory.owned == 0 and #inventory.ledger == 0 then return words end
	local ids, addresses = whose(address)
	for id, name, said in inventory.owned:pairs() do
		if name == field and ids[follow(id)] then words[#words + 1] = said.value end
	end
	for _, row in inventory.ledger:pairs() do
		local is_his = in_index(addresses, row.macs or {}) or in_index(addresses, row.ips or {})
		if is_his and row[field] then words[#words + 1] = row[field] end
	end
	return words
end

-- All assets; their traffic, peers and functions are those of the time, where one is given.
function inventory.records(from, to)
	local book = { list = {}, by_id = {} }
	function book.get(id)
		local r = book.by_id[id]
		if not r then
			r = new_record(id)
			book.by_id[id] = r
			book.list[#book.list + 1] = r
		end
		return r
	end
	add_addresses(book)
	add_facts(book)
	add_links(book, from, to)
	add_functions(book, from, to)
	add_owned(book)
	add_ledger(book)
	for _, r in ipairs(book.list) do
		table.sort(r.ips)
		table.sort(r.macs)
		table.sort(r.vlans)
	end
	table.sort(book.list, inventory.in_order)
	return book.list, book.by_id
end

-- By first address, as addresses are counted; those without one behind.
function inventory.in_order(a, b)
	local x, y = a.ips[1], b.ips[1]
	if x and y and x ~= y then return x < y end
	if (x == nil) ~= (y == nil) then return x ~= nil end
	return a.id < b.id
end

-- ---------------------------------------------------------------------------- what is known of one

local function sub_order(a, b)
	local x, y = tonumber(a:match("(%d+)%D*$")), tonumber(b:match("(%d+)%D*$"))
	if x and y and x ~= y then return x < y end
	return a < b
end

function inventory.subs(r)
	local list = {}
	for sub in sorted(r.subs) do list[#list + 1] = sub end
	table.sort(list, sub_order)
	return list
end

-- What lies behind an address, in words: "1/2" is a route of CIP, port 1 of a module being the backplane.
function inventory.sub_label(sub)
	local slot, net, station = sub:match("^1/(%d+)$"), sub:match("^(%d+):(.+)$")
	return slot and "slot " .. slot .. " of the backplane" or net and "station " .. station .. " of network " .. net or sub
end

-- A station of another network, which a router of BACnet speaks for: "2001:10". Whatever it says of itself, the router is another device.
function inventory.is_elsewhere(sub)
	return sub:find("^%d+:") ~= nil
end

-- Things behind the address that have rows of their own. Network interfaces are none.
function inventory.things(r)
	local list = {}
	for _, sub in ipairs(inventory.subs(r)) do
		if not sub:find("^interface ") then list[#list + 1] = sub end
	end
	return list
end

-- Who is who, whatever else changes: two values of one source are two devices.
local identities = { "serial", "model", "order_number", "device_instance" }

local function says_otherwise(facts, inner)
	for _, key in ipairs(identities) do
		for _, mine in ipairs(facts[key] or {}) do
			for _, other in ipairs(inner[key] or {}) do
				if mine.source == other.source and mine.value ~= other.value then return true end
			end
		end
	end
	return false
end

-- The only thing behind an address is the asset itself, unless it lies in another network or the asset says that it is another: its facts.
local function inner_self(r)
	if r.inner == nil then
		local things = inventory.things(r)
		local facts = #things == 1 and not inventory.is_elsewhere(things[1]) and r.subs[things[1]]
		r.inner = facts and not says_otherwise(r.facts, facts) and facts or false
	end
	return r.inner
end

-- Things behind the address that are not the asset itself.
function inventory.behind(r)
	return inner_self(r) and {} or inventory.things(r)
end

-- The best value of a fact of the asset itself.
function inventory.best(r, key)
	local own, inner = r.facts[key] and r.facts[key][1], inner_self(r)
	inner = inner and inner[key] and inner[key][1]
	if own and inner then return by_worth(inner, own) and inner or own end
	return own or inner or nil
end

function inventory.value(r, key)
	local entry = inventory.best(r, key)
	return entry and entry.value
end

-- Keys of facts by what they are used for, the preferred first.
local keys_of = {}
for _, k in ipairs(fact_keys()) do
	keys_of[k.use] = keys_of[k.use] or {}
	table.insert(keys_of[k.use], k.key)
end

local function first_of(r, keys, least)
	for _, key in ipairs(keys) do
		local entry = inventory.best(r, key)
		if entry and entry.value ~= "" and entry.confidence >= least then return entry end
	end
end

-- Services with who speaks them and how much: { service, transport, ports, terminals, servers, clients, packets, bytes, first, last }.
function inventory.services(from, to)
	local found, rows = {}, {}
	inventory.each_link(function(a, b, link)
		local row = found[link.service]
		if not row then
			row = { service = link.service, transport = inventory.transport(link.proto), packets = 0, bytes = 0, s = {}, c = {},
				p = {} }
			found[link.service] = row
			rows[#rows + 1] = row
		end
		row.packets, row.bytes = row.packets + link.out_packets + link.in_packets, row.bytes + link.out_bytes + link.in_bytes
		row.first, row.last = earlier(row.first, link.first), later(row.last, link.last)
		if link.proto > 0 and link.port ~= 0 then row.p[link.port] = true end
		if link.out_packets > 0 and (a or inventory.is_station(link.orig)) then row.c[a or tostring(link.orig)] = true end
		if link.in_packets > 0 then row.s[b or tostring(link.resp)] = true end
	end, from, to)
	for _, row in ipairs(rows) do
		local all = {}
		for id in pairs(row.s) do all[id] = true end
		for id in pairs(row.c) do all[id] = true end
		row.terminals = inventory.size(all)
		row.servers, row.clients, row.ports = inventory.names(row.s), inventory.names(row.c), inventory.names(row.p)
		row.s, row.c, row.p = nil, nil, nil
	end
	table.sort(rows, function(x, y)
		if x.bytes ~= y.bytes then return x.bytes > y.bytes end
		return x.service < y.service
	end)
	return rows
end

-- A value of the process.
function inventory.shown_number(v)
	if not v then return nil end
	local whole = math.tointeger(v)
	return whole and tostring(whole) or string.format("%.6g", v)
end

-- What it is called: by its owner, by itself, by others.
function inventory.name(r)
	if r.owned.name then return r.owned.name end
	if r.ledger and r.ledger.row.name then return r.ledger.row.name end
	local entry = first_of(r, keys_of.name, 50) or first_of(r, keys_of.name, 0)
	return entry and entry.value
end

-- The maker of the device where it says so, else of its network interface.
function inventory.vendor(r)
	local said = inventory.best(r, "vendor")
	if said and said.confidence >= 80 and said.value ~= "" then return said.value end
	return inventory.mac_vendor(r)
end

-- The maker that a MAC address was assigned to, without what its registry entry ends in ("Siemens AG,").
function inventory.maker(mac)
	local vendor = mac:vendor()
	return vendor and (vendor:gsub("[%s,;]+$", ""))
end

function inventory.mac_vendor(r)
	for _, mac in ipairs(r.macs) do
		local vendor = inventory.maker(mac)
		if vendor then return vendor end
	end
end

function inventory.model(r)
	local entry = first_of(r, keys_of.model, 50)
	return entry and entry.value
end

local function collected(r, keys, into)
	local function add(facts)
		for _, key in ipairs(keys) do
			for _, e in ipairs(facts[key] or {}) do
				into[#into + 1] = { key = key, value = e.value, source = e.source, confidence = e.confidence }
			end
		end
	end
	add(r.facts)
	for _, sub in ipairs(inventory.subs(r)) do
		if not inventory.is_elsewhere(sub) then add(r.subs[sub]) end
	end
	return into
end

local embedded = { PLC = true, RTU = true, ["I/O device"] = true, IED = true, ["building controller"] = true, meter = true, CNC = true }
local GUESS = 30 -- percent: what fingerprints of handshakes reach

function inventory.os(r)
	if r.system == nil then
		local os = device.os(collected(r, keys_of.os, {}))
		-- controllers have network stacks of their own, which only look like a computer's
		if os.confidence <= GUESS and embedded[inventory.role(r).role] then
			os = { name = "unknown", confidence = 0, sources = {} }
		end
		r.system = os
	end
	return r.system
end

local function values(list)
	local out = {}
	for i, f in ipairs(list) do out[i] = f.value end
	return out
end

local function counted(t)
	local out = {}
	for key, peers in sorted(t) do
		out[key] = inventory.size(peers)
	end
	return out
end
inventory.counted = counted

-- How many different ones are in the sets of both tables.
local function distinct(a, b)
	local all = {}
	for _, t in ipairs { a, b } do
		for _, ids in pairs(t) do
			for id in pairs(ids) do all[id] = true end
		end
	end
	return inventory.size(all)
end

local function refused(r)
	local n = 0
	for _, functions in pairs(r.refused) do n = n + inventory.size(functions) end
	return n
end

-- Only a controller tells these of itself in the protocol of its engineering tool: the protocol, or nil.
local of_controllers = { s7comm = "order_number", s7comm_plus = "order_number", melsoft = "model", slmp = "model" }

local function controller(r)
	for source, key in sorted(of_controllers) do
		for _, e in ipairs(collected(r, { key }, {})) do
			if e.source == source then return source end
		end
	end
end

-- What it says of itself, and what others are told of it.
local SAID = 60 -- percent
local function stated(r, least, below)
	local found = {}
	for _, f in ipairs(collected(r, keys_of.role, {})) do
		if f.confidence >= least and f.confidence < (below or math.huge) then found[#found + 1] = f end
	end
	return found
end

function inventory.role(r)
	if r.owned.role then return { role = r.owned.role, roles = { r.owned.role }, reasons = { r.owned.role .. ": says its owner" } } end
	if r.roles == nil then
		r.roles = device.role {
			serves = counted(r.serves), asks = counted(r.uses), controlled = counted(r.controlled),
			controls = counted(r.controls),
			clients = distinct(r.serves, r.controlled), servers = distinct(r.uses, r.controls),
			taken = r.taken, done = r.done, behind = r.behind,
			refused = refused(r), knocked = inventory.size(r.knocked), tried = r.tried,
			claims = values(stated(r, SAID)), told = values(stated(r, 0, SAID)), controller = controller(r),
			text = values(collected(r, { "vendor", "model", "software", "description", "vendor_class" }, {})),
		}
		if r.virtual then
			r.roles = { role = "virtual router", roles = { "virtual router" },
				reasons = { "virtual router: its MAC address is one of " .. r.virtual } }
		elseif r.router and r.roles.role ~= "router" then
			table.insert(r.roles.roles, 1, "router")
			table.insert(r.roles.reasons, 1, "router: " .. r.router)
			local plain = { client = true, server = true, unknown = true }
			if plain[r.roles.role] then r.roles.role = "router" end
		end
	end
	return r.roles
end

-- Levels of the Purdue model (ISA-95, IEC 62443): 1 control, 2 supervision, 3 site operations, 4 enterprise, 5 internet.
local levels = {
	PLC = "1", RTU = "1", ["I/O device"] = "1", IED = "1", ["building controller"] = "1", HMI = "2",
	["engineering station"] = "2", ["data collector"] = "2", historian = "3", meter = "1", CNC = "1", ["OPC UA server"] = "2",
	["domain controller"] = "3", resolver = "3", ["DHCP server"] = "3", ["time server"] = "3", ["database server"] = "3",
	["file server"] = "3", ["log server"] = "3", ["mail server"] = "4", ["web server"] = "3", printer = "4", phone = "4",
}

function inventory.level(r)
	if r.owned.level then return tostring(r.owned.level) end
	if r.id == inventory.INTERNET then return "5" end
	return levels[inventory.role(r).role]
end

-- client, server or both: by who answered whom.
function inventory.kind(r)
	local serves, asks = next(r.serves) or next(r.controlled), next(r.uses) or next(r.controls)
	return serves and asks and "both" or serves and "server" or asks and "client" or nil
end

function inventory.protocols(r)
	local set, list = {}, {}
	for _, t in ipairs { r.serves, r.uses, r.controlled, r.controls } do
		for name in pairs(t) do set[name] = true end
	end
	for name in sorted(set) do list[#list + 1] = name end
	return list
end

-- First and last moment of which something is known; nil when nothing is.
function inventory.time_span()
	local first, last
	for address, vlan, row in inventory.addresses:pairs() do
		first, last = earlier(first, inventory.addresses:first { address, vlan }), later(last, row.last)
	end
	return first, last
end

-- What the owner should know of the inventory itself before he trusts a list: texts.
function inventory.warnings()
	local list = {}
	local times, limit = inventory.settings:get "refused" or 0, inventory.setting "terminal_limit"
	if times > 0 then
		list[1] = "The limit of " .. limit .. " terminals is reached: new ones are not taken up (seen " .. times .. " times). "
			.. "Raise it with: otoscope inventory setting terminal_limit N"
	end
	for _, name in ipairs { "addresses", "assets", "facts", "links", "functions", "history", "series" } do
		local lost = inventory[name]:evicted()
		if lost > 0 then list[#list + 1] = "The store of " .. name .. " is full: its " .. lost .. " oldest rows were given up" end
	end
	return list
end

-- Said beside a list of assets: what it lacks, and whose it is where it is empty.
function inventory.remark(rows)
	for _, text in ipairs(inventory.warnings()) do command.remark(text) end
	if #rows > 0 then return end
	local names, list, this = {}, state.sensors()
	for i, sensor in ipairs(list) do names[i] = "--sensor " .. sensor.name end
	if #names > 0 and not (#names == 1 and list[1].name == this) then
		command.remark("nothing is kept of the sensor " .. this .. "; there is something of others: " .. table.concat(names, ", "))
	end
end

-- ---------------------------------------------------------------------------- finding one

local function matches(r, who, address)
	if r.id == who then return true end
	for _, list in ipairs { r.ips, r.macs } do
		for _, a in ipairs(list) do
			if address and a == address then return true end
		end
	end
	local name = inventory.name(r)
	return name and name:lower() == who:lower() or false
end

function inventory.find(who, list)
	list = list or inventory.records()
	local ok, address = pcall(addr, who)
	local found = {}
	for _, r in ipairs(list) do
		if r.id == who then return r end
		if matches(r, who, ok and address) then found[#found + 1] = r end
	end
	if #found == 1 then return found[1] end
	if #found == 0 then error("nothing is known of " .. who .. "; otoscope inventory lists what is", 0) end
	local ids = {}
	for i, r in ipairs(found) do ids[i] = r.id end
	error("several are called " .. who .. ": " .. table.concat(ids, ", "), 0)
end

-- ---------------------------------------------------------------------------- what happened

local emitted = 0

-- One line of an asset's life, kept for a year. Numbers keep several of one moment apart.
function inventory.note(what, at)
	emitted = emitted + 1
	at = at or now()
	while inventory.history:has { at, emitted } do emitted = emitted + 1 end
	inventory.history:set({ at, emitted }, what)
end

return inventory
