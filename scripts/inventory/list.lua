-- list.lua - the inventory on the command line: the list, one asset, two periods compared, what the owner says, merging and splitting.
local inventory = require "inventory"
local size, names, texts = inventory.size, inventory.names, inventory.texts

local UNSURE = 40 -- percent: the name of a system that is only guessed gets a question mark

local columns = {
	{ "ip", "addr", "first address" }, { "mac", "mac", "MAC address; of an asset beyond a router, the router's is not its own" },
	{ "name", "string", "as its owner, it itself, or others call it" },
	{ "vendor", "string", "maker: as it says, or of its MAC address" },
	{ "role", "string", "by what it does" }, { "model", "string", "as it says" }, { "firmware", "string", "as it says" },
	{ "protocols", "string[]", "spoken with others" }, { "os", "string", "operating system" }, { "last", "time", "last seen" },
}
local all_columns = {
	{ "id", "string", "how commands call it" }, { "addresses", "string[]", "all IP addresses" },
	{ "macs", "string[]", "all MAC addresses" },
	{ "vlans", "u32[]", "VLANs" }, { "sub", "string", "what is behind the address" }, { "kind", "string", "server, client or both" },
	{ "level", "string", "of the Purdue model" }, { "roles", "string[]", "all roles" },
	{ "mac_vendor", "string", "maker of the interface" },
	{ "os_confidence", "count", "percent" }, { "device_type", "string", "as it says" }, { "order_number", "string", "as it says" },
	{ "serial", "string", "as it says" }, { "hardware", "string", "hardware version" }, { "via", "mac", "router before it" },
	{ "serves", "string[]", "services it offers" }, { "uses", "string[]", "services it uses" },
	{ "controlled", "string[]", "OT protocols by which it is asked" }, { "controls", "string[]", "OT protocols by which it asks" },
	{ "peers", "count", "assets it speaks with" }, { "packets", "count", "in and out" }, { "bytes", "count", "in and out" },
	{ "first", "time", "first seen" }, { "silent", "bool", "not seen for long" }, { "spoke_ip", "bool", "seen in IP traffic" },
	{ "place", "string", "says its owner" }, { "note", "string", "says its owner" }, { "importance", "string", "says its owner" },
	{ "ledger", "string", "in the owner's list: matched or not in ledger" },
}

local function filled(list)
	return #list > 0 and list or nil
end

local function known_os(r)
	local os = inventory.os(r)
	if os.name == "unknown" then return nil end
	return os.confidence < UNSURE and os.name .. "?" or os.name, os.confidence
end

local function row_of(r)
	local role, os, os_confidence = inventory.role(r), known_os(r)
	local function said(field) return r.owned[field] or r.ledger and r.ledger.row[field] end
	return {
		id = r.id, ip = r.ips[1], mac = r.macs[1], addresses = texts(r.ips), macs = texts(r.macs),
		vlans = filled(r.vlans), name = inventory.name(r),
		vendor = inventory.vendor(r), mac_vendor = inventory.mac_vendor(r), role = role.role ~= "unknown" and role.role or nil,
		roles = role.roles, kind = inventory.kind(r), level = inventory.level(r), os = os, os_confidence = os_confidence,
		model = inventory.model(r), device_type = inventory.value(r, "device_type"),
		order_number = inventory.value(r, "order_number"),
		serial = inventory.value(r, "serial"), firmware = inventory.value(r, "firmware"), hardware = inventory.value(r, "hardware"),
		protocols = filled(inventory.protocols(r)), serves = names(r.serves), uses = names(r.uses),
		controlled = names(r.controlled),
		controls = names(r.controls), peers = size(r.peers), packets = r.packets, bytes = r.bytes, first = r.first, last = r.last,
		silent = r.silent, spoke_ip = r.spoke_ip, via = r.via, place = said("place"), note = said("note"),
		importance = said("importance"),
		ledger = #inventory.ledger > 0 and (r.ledger and "matched by " .. r.ledger.by or "not in ledger") or nil,
	}
end

-- What lies behind the address of an asset and is not the asset itself.
local function sub_rows(r, rows)
	for _, sub in ipairs(inventory.behind(r)) do
		local facts, row = r.subs[sub], { id = r.id .. "/" .. sub, sub = sub, ip = r.ips[1], mac = r.macs[1] }
		local function value(key) return facts[key] and facts[key][1].value end
		row.name = value "station_name" or value "module_name" or value "hostname" or sub
		row.vendor, row.firmware, row.serial, row.hardware = value "vendor", value "firmware", value "serial", value "hardware"
		row.model = value "model" or value "product" or value "order_number"
		row.order_number, row.device_type = value "order_number", value "device_type"
		for _, entries in sorted(facts) do
			for _, e in ipairs(entries) do
				row.first, row.last = inventory.earlier(row.first, e.first), inventory.later(row.last, e.last)
			end
		end
		rows[#rows + 1] = row
	end
end

local function all_rows(from, to)
	local rows, internet = {}, inventory.setting "internet"
	for _, r in ipairs(inventory.records(from, to)) do
		if #r.ips + #r.macs > 0 and (r.id ~= inventory.INTERNET or internet == "collapse") then
			local row = row_of(r)
			if r.id == inventory.INTERNET then
				row = {
					id = r.id, name = r.id, role = "internet", level = "5", peers = row.peers, packets = row.packets,
					bytes = row.bytes,
					protocols = row.protocols, first = row.first, last = row.last, note = #r.ips .. " addresses",
				}
			end
			rows[#rows + 1] = row
			sub_rows(r, rows)
		end
	end
	inventory.remark(rows)
	return rows
end

local function both(a, b)
	local list = {}
	for _, c in ipairs(a) do list[#list + 1] = c end
	for _, c in ipairs(b) do list[#list + 1] = c end
	return list
end

local function project(rows)
	for _, row in ipairs(rows) do
		for _, c in ipairs(all_columns) do row[c[1]] = nil end
	end
	return rows
end

command.new {
	name = "inventory", doc = "All assets: a table that fits the terminal. `inventory full` has every column.",
	columns = columns, run = function() return project(all_rows()) end,
}
command.new {
	name = "inventory full", doc = "All assets with every column: for --csv, --json and --where.",
	columns = both(columns, all_columns), run = function() return all_rows() end,
}

-- Every value with who says so: for reports, and to compare with what packets say.
command.new {
	name = "inventory facts", doc = "Everything that packets revealed of assets: each value with source, confidence and time.",
	args = { { "key", "string", "only this: model, serial, firmware, hostname ..." } },
	columns = {
		{ "id", "string", "the asset" }, { "ip", "addr", "address that the packet was of" }, { "mac", "mac", "or its MAC address" },
		{ "sub", "string", "what is behind the address" }, { "key", "string", "what" }, { "value", "string", "its value" },
		{ "source", "string", "who says so" }, { "confidence", "count", "percent" },
		{ "current", "bool", "what the source says now" },
		{ "first", "time", "first said" }, { "last", "time", "last said" },
	},
	run = function(args)
		local rows = {}
		for address, vlan, sub, key, source, list in inventory.facts:pairs() do
			for place, f in ipairs(not args.key and list or args.key == key and list or {}) do
				local is_mac = address:family() == "mac"
				rows[#rows + 1] = {
					id = inventory.owner(address, vlan, f.last), ip = not is_mac and address or nil, mac = is_mac
					and address or nil,
					sub = sub ~= "" and sub or nil, key = key, value = f.value, source = source,
					confidence = f.confidence, current = place == 1,
					first = f.first, last = f.last,
				}
			end
		end
		return rows
	end,
}
