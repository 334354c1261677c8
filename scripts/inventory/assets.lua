-- assets.lua - who is on this network: what shows that somebody is there, what packets reveal of him, and who fell silent.
--
-- Which addresses are one asset is decided by lua/stations.lua. What lies behind an address (rack 0 slot 2, unit 3) is kept under it.
--
-- Raises asset.new, asset.changed, asset.moved and asset.silent, and writes them to asset_history.log.
local below = require "below"
local inventory = require "inventory"
local memo = require "memo"
local silence = require "silence"
local stations = require "stations"
local assets, facts = inventory.assets, inventory.facts
local bind, tell = stations.bind, stations.tell
local known, known_station, station = stations.known, stations.known_station, stations.station

local MOST_VALUES = 8            -- of a fact from one source; the oldest goes
local CACHE = 20000
local MOST, MANY = 50000, 10000  -- that are counted; that wait until they are looked at

-- ---------------------------------------------------------------------------- what shows that somebody is there

local function vlan_of(e)
	return e.vlan or 0
end

-- Most packets are of somebody known, with the MAC address that he had: they are counted, and looked at when it matters when he was seen
-- last. Lua hears of who is new, and now and then of addresses that come with several MAC addresses or were not taken up.
local senders = tally.new { keys = 3, sum = { "last" }, again = "10s", rivals = 2, max = MOST }

-- Something is told of the broadcast address of a network: its MAC address says so; where no station has one, how it ends.
local BROADCAST <const> = addr "ff:ff:ff:ff:ff:ff"
local function is_all(ip, mac)
	return mac == BROADCAST or not (mac and inventory.is_station(mac)) and tostring(ip):find "%.255$" ~= nil
end

function stations.counted(ip, vlan, mac)
	local row = not is_all(ip, mac) and (senders:get(ip, vlan ~= 0 and vlan or nil, mac) or vlan == 0 and senders:get(ip, 0, mac))
	if row then return row.total, row:latest_time_of "last" end
end

-- Whose an address is that nobody was seen to have is judged once it is known of all others when they were seen last.
local unclear = false -- was somebody counted who has none that others know him by?

