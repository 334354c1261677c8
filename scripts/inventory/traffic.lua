-- traffic.lua - who speaks with whom, by which service, how much: one row a day for each pair and service, and sums over time.
--
-- Reads what the engine reports of open and ended flows (conn_delta, eth.delta), never a packet. A scan does not fill the store: what got
-- no answer, or was rejected, is kept without its port, and of many ports without a known service only the first are kept for a pair.
local inventory = require "inventory"
local links, L = inventory.links, inventory.LINK

local MOST_PORTS = 64       -- of a pair a day, where nobody knows the service
local MOST_WAITING = 10000 -- rows to be written

local series = inventory.series
local KEEP_MINUTES = interval "1d"

-- Sums of each minute, by service; what is told of flows that ended comes late. Written now and then, and before somebody asks.
local minutes = {}

local function write_series()
	for minute, sums in sorted(minutes) do
		for service, sum in sorted(sums) do
			for _, level in ipairs(inventory.series_levels) do
				local key = { level[1], minute * 60 // level[2], service }
				local row = series:get(key) or { 0, 0 }
				series:set(key, { row[1] + sum[1], row[2] + sum[2] })
			end
		end
	end
	minutes = {}
end

local function add_to_series(ts, service, packets, bytes)
	local minute = ts:seconds() // 60 | 0
	local sums = minutes[minute]
	if not sums then
		sums = {}
		minutes[minute] = sums
	end
	local sum = sums[service]
	if sum then
		sum[1], sum[2] = sum[1] + packets, sum[2] + bytes
	else
		sums[service] = { packets, bytes }
	end
end

inventory.now_and_then(write_series)

every("1h", function(at)
	local oldest = (at - KEEP_MINUTES):seconds() // 60 | 0
	for level, number, service in series:pairs() do
		if level == "minute" and number < oldest then series:forget { level, number, service } end
	end
end)

-- ---------------------------------------------------------------------------- pairs

local ports = state.count { name = "inventory_pair_ports", key = { "int", "addr", "addr" }, max = 50000, expire = "2d" }

-- What was added since rows were last written: originator -> responder -> the rest of the key -> sums, and all of them in their order.
local added, in_order, a_day = {}, {}, nil

local function write_links()
	for _, sum in ipairs(in_order) do
		local row = links:get(sum.key) or { sum.first, sum.last, 0, 0, 0, 0, 0, 0, 0 }
		if sum.first < row[L.first] then row[L.first] = sum.first end
		if sum.last > row[L.last] then row[L.last] = sum.last end
		row[L.hours] = row[L.hours] | sum.hours
		row[L.flows] = row[L.flows] + sum.flows
		for i = 1, 5 do row[L.flows + i] = (row[L.flows + i] or 0) + sum[i] end
		links:set(sum.key, row)
	end
	added, in_order = {}, {}
end

local function below(t, key)
	local inner = t[key]
	if not inner then
		inner = {}
		t[key] = inner
	end
	return inner
end

local function rest_of(vlan, proto, port, service)
	return service == "" and vlan << 32 | (proto + 1) << 16 | port or table.concat({ vlan, proto, port, service }, " ")
end

local function sum_of(day, orig, vlan, resp, proto, port, service)
	local sums = day == a_day and added[orig]
	sums = sums and sums[resp]
	return sums and sums[rest_of(vlan, proto, port, service)]
end

local function add_link(day, orig, vlan, resp, proto, port, service, first, last, ...)
	if day ~= a_day or #in_order >= MOST_WAITING then
		write_links()
		a_day = day
	end
	local sums, rest = below(below(added, orig), resp), rest_of(vlan, proto, port, service)
	local sum = sums[rest]
	if not sum then
		sum = { 0, 0, 0, 0, 0, first = first, last = last, hours = 0, flows = 0 }
		sum.key = { day, orig, vlan, resp, proto, port, service }
		sums[rest], in_order[#in_order + 1] = sum, sum
	end
	if first < sum.first then sum.first = first end
	if last > sum.last then sum.last = last end
	sum.hours, sum.flows = sum.hours | inventory.hour_bit(first) | inventory.hour_bit(last), sum.flows + 1
	for i = 1, 5 do sum[i] = sum[i] + (select(i, ...) or 0) end
end

inventory.now_and_then(write_links)

-- TCP connections that never stood.
local refused = { S0 = true, REJ = true, RSTOS0 = true, RSTRH = true, SH = true, SHR = true }

-- Only what a pair really speaks has a port of its own.
local function port_of(e, day, proto)
	local port = e.resp_p or 0
	if proto ~= 6 and proto ~= 17 then return 0 end
	if not e.service and (e.resp_pkts == 0 or proto == 6 and refused[e.conn_state]) then return 0 end
	if e.service or port < 1024 then return port end
	local key, vlan = { day, e.orig_h, e.resp_h }, e.vlan or 0
	if sum_of(day, e.orig_h, vlan, e.resp_h, proto, port, "") then return port end
	if links:has { day, e.orig_h, vlan, e.resp_h, proto, port, "" } then return port end
	if ports:get(key) >= MOST_PORTS then return 0 end
	ports:add(key)
	return port
end

-- Joined in the middle, nobody knows who opened a connection: a port that programs get by chance is not the server's.
local function turned(e, proto)
	if proto ~= 6 or e.service or (e.history or ""):find("[SsHh]") then return false end
	return inventory.is_ephemeral(e.resp_p, "tcp") and not inventory.is_ephemeral(e.orig_p, "tcp")
end

on("conn_delta", function(e)
	local packets, bytes = e.orig_pkts + e.resp_pkts, e.orig_ip_bytes + e.resp_ip_bytes
	if packets == 0 then return end
	local last, proto, service, vlan = e.last, e.ip_proto, e.service or "", e.vlan or 0
	local first, day = last - e.duration, inventory.day(last)
	if e.resp_pkts == 0 and e.resp_l2_addr and inventory.is_station(e.resp_h) and not inventory.is_station(e.resp_l2_addr) then
		inventory.groups:add(e.resp_h)
	end
	local port = port_of(e, day, proto)
	if port ~= 0 and turned(e, proto) then
		port = e.orig_p
		add_link(day, e.resp_h, vlan, e.orig_h, proto, port, service, first, last,
			e.resp_pkts, e.orig_pkts, e.resp_ip_bytes, e.orig_ip_bytes, e.orig_bytes)
	else
		if port ~= 0 and service == "" and proto == 6 and inventory.is_ephemeral(port, "tcp")
			and not (e.history or ""):find("[SsHh]") then port = 0 end
		add_link(day, e.orig_h, vlan, e.resp_h, proto, port, service, first, last,
			e.orig_pkts, e.resp_pkts, e.orig_ip_bytes, e.resp_ip_bytes, e.resp_bytes)
	end
	add_to_series(last, inventory.service_name(proto, port, service), packets, bytes)
end)

on("eth.delta", function(e)
	local packets, bytes = e.orig_pkts + e.resp_pkts, e.orig_bytes + e.resp_bytes
	if packets == 0 or not e.orig_mac then return end
	local first, service = e.ts, e.service or ""
	local last = first + e.duration
	if service == "" and not e.ethertype then service = e.type end
	add_link(inventory.day(last), e.orig_mac, e.vlan or 0, e.resp_mac, inventory.NO_IP, e.ethertype or 0, service, first, last,
		e.orig_pkts, e.resp_pkts, e.orig_bytes, e.resp_bytes, e.resp_bytes)
	add_to_series(last, inventory.service_name(inventory.NO_IP, e.ethertype or 0, service), packets, bytes)
end)

on("stats", function(e)
	-- what it tells of lies between the report before and now
	if e.packets > 0 then add_to_series(e.ts - e.interval * 0.5, "", e.packets, e.bytes) end
end)
