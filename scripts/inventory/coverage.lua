-- coverage.lua - what the sensor sees, and what it does not: how much was understood, and whether the mirror port shows what it should.
local inventory = require "inventory"
local memo = require "memo"

-- port or EtherType -> { service, flows, one_way, packets, bytes, payload, understood }
local seen = state.map { name = "inventory_coverage", key = { "string", "string" }, max = 5000, expire = "31d" }
-- what flows look like: name -> how often
local shape = state.count { name = "inventory_shape", key = "string", max = 100 }

-- month -> { bytes on the wire, last packet }
local volume = state.map { name = "inventory_volume", key = "string", max = 120, expire = "400d" }

on("coverage", function(e)
	local key = { e.key, e.service or "" }
	local row = seen:get(key) or { flows = 0, one_way = 0, packets = 0, bytes = 0, payload = 0, understood = 0 }
	for _, name in ipairs { "flows", "one_way", "packets", "bytes", "payload", "understood" } do row[name] = row[name] + e[name] end
	seen:set(key, row)
end)

-- What the wire carried since it was last written; bytes by month.
local QUARTER = 900000000000
local shape_of = { packets = "packets", duplicates = "duplicates", numbered = "numbered by their senders", copies_late = "late copies",
	gaps = "lost inside TCP streams" }
local counted, bytes, last = nil, {}, nil

-- In no zone does a month begin within a quarter of an hour.
local month_of = memo(function(quarter) return time(0, quarter * QUARTER):format "%Y-%m" end)

