-- traffic.lua - who speaks with whom, by which service, how much: one row a day for each pair and service, and sums over time.
--
-- Reads what the engine reports of open and ended flows (conn_delta, eth.delta), never a packet; that of known services is counted, by the
-- hours and minutes that rows are of, and read each hour. A scan does not fill the store: what got no answer, or was rejected, is kept
-- without its port, and of many ports without a known service only the first are kept for a pair.
local below = require "below"
local inventory = require "inventory"
local links = inventory.links

local MOST_PORTS = 64 -- of a pair a day, where nobody knows the service
local MOST_WAITING = 10000 -- rows to be written

-- Times are nanoseconds here: a day's traffic is told of a million times.
local MINUTE, HOUR, DAY = 60000000000, 3600000000000, 86400000000000

-- Sums of each minute, by service: of what is not counted below. What is told of flows that ended comes late. Written now and then, and
-- before somebody asks.
local minutes = {}

local function more(t, number, service, packets, bytes)
	local sums = below(t, number)
	local sum = sums[service]
	if sum then
		sum[1], sum[2] = sum[1] + packets, sum[2] + bytes
	else
		sums[service] = { packets, bytes }
	end
end

-- What was counted of known services: minute, protocol of IP (nil: none), port or EtherType, and service.
local by_minute = tally.new { keys = 4, sum = { "out", "back", "out_bytes", "back_bytes", "last" } }

local function named(proto, port, service)
	return inventory.service_name(proto or inventory.NO_IP, port or 0, service or "")
end

local function write_by_minute()
	for _, level in ipairs(inventory.series) do
		by_minute:fold(level.rows, {
			key = { "last/" .. level.seconds .. "s", { 2, 3, 4, named } },
			list = { { "out", "back" }, { "out_bytes", "back_bytes" } }, how = "++",
		})
	end
	by_minute:clear()
end

