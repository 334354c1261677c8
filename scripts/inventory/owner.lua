-- owner.lua - what the owner says: of assets, of services, of what belongs together, and of what shall be forgotten.
local inventory = require "inventory"
local period = require "period"

local fields = { "name", "place", "note", "importance", "role", "level", "contact", "type", "block" }

local function is_field(name)
	for _, field in ipairs(fields) do
		if field == name then return true end
	end
	return false
end

command.new {
	name = "inventory set", doc = "Say something about an asset that traffic cannot tell: place, note, importance ...", writes = true,
	args = {
		{ "who", "string", "its address, MAC address, name or id" }, { "field", "string", table.concat(fields, ", ") },
		{ "value", "string", "empty to take it back" },
	},
	run = function(args)
		if not args.field then
			error("say whom, which field and what: otoscope inventory set 192.168.10.11 place \"Hall 2\"", 0)
		end
		if not is_field(args.field) then error("no field " .. args.field .. "; there are " .. table.concat(fields, ", "), 0) end
		local r = inventory.find(args.who)
		if not args.value or args.value == "" then
			inventory.owned:remove { r.id, args.field }
			print(r.id .. ": " .. args.field .. " taken back")
			return
		end
		inventory.owned:set({ r.id, args.field }, { value = args.value, when = now() })
		print(r.id .. ": " .. args.field .. " is " .. args.value)
	end,
}

command.new {
	name = "inventory merge", doc = "Two assets are one: the second becomes part of the first.", writes = true,
	args = { { "who", "string", "the asset" }, { "other", "string", "what is the same device" } },
	run = function(args)
		if not args.other then error("say which two: otoscope inventory merge WHO OTHER", 0) end
		local list = inventory.records()
		local a, b = inventory.find(args.who, list), inventory.find(args.other, list)
		if a == b then error("one asset already: " .. a.id, 0) end
		inventory.merged:set(b.id, a.id)
		inventory.note { event = "merged", id = a.id, what = "by hand", was = b.id, is = a.id, evidence = "says the owner" }
		print(b.id .. " is part of " .. a.id .. " from now on; inventory split " .. b.id .. " undoes it")
	end,
}

local function unmerge(id)
	inventory.merged:remove(id)
	inventory.note { event = "split", id = id, what = "by hand", is = id, evidence = "says the owner" }
	print(id .. " is an asset of its own again")
end

-- Makes an address an asset of its own: by undoing the merge that its asset was in, else by pinning the address, else by taking that back.
local function take_out(address, vlan, row)
	local own = inventory.id_of(address, vlan)
	if inventory.pinned:has { address, vlan } then
		inventory.pinned:remove { address, vlan }
		print(own .. " belongs to " .. row.id .. " again")
	elseif inventory.merged:has(row.id) then
		unmerge(row.id)
	else
		inventory.pinned:set({ address, vlan }, own == row.id and own .. " (split)" or own)
		inventory.note { event = "split", id = own, what = "by hand", was = row.id, is = own, evidence = "says the owner" }
		print(own .. " is an asset of its own from now on")
	end
end

command.new {
	name = "inventory split", doc = "Take an address out of an asset, or undo a merge.", writes = true,
	args = { { "what", "string", "an address, or the id that was merged" } },
	run = function(args)
		if not args.what then error("say which address: otoscope inventory split 192.168.10.14", 0) end
		if inventory.merged:has(args.what) then return unmerge(args.what) end
		local ok, address = pcall(addr, args.what)
		if not ok then error("no address, and not merged: " .. args.what, 0) end
		local n = 0
		for known, vlan, row in inventory.addresses:pairs() do
			if known == address then
				take_out(address, vlan, row)
				n = n + 1
			end
		end
		if n == 0 then error("nobody was seen with the address " .. args.what, 0) end
	end,
}

command.new {
	name = "service name", doc = "Call a port by a name of your own: service name 5001/tcp MELSEC.", writes = true,
	args = { { "port", "string", "5001/tcp" }, { "name", "string", "empty to take it back" } },
	run = function(args)
		local number, transport = (args.port or ""):match("^(%d+)/(%a+)$")
		if transport ~= "tcp" and transport ~= "udp" then
			error("say which port and how it is called: otoscope service name 5001/tcp MELSEC", 0)
		end
		number = math.tointeger(tonumber(number))
		if number > 65535 then error("ports end at 65535", 0) end
		if not args.name or args.name == "" then
			inventory.service_names:remove { number, transport }
			print(args.port .. " has its usual name again")
		else
			inventory.service_names:set({ number, transport }, args.name)
			print(args.port .. " is called " .. args.name)
		end
	end,
}