on("stats", function(e)
	counted = counted or { packets = 0, duplicates = 0, numbered = 0, copies_late = 0, gaps = 0 }
	counted.packets, counted.duplicates = counted.packets + e.packets, counted.duplicates + e.duplicates
	counted.numbered, counted.copies_late = counted.numbered + e.numbered, counted.copies_late + e.copies_late
	counted.gaps = counted.gaps + e.gaps
	local month = month_of((e:raw "ts" - e:raw "interval" // 2) // QUARTER)
	bytes[month], last = (bytes[month] or 0) + e.bytes, e.ts
end)

local function write_stats()
	if not counted then return end
	for name, n in sorted(counted) do shape:add(shape_of[name], n) end
	for month, n in sorted(bytes) do
		volume:set(month, { bytes = n + (volume:get(month) or { bytes = 0 }).bytes, last = last })
	end
	counted, bytes, last = nil, {}, nil
end

local of_tcp, cut = tally.new { keys = 1 }, tally.new { keys = 1 }
of_tcp:count { on = "conn_delta", where = "proto == tcp", key = { "proto" } }
cut:count { on = "conn_delta", where = "proto == tcp and not (history ~ S or history ~ s)", key = { "proto" } }
inventory.now_and_then(function()
	write_stats()
	for _, row in of_tcp:take() do shape:add("tcp", row.n) end
	for _, row in cut:take() do shape:add("joined in the middle", row.n) end
end)

command.new {
	name = "view coverage", doc = "How much of the traffic was understood, by port and EtherType.",
	columns = {
		{ "key", "string", "port or EtherType" }, { "service", "string", "who understood it" }, { "flows", "count", "flows" },
		{ "packets", "count", "packets" }, { "payload", "count", "bytes of payload" }, { "understood", "count", "of these" },
		{ "percent", "double", "understood" }, { "one_way", "count", "sessions seen one way only" },
	},
	run = function()
		local rows = {}
		for key, service, row in seen:pairs() do
			rows[#rows + 1] = {
				key = key, service = service ~= "" and service or nil, flows = row.flows, packets = row.packets,
				payload = row.payload,
				understood = row.understood, percent = row.payload > 0 and row.understood * 100 / row.payload or nil,
				one_way = row.one_way,
			}
		end
		table.sort(rows, function(a, b)
			if a.payload ~= b.payload then return a.payload > b.payload end
			return a.key < b.key
		end)
		return rows
	end,
}

local function networks(list)
	local found, names = {}, {}
	for _, r in ipairs(list) do
		if r.id ~= inventory.INTERNET then
			for _, ip in ipairs(r.ips) do
				if ip:family() == "ipv4" and ip:special() ~= "link-local" then
					local network = inventory.network(ip)
					found[network] = (found[network] or 0) + 1
				end
			end
		end
	end
	for network, n in sorted(found) do names[#names + 1] = network .. ".0/24 (" .. n .. ")" end
	return names
end

-- Unicast between two stations that are both not the sensor: only a mirror port shows it.
local function unicast()
	local n, groups = 0, 0
	inventory.each_link(function(_, _, link)
		local is_unicast = inventory.is_station(link.resp) and not inventory.groups:has(link.resp)
		if is_unicast then n = n + 1 else groups = groups + 1 end
	end)
	return n, groups
end

local function size(n)
	for _, unit in ipairs { "bytes", "KB", "MB", "GB", "TB" } do
		if n < 1000 or unit == "TB" then return string.format(unit == "bytes" and "%d %s" or "%.1f %s", n, unit) end
		n = n / 1000
	end
end

-- Packets that came twice, in words, how many, and the verdict.
local function copies()
	local twice, late, numbered = shape:get "duplicates", shape:get "late copies", shape:get "numbered by their senders"
	if late * 100 > numbered then
		return late .. " packets came again, too late to be dropped: --duplicates says how long to wait", late, "look"
	elseif twice > 0 then
		return twice .. " packets came twice and were dropped", twice, "good"
	elseif numbered == 0 then
		return "cannot be told: no packet is numbered by its sender", 0, "look"
	end
	return "no packet twice", 0, "good"
end

command.new {
	name = "view sensors", doc = "The sensors of which something is kept in the folder of --state; ask of one with --sensor NAME.",
	columns = {
		{ "name", "string", "as --sensor called it" }, { "last", "time", "its last packet" },
		{ "asked", "bool", "it is the one asked now" },
	},
	run = function()
		local rows = {}
		local list, this = state.sensors()
		for i, sensor in ipairs(list) do
			rows[i] = { name = sensor.name, last = sensor.last, asked = sensor.name == this or nil }
		end
		return rows
	end,
}

command.new {
	name = "view sensor",
	doc = "What the sensor sees: unicast or only broadcast, networks, VLANs, sessions joined in the middle, losses.",
	columns = { { "topic", "string", "what was looked at" }, { "result", "string", "in words" }, { "value", "count", "in numbers" },
		{ "verdict", "string", "good, look, bad" }, { "at", "time", "of the last packet" } },
	run = function()
		local rows = {}
		local function say(topic, result, value, verdict)
			rows[#rows + 1] = { topic = topic, result = result, value = value, verdict = verdict }
		end
		for month, row in volume:pairs() do
			local at = row.last:format("%Y-%m-%d %H:%M:%S", "local")
			rows[1] = { topic = "last packet", result = at, at = row.last, verdict = "good" }
			rows[2] = {
				topic = "volume this month", result = size(row.bytes) .. " in " .. month, value = row.bytes,
				verdict = "good",
			}
		end
		local list = inventory.records()
		local vlans = {}
		for _, r in ipairs(list) do for _, vlan in ipairs(r.vlans) do inventory.add_once(vlans, vlan) end end
		table.sort(vlans)
		local pairs_seen, groups = unicast()
		if pairs_seen > 0 then
			say("mirror port", "unicast between stations is seen", pairs_seen, "good")
		else
			say("mirror port", "broadcast only: the port is not mirrored, or the filter lets nothing else through", groups,
				"bad")
		end
		local nets = networks(list)
		say("networks", #nets > 0 and table.concat(nets, ", ") or "none", #nets, #nets > 0 and "good" or "look")
		say("VLANs", #vlans > 0 and table.concat(vlans, ", ") or "no VLAN tags", #vlans, "good")
		local tcp, joined = shape:get "tcp", shape:get "joined in the middle"
		local text = tcp == 0 and "none was counted yet" or joined == 0 and "all from their beginning"
			or joined .. " of " .. tcp .. " sessions joined mid-stream"
		say("TCP sessions", text, joined, (tcp == 0 or joined * 2 > tcp) and "look" or "good")
		local payload, understood, one_way = 0, 0, 0
		for _, _, row in seen:pairs() do
			payload, understood, one_way = payload + row.payload, understood + row.understood, one_way + row.one_way
		end
		local share = payload > 0 and understood * 100 / payload or 0
		text = payload == 0 and "nothing was counted yet" or string.format("%.1f %% of %d bytes of payload", share, payload)
		say("understood", text, understood, share >= 50 and "good" or "look")
		say("one way", one_way == 0 and "both sides of all sessions are seen" or one_way .. " sessions show one side only", one_way,
			one_way > 0 and "look" or "good")
		if shape:get "packets" == 0 then
			say("losses", "nothing was counted yet", 0, "look")
			say("duplicates", "nothing was counted yet", 0, "look")
			return rows
		end
		local lost = shape:get "lost inside TCP streams"
		say("losses", lost == 0 and "no holes in TCP streams" or lost .. " holes in TCP streams", lost, lost > 0 and "look"
			or "good")
		say("duplicates", copies())
		return rows
	end,
}
