-- inventory_stores.lua - where the inventory keeps what it knows, its settings, and whose an address is: what those who fill it need.
--
-- Scripts require "inventory", which has all of this; the parts require what they stand on.

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
-- broadcast addresses of networks, known by the group MAC address that their packets go to
inventory.groups = state.set { name = "inventory_groups", key = "addr", max = 2000, expire = "31d" }
-- traffic over time: number of the minute, hour or day since 1970, service -> { packets, bytes }; the service "" is everything on the wire
inventory.series = {
	{ name = "minute", seconds = 60, max = 120000, expire = "1d" },
	{ name = "hour", seconds = 3600, max = 120000, expire = "400d" },
	{ name = "day", seconds = 86400, max = 40000, expire = "400d" },
}
for _, level in ipairs(inventory.series) do
	level.rows = state.map {
		name = "inventory_each_" .. level.name, key = { "int", "string" }, max = level.max, expire = level.expire,
	}
end
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

-- Rows of links and functions are lists of numbers, so that many fit: the place of each by its name, and under `how`, what map:fold does
-- with them.
local function columns(text)
	local places, how = {}, {}
	for name, letter in text:gmatch "([%a_]+)(%p)" do
		how[#how + 1], places[name] = letter, #how + 1
	end
	places.how = table.concat(how)
	return places
end

inventory.LINK = columns "first< last> hours| flows+ out_packets+ in_packets+ out_bytes+ in_bytes+ answer+"
inventory.FUNCTION = columns "first< last> hours| count+ errors+ unanswered+ op= category="

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

-- Whose an id is now, where it was merged by hand.
function inventory.follow(id)
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
		if at <= former.till then return inventory.follow(former.id) end
	end
	return inventory.follow(row.id)
end

-- ---------------------------------------------------------------------------- helpers

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

local HOUR, MANY = 3600000000000, 10000

local function each_hour(write)
	after(time(0, (now():ns() // HOUR + 1) * HOUR) - now(), function()
		each_hour(write)
		write()
	end)
end

-- Calls write() before somebody asks or the state is saved: what scripts count in between goes to the stores. Before a counting table gets
-- full, it is written and begins anew.
function inventory.when_asked(write, counted)
	if counted then
		every("1m", function()
			if #counted < MANY then return end
			write()
			counted:clear()
		end)
	end
	on("question", write)
	on("finish", write)
end

-- And each hour: where rows are of days, no batch lasts from one hour into the next.
function inventory.now_and_then(write, counted)
	after("0s", function() each_hour(write) end)
	inventory.when_asked(write, counted)
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
