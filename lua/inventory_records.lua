-- inventory_records.lua - the assets, read from the stores: every asset as a record with its addresses, facts, traffic and operations.

local inventory = require "inventory_services"
local DAY = 86400
local add_once, earlier, later = inventory.add_once, inventory.earlier, inventory.later

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

local function add_addresses(book)
	for address, vlan, row in inventory.addresses:pairs() do
		local id = inventory.owner(address, vlan)
		local r = book.get(id)
		add_once(address:family() == "mac" and r.macs or r.ips, address)
		if row.mac and row.claimed and id == inventory.follow(row.id) then add_once(r.macs, row.mac) end
		-- what a router passes on into another VLAN does not make its sender a station of that
		local passes = row.via and row.id ~= inventory.id_of(address, vlan) and row.id ~= inventory.INTERNET
		if vlan ~= 0 and not passes then add_once(r.vlans, vlan) end
		if row.via and not passes then r.via = row.via end
		r.first = earlier(r.first, inventory.addresses:first { address, vlan })
		r.last = later(r.last, row.last)
		add_once(r.how, address .. " " .. row.how)
		for _, former in ipairs(row.was or {}) do
			local old = book.get(inventory.follow(former.id))
			if old ~= r then old.was[#old.was + 1] = { address = address, till = former.till, now = id, how = former.how } end
			old.last = later(old.last, former.till)
			old.first = earlier(old.first, former.from)
		end
	end
	for id, row in inventory.assets:pairs() do
		local r = book.by_id[inventory.follow(id)]
		if r then
			r.router, r.virtual, r.silent = r.router or row.router, r.virtual or row.virtual, row.silent
			r.behind = (r.behind or 0) + (row.behind or 0)
			for vlan in sorted(row.vlans or {}) do add_once(r.vlans, vlan) end
		end
	end
end

-- Values of a fact: the best first.
local function by_worth(a, b)
	if a.confidence ~= b.confidence then return a.confidence > b.confidence end
	if a.last ~= b.last then return a.last > b.last end
	return a.value < b.value
end

inventory.by_worth = by_worth

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
		local r = book.by_id[inventory.follow(id)]
		if r then r.owned[field] = said.value end
	end
end

-- Ids of the assets that have this address, in whatever VLAN, and all their addresses.
local function whose(address)
	local ids, addresses = {}, { [address] = true }
	local function each(f)
		for known, vlan, row in inventory.addresses:pairs() do
			f(known, inventory.follow(inventory.pinned:get { known, vlan } or row.id))
		end
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
		if name == field and ids[inventory.follow(id)] then words[#words + 1] = said.value end
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

return inventory