command.new {
	name = "service list", doc = "The names that the owner gave to ports.",
	columns = { { "port", "port", "number" }, { "transport", "string", "tcp or udp" }, { "name", "string", "what it is called" } },
	run = function()
		local rows = {}
		for port, transport, name in inventory.service_names:pairs() do
			rows[#rows + 1] = { port = port, transport = transport, name = name }
		end
		return rows
	end,
}

-- ---------------------------------------------------------------------------- settings

local function checked(name, value)
	if name == "internet" then
		if value ~= "show" and value ~= "hide" and value ~= "collapse" then error("internet is show, hide or collapse", 0) end
		return value
	end
	if name == "silent_after" then
		local ok, span = pcall(interval, value)
		if not ok then error("silent_after is a time span such as 8h or 1d", 0) end
		return span:seconds()
	end
	local number = math.tointeger(tonumber(value))
	if not number or number < 1 then error(name .. " is a number from 1", 0) end
	return number
end

command.new {
	name = "inventory setting", doc = "Show the inventory's settings, or change one.", writes = true,
	args = { { "name", "string", "terminal_limit, silent_after, internet" }, { "value", "string", "its new value" } },
	run = function(args)
		local known = false
		for _, name in ipairs(inventory.setting_names()) do
			known = known or name == args.name
			if not args.name then print(string.format("%-16s %s", name, inventory.setting(name))) end
		end
		if not args.name then return end
		if not known then error("there is no setting " .. args.name .. "; there are "
			.. table.concat(inventory.setting_names(), ", "), 0) end
		if args.value then inventory.settings:set(args.name, checked(args.name, args.value)) end
		if args.name == "terminal_limit" and args.value then inventory.settings:remove "refused" end
		print(args.name .. " is " .. inventory.setting(args.name))
	end,
}

-- ---------------------------------------------------------------------------- forgetting

-- Rows of links and functions: their keys have seven parts.
local function forget_rows(store, places, from, to)
	local n = 0
	for k1, k2, k3, k4, k5, k6, k7, row in store:pairs() do
		if row[places.first] >= from and row[places.last] < to then
			store:remove { k1, k2, k3, k4, k5, k6, k7 }
			n = n + 1
		end
	end
	return n
end

-- What was seen at no other time is no longer known.
local function forget_addresses(from, to)
	local n = 0
	for address, vlan, row in inventory.addresses:pairs() do
		local first = inventory.addresses:first { address, vlan }
		if first >= from and row.last < to then
			inventory.addresses:remove { address, vlan }
			inventory.assets:remove(row.id)
			n = n + 1
		end
	end
	for address, vlan, sub, key, source, list in inventory.facts:pairs() do
		local kept = {}
		for _, f in ipairs(list) do
			if f.first < from or f.last >= to then kept[#kept + 1] = f end
		end
		local place = { address, vlan, sub, key, source }
		if #kept == 0 then inventory.facts:remove(place) elseif #kept < #list then inventory.facts:set(place, kept) end
	end
	return n
end

local function forget_series(from, to)
	for _, level in ipairs(inventory.series) do
		for number, service in level.rows:pairs() do
			local begins = time(number * level.seconds)
			if begins >= from and begins + interval(level.seconds) <= to then level.rows:remove { number, service } end
		end
	end
end

-- Registers and programs: a row tells its first and last time.
local function forget_process(from, to)
	for server, vlan, unit, protocol, target, op, row in inventory.targets:pairs() do
		if row.first >= from and row.last < to then inventory.targets:remove { server, vlan, unit, protocol, target, op } end
	end
	for at, number in inventory.programs:pairs() do
		if at >= from and at < to then inventory.programs:remove { at, number } end
	end
end

command.new {
	name = "inventory forget", doc = "Delete what was seen in a period, out of all lists and views.", writes = true,
	args = { { "period", "string", "2026-01-31, 2026-01, 2026-01-31..2026-02-07; whole days are exact" } },
	run = function(args)
		if not args.period then error("say which time: otoscope inventory forget 2026-01-31, or 2026-01..2026-02", 0) end
		local first, last = inventory.time_span()
		if not first then error("nothing was seen yet", 0) end
		local from, to = period.parse(args.period, first, last)
		local links = forget_rows(inventory.links, inventory.LINK, from, to)
		local functions = forget_rows(inventory.functions, inventory.FUNCTION, from, to)
		local addresses = forget_addresses(from, to)
		forget_series(from, to)
		forget_process(from, to)
		for at, number in inventory.history:pairs() do
			if at >= from and at < to then inventory.history:remove { at, number } end
		end
		raise("inventory.edited", { what = "forgotten: " .. args.period })
		print(string.format("forgotten: %d addresses, %d rows of traffic, %d of functions", addresses, links, functions))
	end,
}
