-- inventory_known.lua - what is known of one asset: its name, maker, model, system, role and level, each the best of what was seen.

local device = require "device"
local inventory = require "inventory_records"
local earlier, later = inventory.earlier, inventory.later

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
	if own and inner then return inventory.by_worth(inner, own) and inner or own end
	return own or inner or nil
end

function inventory.value(r, key)
	local entry = inventory.best(r, key)
	return entry and entry.value
end

-- Keys of facts by what they are used for, the preferred first. Sorted out when somebody asks: most who require this do not.
local by_use

local function keys_of(use)
	if not by_use then
		by_use = {}
		for _, k in ipairs(fact_keys()) do
			by_use[k.use] = by_use[k.use] or {}
			table.insert(by_use[k.use], k.key)
		end
	end
	return by_use[use]
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
	local entry = first_of(r, keys_of "name", 50) or first_of(r, keys_of "name", 0)
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
	local entry = first_of(r, keys_of "model", 50)
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
		local os = device.os(collected(r, keys_of "os", {}))
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
	for _, f in ipairs(collected(r, keys_of "role", {})) do
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

return inventory