local function see_senders()
	local unknown = {}
	unclear = false
	for ip, vlan, mac, row in senders:take() do
		local last = row:latest_time_of "last"
		if not is_all(ip, mac) and not stations.see_again(ip, vlan or 0, mac, last) then
			if not known(ip, vlan or 0) then
				unknown[#unknown + 1] = { ip, vlan or 0, mac, last }
			elseif mac then
				known_station(mac, vlan or 0, last) -- the address is another's, but who sent is there
			end
		end
	end
	for _, u in ipairs(unknown) do stations.see(table.unpack(u, 1, 4)) end
end

local function see(ip, vlan, mac, ts, claimed)
	local id = stations.see_again(ip, vlan, mac, ts, claimed)
	if id then return id end
	if unclear then see_senders() end
	return stations.see(ip, vlan, mac, ts, claimed)
end

-- Is it clear now whose the address is?
local function sends(ip, vlan, mac, ts)
	see(ip, vlan, mac, ts)
	local b = known(ip, vlan)
	return b and b.mac == mac or not inventory.is_station(ip)
end

-- The first packet of a flow may be an answer: who sent it is there, not who opened it.
senders:count {
	on = "flow.new", where = "orig_h and is_orig", key = { "orig_h", "vlan", "orig_mac" }, sum = { "ts" },
	new = function(e) return sends(e.orig_h, vlan_of(e), e.orig_mac, e.ts) end,
}
senders:count {
	on = "flow.new", where = "resp_h and not is_orig", key = { "resp_h", "vlan", "resp_mac" }, sum = { "ts" },
	new = function(e) return sends(e.resp_h, vlan_of(e), e.resp_mac, e.ts) end,
}
senders:count {
	on = "conn_delta", where = "orig_pkts > 0", key = { "orig_h", "vlan", "orig_l2_addr" }, sum = { "last" },
	new = function(e) return sends(e.orig_h, vlan_of(e), e.orig_l2_addr, e.last) end,
}
senders:count {
	on = "conn_delta", where = "resp_pkts > 0", key = { "resp_h", "vlan", "resp_l2_addr" }, sum = { "last" },
	new = function(e) return sends(e.resp_h, vlan_of(e), e.resp_l2_addr, e.last) end,
}

-- What an ARP station claims says more, and comes with the same packet.
on("flow.new", "not orig_h and orig_mac and not ethertype == 0x0806", function(e)
	local mac = e.is_orig == false and e.resp_mac or e.orig_mac
	if not mac or not inventory.is_station(mac) then return end
	local vlan = vlan_of(e)
	local id = station(mac, vlan, e.ts, "sends frames of " .. inventory.service_name(inventory.NO_IP, e.ethertype, ""))
	if id and vlan ~= 0 then stations.in_vlan(id, mac, vlan, e.ts) end
end)

-- A long connection goes on in another VLAN: its station was plugged in elsewhere.
on("flow.vlan_changed", "now", function(e)
	local mac = e.orig_mac
	if e.is_orig == false then mac = e.resp_mac end
	if not mac or not inventory.is_station(mac) then return end
	local b = known(mac, inventory.segment(mac, e.now))
	if b then stations.in_vlan(b.id, mac, e.now, e.ts) end
end)

-- The same of stations that send frames without IP.
local frames = tally.new { keys = 2, sum = { "last" }, again = "10s", rivals = 2, max = MOST }

local function sends_frames(mac, e)
	if not inventory.is_station(mac) or known_station(mac, vlan_of(e), e.last) then return true end
	local service = inventory.service_name(inventory.NO_IP, e.ethertype or 0, e.service or e.type)
	return station(mac, vlan_of(e), e.last, "sends frames of " .. service) ~= nil
end
frames:count {
	on = "eth.delta", where = "orig_mac and orig_pkts > 0", key = { "orig_mac", "vlan" }, sum = { "last" },
	new = function(e) return sends_frames(e.orig_mac, e) end,
}
frames:count {
	on = "eth.delta", where = "resp_mac and resp_pkts > 0", key = { "resp_mac", "vlan" }, sum = { "last" },
	new = function(e) return sends_frames(e.resp_mac, e) end,
}

-- And of those without an address who say something, as clients of DHCP do.
local speakers = tally.new { keys = 2, max = MOST }
speakers:count { on = "asset.fact", where = "key != ip and not ip and mac", key = { "mac", "vlan" } }

-- Most of what stations announce to be their address is known to be. Who is not taken up, or disputes it, is heard each time.
local announced = tally.new { keys = 3, again = "1us", rivals = 3, max = MOST }

-- The address that stands there; false: it is none of IP.
local address_of = memo(function(text)
	local ok, ip = pcall(addr, text)
	return ok and ip:family() ~= "mac" and ip
end)

function stations.announced(ip, vlan, mac)
	local text = mac and tostring(ip)
	local row = text and (announced:get(text, vlan ~= 0 and vlan or nil, mac) or vlan == 0 and announced:get(text, 0, mac))
	return row and row.last
end

local function see_announced()
	local is_all_known = true
	for text, vlan, mac, row in announced:take() do
		local ip = address_of(text)
		local b = ip and known(ip, vlan or 0)
		if not b then
			is_all_known = false
		elseif b.claimed and row.last > b.last then
			stations.see_again(ip, vlan or 0, mac, row.last, true)
		end
	end
	if not is_all_known then announced:clear() end
end

-- What others announce again says something new now, and so do packets of who had the address before.
function stations.moved(ip, vlan)
	see_announced()
	announced:clear()
	senders:renew(ip, vlan)
	if vlan == 0 then senders:renew(ip) end
end

local function see_all()
	see_announced()
	see_senders()
	for mac, vlan, row in frames:take() do known_station(mac, vlan or 0, row:latest_time_of "last") end
	for mac, vlan, row in speakers:take() do known_station(mac, vlan or 0, row.last) end
end

-- ---------------------------------------------------------------------------- what packets reveal

-- Facts of which a device has one: another value means that the device, its software or its configuration is another.
local single = {}
for _, k in ipairs(fact_keys()) do single[k.key] = k.single end
local several_types = { ssdp = true, wsd = true } -- a device announces all the devices that it holds
local LEAST = 80 -- percent; a guess that changes is no news

local function place_of(list, value)
	for i, f in ipairs(list) do
		if f.value == value then return i end
	end
end

-- Rows of the store as they are now: subject -> VLAN -> sub -> key -> source -> row; those that changed are written before somebody asks or
-- the state is saved.
local rows_of, nrows, unwritten = {}, 0, {}

local function write_facts()
	for _, row in ipairs(unwritten) do
		facts:set(row.key, row.list)
		row.waits = nil
	end
	unwritten = {}
end

local function row_of(subject, vlan, sub, key, source)
	local of_key = below(below(below(below(rows_of, subject), vlan), sub), key)
	local row = of_key[source]
	if row then return row end
	if nrows >= CACHE then
		write_facts()
		rows_of, nrows = {}, 0
		return row_of(subject, vlan, sub, key, source)
	end
	row = { key = { subject, vlan, sub, key, source } }
	row.list = facts:get(row.key) or {}
	of_key[source], nrows = row, nrows + 1
	return row
end

local function wait(row)
	if row.waits then return end
	row.waits = true
	unwritten[#unwritten + 1] = row
end

-- What is said again and again, whoever else says something else and however sure it is, is counted: of that only the time is news. Hints
-- differ all the time (the names of a web server), and no change of them is told: which came last is seen by their times.
local said = tally.new { keys = 8, again = "1m", rivals = 5, apart = 7, max = MOST }
local hints = tally.new { keys = 8, again = "1m", rivals = 7, apart = 7, max = MOST }
local subs = state.set { name = "inventory_subs", key = { "addr", "int", "string" }, max = 20000 }

-- Whose fact it is, and the VLAN in which he is unique.
local function subject_of(ip, mac, vlan)
	if ip and inventory.is_station(ip) then return ip, vlan end
	if mac and inventory.is_station(mac) then return mac, inventory.segment(mac, vlan) end
end

-- The row of the store, and what it has of the value.
local function told_again(from, vlan, sub, key, source, mac, value, last)
	local is_mac = from:family() == "mac"
	local subject, segment = subject_of(not is_mac and from or nil, is_mac and from or mac, vlan)
	if not subject then return end
	if sub and subs:has { subject, segment, sub } then subs:add { subject, segment, sub } end
	local row = row_of(subject, vlan, sub or "", key, source)
	local f = row.list[place_of(row.list, value)]
	if f and last > f.last then
		f.last = last
		wait(row)
	end
	return row, f
end

-- What was told last comes first; what was told together stays as it was.
local function sort_by_last(list)
	for i = 2, #list do
		local f, place = list[i], i
		while place > 1 and f.last > list[place - 1].last do
			list[place], place = list[place - 1], place - 1
		end
		list[place] = f
	end
	for i = #list, MOST_VALUES + 1, -1 do list[i] = nil end
end

local function learn_times()
	for from, vlan, sub, key, source, mac, value, _, told in said:take() do
		told_again(from, vlan or 0, sub, key, source, mac, value, told.last)
	end
	local rows = {}
	for from, vlan, sub, key, source, mac, value, confidence, told in hints:take() do
		local row, f = told_again(from, vlan or 0, sub, key, source, mac, value, told.last)
		if row and not f then -- it had to go when there were too many
			table.insert(row.list, { value = value, confidence = confidence, first = told.first, last = told.last })
			wait(row)
		end
		rows[#rows + 1] = row
	end
	for _, row in ipairs(rows) do sort_by_last(row.list) end
end

-- Is it somebody else's value? The address had another owner then.
local function was_others(b, was)
	for _, former in ipairs(b.was or {}) do
		if was.last <= former.till then return true end
	end
	return false
end

-- What he said again was counted, perhaps.
local function said_since(b, e, was)
	for _, mac in ipairs { b.mac or e.mac, e.mac } do
		local told = said:get(e.ip or mac, e.vlan, e.sub, e.key, e.source, e.ip and mac, was.value, was.confidence)
		if told and told.last > was.last then was.last = told.last end
	end
end

local function changed(subject, id, e, was)
	if not id or not single[e.key] or e.confidence < LEAST then return end
	if e.key == "device_type" and several_types[e.source] then return end
	local b = known(subject, vlan_of(e))
	if b and was_others(b, was) then
		said_since(b, e, was)
		if was_others(b, was) then return end
	end
	tell("changed", {
		id = id, ip = e.ip, mac = e.mac, sub = e.sub, what = e.key, was = was.value, is = e.value, evidence = e.source,
	})
end

local function learn(subject, id, e)
	local value = e.value
	local row = row_of(subject, vlan_of(e), e.sub or "", e.key, e.source)
	local list = row.list
	local f, was = list[1], nil
	if not f or f.value ~= value then
		local place = place_of(list, value)
		was, f = f, place and table.remove(list, place) or { value = value, first = e.ts }
		table.insert(list, 1, f)
		list[MOST_VALUES + 1] = nil
	end
	f.confidence, f.last = math.max(e.confidence, f.confidence or 0), e.ts
	wait(row)
	if was then changed(subject, id, e, was) end
end

-- A switch or controller sends LLDP with the MAC address of the port and names that of the device: one asset, once both have spoken.
-- Addresses that are not unique to a device join nothing.
local function join_chassis(id, port, e)
	local ok, chassis = pcall(addr, e.value)
	local vlan = vlan_of(e)
	if not ok or chassis:family() ~= "mac" or chassis == port or not inventory.is_station(chassis) then return id end
	if inventory.virtual_mac(chassis) or inventory.virtual_mac(port) then return id end
	local b = known(chassis, inventory.segment(chassis, vlan))
	local into = b and b.id
	local row, whole = assets:get(id), into and assets:get(into)
	if not row or not whole or into == id or row.router or row.virtual then return id end
	local how = "port of " .. chassis .. " (" .. e.source .. ")"
	for _, m in ipairs(stations.addresses_of(id)) do
		stations.was_never(bind(m.address, m.vlan, into, how, m.mac, m.last, m.claimed), id)
	end
	for _, ip in ipairs(row.own) do inventory.add_once(whole.own, ip) end
	assets:set(into, whole)
	assets:remove(id)
	tell("moved", { id = into, mac = port, what = "owner", was = id, is = into, evidence = "merged: " .. how })
	return into
end

-- A station that nobody saw, whose own words a forwarder passes on with its address (BACnet beyond a router): it is there, too.
local function passed_on(ip, vlan, e)
	if e.mac or e.confidence < 100 or ip:special() == "link-local" then return nil end
	local id = inventory.id_of(ip, vlan)
	local how = e.source .. " passes on what it says"
	if not bind(ip, vlan, id, how, nil, e.ts) then return nil end
	stations.asset(id, { own = { ip }, vlans = {} }, { id = id, ip = ip, asset_vlan = vlan ~= 0 and vlan or nil, evidence = how })
	return id
end

-- Returns whether the same would say nothing new.
local function hear(e)
	local mac, ip, vlan, ts, sub = e.mac, e.ip, vlan_of(e), e.ts, e.sub or ""
	if mac and not inventory.is_station(mac) then mac = nil end
	local subject, segment = subject_of(ip, mac, vlan)
	if not subject then return true end
	local id
	if subject == ip then
		id = mac and see(ip, vlan, mac, ts) or inventory.owner(ip, vlan) or passed_on(ip, vlan, e)
	else
		id = station(mac, vlan, ts, "speaks " .. e.source)
		if id and e.key == "chassis_mac" then id = join_chassis(id, mac, e) end
	end
	if sub ~= "" and id and subs:add { subject, segment, sub } then
		tell("new", { id = id, ip = ip, mac = mac, sub = sub, evidence = e.source .. " tells of " .. sub .. " behind it" })
	end
	learn(subject, id, e)
	-- of an address that nobody has, nothing but what only its owner says of it
	local is_hearsay = not mac and sub == "" and e.confidence < 100
	return (id ~= nil or is_hearsay) and e.key ~= "chassis_mac"
end

senders:count {
	on = "asset.fact", where = "key != ip and ip and mac", key = { "ip", "vlan", "mac" }, sum = { "ts" },
	new = function(e)
		if inventory.is_station(e.mac) then return sends(e.ip, vlan_of(e), e.mac, e.ts) end
		unclear = true
	end,
}
local function count_facts(counted, where)
	counted:count {
		on = "asset.fact", where = where .. " and key != ip and ip",
		key = { "ip", "vlan", "sub", "key", "source", "mac", "value", "confidence" }, new = hear,
	}
	counted:count {
		on = "asset.fact", where = where .. " and key != ip and not ip and mac",
		key = { "mac", "vlan", "sub", "key", "source", false, "value", "confidence" }, new = hear,
	}
end
count_facts(said, "confidence >= " .. LEAST)
count_facts(hints, "confidence < " .. LEAST)

-- Protocols by which a station says which addresses are its own.
local claims = { arp = "arp", nd = "nd", dhcp = "dhcp", dhcpv6 = "dhcp", profinet_dcp = "dcp" }
local claiming = "mac and source in {" .. table.concat(inventory.names(claims), ", ") .. "}"

-- Returns whether he has it, as far as anybody can tell.
local function claim(e)
	local ip, mac, vlan = address_of(e.value), e.mac, vlan_of(e)
	if not ip then return true end
	if not inventory.is_station(mac) then return hear(e) end
	see(ip, vlan, mac, e.ts, claims[e.source])
	local b = known(ip, vlan)
	return b and b.mac == mac and b.claimed or false
end
announced:count { on = "asset.fact", where = "key == ip and " .. claiming, key = { "value", "vlan", "mac" }, new = claim }
on("asset.fact", "key == ip and not (" .. claiming .. ")", hear)

on("arp.conflict", function(e)
	local b = known(e.ip, vlan_of(e))
	if b then stations.conflict(b.id, e.ip, e.mac, e.other_mac) end
end)

-- ---------------------------------------------------------------------------- silence

local blind -- end of the last time without capture: silence in it means nothing

on("capture.gap", function(e) blind = e.to end)

local function tell_silence(id, silent, address, last)
	local is_mac = address:family() == "mac"
	local e = { id = id, ip = not is_mac and address or nil, mac = is_mac and address or nil }
	if not silent then
		e.what, e.was, e.is, e.evidence = "presence", "silent", "speaks again", "a packet"
		return tell("changed", e)
	end
	e.last = last
	raise("asset.silent", e)
	local evidence = "last seen " .. last:format()
	stations.history:write { event = "silent", id = id, ip = e.ip, mac = e.mac, evidence = evidence }
	inventory.note { event = "silent", id = id, evidence = evidence }
end

-- Silence is measured in hours and days: looking for it twenty times in that time is enough.
every("1m", function(at)
	local span = interval(inventory.setting "silent_after")
	if unclear or silence.is_due(at, span, blind) then
		see_all()
		stations.write()
		silence.look(at, span, blind, known, tell_silence)
	end
	return at + span * 0.05
end)
local function write_seen()
	see_all()
	learn_times()
	stations.write()
	write_facts()
end
on("question", write_seen)
on("finish", write_seen)
-- Of a full table the oldest goes.
every("1m", function()
	if #senders + #frames + #announced >= MANY then see_all() end
	if #said + #hints >= MANY then learn_times() end
end)
-- What was edited was written before; from now on the stores have other rows, and everybody is new.
on("inventory.edited", function()
	rows_of, nrows, unwritten = {}, 0, {}
	senders:clear()
	frames:clear()
	announced:clear()
	said:clear()
	hints:clear()
end)