local function minutes_by(seconds)
	if seconds == 60 then return minutes end
	local sums_of = {}
	for minute, sums in sorted(minutes) do
		for service, sum in sorted(sums) do more(sums_of, minute * 60 // seconds, service, sum[1], sum[2]) end
	end
	return sums_of
end

-- Of the hours and days, which are few, rows are written once.
local function write_series()
	write_by_minute()
	for _, level in ipairs(inventory.series) do
		local key = {}
		for number, sums in sorted(minutes_by(level.seconds)) do
			for service, sum in sorted(sums) do
				key[1], key[2] = number, service
				level.rows:fold(key, sum, "++")
			end
		end
	end
	minutes = {}
end

inventory.now_and_then(write_series)

-- ---------------------------------------------------------------------------- pairs

local ports = state.count { name = "inventory_pair_ports", key = { "int", "addr", "addr" }, max = 50000, expire = "2d" }

-- What was added since rows were last written, of services that nobody knows: originator -> responder -> the rest of the key as a number
-- -> sums, and all of them in their order.
local added, in_order, a_day = {}, {}, nil

local function write_links()
	for _, sum in ipairs(in_order) do
		links:fold(sum.key, { time(0, sum.first), time(0, sum.last), sum.hours, sum.flows, table.unpack(sum) }, inventory.LINK.how)
	end
	added, in_order = {}, {}
end

local function rest_of(vlan, proto, port)
	return vlan << 32 | (proto + 1) << 16 | port
end

local function sum_of(day, orig, vlan, resp, proto, port)
	local sums = day == a_day and added[orig]
	sums = sums and sums[resp]
	return sums and sums[rest_of(vlan, proto, port)]
end

-- The sum of what is between two from now on.
local function new_sum(day, orig, vlan, resp, proto, port, first, last)
	if day ~= a_day or #in_order >= MOST_WAITING then
		write_links()
		a_day = day
	end
	local sum = {
		0, 0, 0, 0, 0, first = first, last = last, hours = 0, flows = 0,
		key = { day, orig, vlan, resp, proto, port, "" }, name = inventory.service_name(proto, port, ""),
	}
	below(below(added, orig), resp)[rest_of(vlan, proto, port)] = sum
	in_order[#in_order + 1] = sum
	return sum
end

-- The bits of the hours of the day in which it began and ended.
local function hours_of(first, last)
	return 1 << first // HOUR % 24 | 1 << last // HOUR % 24
end

-- What was counted of known services: of a row all began in one hour and all ended in one.
local by_hour = tally.new { keys = 8, sum = { "out", "back", "out_bytes", "back_bytes", "answer", "first", "last" } }

local function write_by_hour()
	write_links()
	by_hour:fold(links, {
		key = { "last/1d", 1, { 2, 0 }, 3, { 4, inventory.NO_IP }, { 5, 0 }, { 6, "" } },
		list = { "first", "last", "hours", "n", "out", "back", "out_bytes", "back_bytes", "answer" }, how = inventory.LINK.how,
	})
	by_hour:clear()
end

inventory.now_and_then(write_by_hour)

every("1m", function()
	if #by_hour >= MOST_WAITING then write_by_hour() end
	if #by_minute >= MOST_WAITING then write_by_minute() end
end)

-- TCP connections that never stood.
local refused = { S0 = true, REJ = true, RSTOS0 = true, RSTRH = true, SH = true, SHR = true }

-- Only what a pair really speaks has a port of its own.
local function port_of(e, day, proto, port)
	if e.resp_pkts == 0 or proto == 6 and refused[e.conn_state] then return 0 end
	if port < 1024 then return port end
	local orig, resp, vlan = e.orig_h, e.resp_h, e.vlan or 0
	if sum_of(day, orig, vlan, resp, proto, port) then return port end
	if links:has { day, orig, vlan, resp, proto, port, "" } then return port end
	local key = { day, orig, resp }
	if ports:get(key) >= MOST_PORTS then return 0 end
	ports:add(key)
	return port
end

local function is_whole(e)
	return (e.history or ""):find("[SsHh]")
end

-- A group is known by the MAC address that packets to it have.
tally.new { keys = 2, again = "1h" }:count {
	on = "conn_delta", where = "orig_pkts > 0 and resp_pkts == 0 and resp_l2_addr", key = { "resp_h", "resp_l2_addr" },
	new = function(e)
		local resp = e.resp_h
		if inventory.is_station(resp) and not inventory.is_station(e.resp_l2_addr) then inventory.groups:add(resp) end
	end,
}

-- Only TCP and UDP have ports.
for where, port in sorted { ["ip_proto in {6, 17}"] = "resp_p", ["not ip_proto in {6, 17}"] = false } do
	where = "service and (orig_pkts > 0 or resp_pkts > 0) and " .. where
	by_hour:count {
		on = "conn_delta", where = where,
		key = { "orig_h", "vlan", "resp_h", "ip_proto", port, "service", "first/1h", "last/1h" },
		sum = { "orig_pkts", "resp_pkts", "orig_ip_bytes", "resp_ip_bytes", "resp_bytes", "first", "last" },
	}
	by_minute:count {
		on = "conn_delta", where = where, key = { "last/1m", "ip_proto", port, "service" },
		sum = { "orig_pkts", "resp_pkts", "orig_ip_bytes", "resp_ip_bytes", "last" },
	}
end

-- Times are nanoseconds; packets and bytes out and in, and the bytes of the answer.
local function add(orig, vlan, resp, proto, port, first, last, out, back, out_bytes, back_bytes, answer)
	local day = last // DAY
	local sum = sum_of(day, orig, vlan, resp, proto, port) or new_sum(day, orig, vlan, resp, proto, port, first, last)
	if first < sum.first then sum.first = first end
	if last > sum.last then sum.last = last end
	sum.hours, sum.flows = sum.hours | hours_of(first, last), sum.flows + 1
	sum[1], sum[2], sum[3], sum[4] = sum[1] + out, sum[2] + back, sum[3] + out_bytes, sum[4] + back_bytes
	sum[5] = sum[5] + (answer or 0)
	more(minutes, last // MINUTE, sum.name, out + back, out_bytes + back_bytes)
end

on("conn_delta", "not service and (orig_pkts > 0 or resp_pkts > 0)", function(e)
	local out, back, out_bytes, back_bytes = e.orig_pkts, e.resp_pkts, e.orig_ip_bytes, e.resp_ip_bytes
	local orig, resp, vlan, proto = e.orig_h, e.resp_h, e.vlan or 0, e.ip_proto
	local first, last = e:raw "first", e:raw "last"
	local port = (proto == 6 or proto == 17) and e.resp_p or 0
	if port ~= 0 then port = port_of(e, last // DAY, proto, port) end
	-- Joined in the middle, nobody knows who opened a connection: a port that programs get by chance is not the server's.
	if port ~= 0 and proto == 6 and inventory.is_ephemeral(port, "tcp") and not is_whole(e) then
		port = e.orig_p
		if not inventory.is_ephemeral(port, "tcp") then
			return add(resp, vlan, orig, proto, port, first, last, back, out, back_bytes, out_bytes, e.orig_bytes)
		end
		port = 0
	end
	add(orig, vlan, resp, proto, port, first, last, out, back, out_bytes, back_bytes, e.resp_bytes)
end)

-- Frames without IP are of a service, an EtherType, or of neither.
local function count_frames(where, service)
	by_hour:count {
		on = "eth.delta", where = "orig_mac and (orig_pkts > 0 or resp_pkts > 0) and " .. where,
		key = { "orig_mac", "vlan", "resp_mac", false, "ethertype", service, "ts/1h", "last/1h" },
		sum = { "orig_pkts", "resp_pkts", "orig_bytes", "resp_bytes", "resp_bytes", "ts", "last" },
	}
	by_minute:count {
		on = "eth.delta", where = "orig_mac and (orig_pkts > 0 or resp_pkts > 0) and " .. where,
		key = { "last/1m", false, "ethertype", service }, sum = { "orig_pkts", "resp_pkts", "orig_bytes", "resp_bytes", "last" },
	}
end
count_frames("(service or ethertype)", "service")
count_frames("not service and not ethertype", "type")

on("stats", function(e)
	-- what it tells of lies between the report before and now
	if e.packets > 0 then more(minutes, (e:raw "ts" - e:raw "interval" // 2) // MINUTE, "", e.packets, e.bytes) end
end)
