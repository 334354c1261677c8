-- traffic.lua - who speaks with whom, by which service, how much: one row a day for each pair and service, and sums over time.
--
-- Reads what the engine reports of open and ended flows (conn_delta, eth.delta), never a packet. A scan does not fill the store: what got
-- no answer, or was rejected, is kept without its port, and of many ports without a known service only the first are kept for a pair.
local inventory = require "inventory"
local links, L = inventory.links, inventory.LINK

local MOST_PORTS = 64 -- of a pair a day, where nobody knows the service

local series = inventory.series
local KEEP_MINUTES = interval "1d"

-- Sums of the minute at hand, by service; written when it is over, and before somebody asks.
local minute, sums

local function write_series()
	for service, sum in sorted(sums or {}) do
		for _, level in ipairs(inventory.series_levels) do
			local key = { level[1], minute * 60 // level[2], service }
			local row = series:get(key) or { 0, 0 }
			series:set(key, { row[1] + sum[1], row[2] + sum[2] })
		end
	end
	sums = {}
end

local function add_to_series(ts, service, packets, bytes)
	local number = ts:seconds() // 60 | 0
	if number ~= minute then
		write_series()
		minute = number
	end
	local sum = sums[service]
	if sum then
		sum[1], sum[2] = sum[1] + packets, sum[2] + bytes
	else
		sums[service] = { packets, bytes }
	end
end

on("question", write_series)
on("finish", write_series)

every("1h", function(at)
	local oldest = (at - KEEP_MINUTES):seconds() // 60 | 0
	for level, number, service in series:pairs() do
		if level == "minute" and number < oldest then series:remove { level, number, service } end
	end
end)

-- ---------------------------------------------------------------------------- pairs

local ports = state.count { name = "inventory_pair_ports", key = { "int", "addr", "addr" }, max = 50000, expire = "2d" }

local function add_link(key, first, last, new, numbers)
	local row = links:get(key)
	if not row then row = { first, last, 0, 0, 0, 0, 0, 0, 0 } end
	if first < row[L.first] then row[L.first] = first end
	if last > row[L.last] then row[L.last] = last end
	row[L.hours] = row[L.hours] | inventory.hour_bit(first) | inventory.hour_bit(last)
	row[L.flows] = row[L.flows] + new
	for i = 1, 5 do row[L.flows + i] = (row[L.flows + i] or 0) + (numbers[i] or 0) end
	links:set(key, row)
end

-- TCP connections that never stood.
local refused = { S0 = true, REJ = true, RSTOS0 = true, RSTRH = true, SH = true, SHR = true }

-- Only what a pair really speaks has a port of its own.
local function port_of(e, day, proto)
	local port = e.resp_p or 0
	if proto ~= 6 and proto ~= 17 then return 0 end
	if not e.service and (e.resp_pkts == 0 or proto == 6 and refused[e.conn_state]) then return 0 end
	if e.service or port < 1024 then return port end
	local key = { day, e.orig_h, e.resp_h }
	if links:has { day, e.orig_h, e.vlan or 0, e.resp_h, proto, port, "" } then return port end
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
		add_link({ day, e.resp_h, vlan, e.orig_h, proto, port, service }, first, last, 1,
			{ e.resp_pkts, e.orig_pkts, e.resp_ip_bytes, e.orig_ip_bytes, e.orig_bytes })
	else
		if port ~= 0 and service == "" and proto == 6 and inventory.is_ephemeral(port, "tcp")
			and not (e.history or ""):find("[SsHh]") then port = 0 end
		add_link({ day, e.orig_h, vlan, e.resp_h, proto, port, service }, first, last, 1,
			{ e.orig_pkts, e.resp_pkts, e.orig_ip_bytes, e.resp_ip_bytes, e.resp_bytes })
	end
	add_to_series(last, inventory.service_name(proto, port, service), packets, bytes)
end)

on("eth.delta", function(e)
	local packets, bytes = e.orig_pkts + e.resp_pkts, e.orig_bytes + e.resp_bytes
	if packets == 0 or not e.orig_mac then return end
	local first, service = e.ts, e.service or ""
	local last = first + e.duration
	if service == "" and not e.ethertype then service = e.type end
	add_link({ inventory.day(last), e.orig_mac, e.vlan or 0, e.resp_mac, inventory.NO_IP, e.ethertype or 0, service }, first, last, 1,
		{ e.orig_pkts, e.resp_pkts, e.orig_bytes, e.resp_bytes, e.resp_bytes })
	add_to_series(last, inventory.service_name(inventory.NO_IP, e.ethertype or 0, service), packets, bytes)
end)

on("stats", function(e)
	-- what it tells of lies between the report before and now
	if e.packets > 0 then add_to_series(e.ts - e.interval * 0.5, "", e.packets, e.bytes) end
end)
