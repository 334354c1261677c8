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

local series = inventory.series
local KEEP_MINUTES = 24 * 60

-- Sums of each minute, by service; what is told of flows that ended comes late. Written now and then, and before somebody asks.
local minutes, of_hour = {}, {} -- and of which services there are rows: hour -> minute -> set

local function services_of(minute)
	return below(below(of_hour, minute // 60), minute)
end

for level, minute, service in series:pairs() do
	if level == "minute" then services_of(minute)[service] = true end
end

local function more(t, number, service, packets, bytes)
	local sums = below(t, number)
	local sum = sums[service]
	if sum then
		sum[1], sum[2] = sum[1] + packets, sum[2] + bytes
	else
		sums[service] = { packets, bytes }
	end
end

local function write_level(level, sums_of)
	local key = { level }
	for number, sums in sorted(sums_of) do
		for service, sum in sorted(sums) do
			key[2], key[3] = number, service
			series:fold(key, sum, "++")
		end
	end
end

-- What was counted of known services: minute, protocol of IP (nil: none), port or EtherType, and service.
local by_minute = tally.new { keys = 4, sum = { "out", "back", "out_bytes", "back_bytes" } }

local function take_minutes()
	local names = {} -- what services are called now: protocol -> port -> service -> name
	for minute, proto, port, service, _, out, back, out_bytes, back_bytes in by_minute:take { totals = true } do
		proto, port, service = proto or inventory.NO_IP, port or 0, service or ""
		local named = below(below(names, proto), port)
		local name = named[service]
		if not name then
			local transport = proto == inventory.NO_IP or proto == 6 or proto == 17
			name = inventory.service_name(proto, transport and port or 0, service)
			named[service] = name
		end
		more(minutes, minute, name, math.tointeger(out + back), math.tointeger(out_bytes + back_bytes))
	end
	by_minute:clear()
end

-- Of the hours and days, which are few, rows are written once.
local function write_series()
	take_minutes()
	local hours, days = {}, {}
	for minute, sums in sorted(minutes) do
		local services = services_of(minute)
		for service, sum in sorted(sums) do
			services[service] = true
			more(hours, minute // 60, service, sum[1], sum[2])
			more(days, minute // 1440, service, sum[1], sum[2])
		end
	end
	write_level("minute", minutes)
	write_level("hour", hours)
	write_level("day", days)
	minutes = {}
end

inventory.now_and_then(write_series)

local function forget_minutes(of_minute, oldest)
	for minute, services in sorted(of_minute) do
		if minute >= oldest then return end
		for service in sorted(services) do series:forget { "minute", minute, service } end
		of_minute[minute] = nil
	end
end

every("1h", function(at)
	local oldest = at:ns() // MINUTE - KEEP_MINUTES
	for hour, of_minute in sorted(of_hour) do
		if hour > oldest // 60 then return end
		forget_minutes(of_minute, oldest)
		if not next(of_minute) then of_hour[hour] = nil end
	end
end)

-- ---------------------------------------------------------------------------- pairs

local ports = state.count { name = "inventory_pair_ports", key = { "int", "addr", "addr" }, max = 50000, expire = "2d" }

-- What was added since rows were last written, of services that nobody knows: originator -> responder -> the rest of the key as a number
-- -> sums, and all of them in their order.
local added, in_order, a_day = {}, {}, nil

local ADD = "<>|++++++" -- as LINK says
local row = {}          -- the one that is folded in

local function add_to_row(key, first, last, hours, flows, out, back, out_bytes, back_bytes, answer)
	row[1], row[2], row[3], row[4], row[5], row[6] = first, last, hours, flows, out, back
	row[7], row[8], row[9] = out_bytes, back_bytes, answer
	links:fold(key, row, ADD)
end

local function write_links()
	for _, sum in ipairs(in_order) do
		add_to_row(sum.key, time(0, sum.first), time(0, sum.last), sum.hours, sum.flows, table.unpack(sum))
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

local integer = math.tointeger

local function take_hours()
	write_links()
	for orig, vlan, resp, proto, port, service, _, _, flows, out, back, out_bytes, back_bytes, answer, first, _, _, last
	in by_hour:take { totals = true } do
		proto, port = proto or inventory.NO_IP, port or 0
		if proto ~= inventory.NO_IP and proto ~= 6 and proto ~= 17 then port = 0 end
		local begun, ended = first:ns(), last:ns()
		add_to_row({ ended // DAY, orig, vlan or 0, resp, proto, port, service or "" }, first, last, hours_of(begun, ended), flows,
			integer(out), integer(back), integer(out_bytes), integer(back_bytes), integer(answer))
	end
	by_hour:clear()
end

inventory.now_and_then(take_hours)

every("1m", function()
	if #by_hour >= MOST_WAITING then take_hours() end
	if #by_minute >= MOST_WAITING then take_minutes() end
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

by_hour:count {
	on = "conn_delta", where = "service and (orig_pkts > 0 or resp_pkts > 0)",
	key = { "orig_h", "vlan", "resp_h", "ip_proto", "resp_p", "service", "first/1h", "last/1h" },
	sum = { "orig_pkts", "resp_pkts", "orig_ip_bytes", "resp_ip_bytes", "resp_bytes", "first", "last" },
}
by_minute:count {
	on = "conn_delta", where = "service and (orig_pkts > 0 or resp_pkts > 0)", key = { "last/1m", "ip_proto", "resp_p", "service" },
	sum = { "orig_pkts", "resp_pkts", "orig_ip_bytes", "resp_ip_bytes" },
}

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
		key = { "last/1m", false, "ethertype", service }, sum = { "orig_pkts", "resp_pkts", "orig_bytes", "resp_bytes" },
	}
end
count_frames("(service or ethertype)", "service")
count_frames("not service and not ethertype", "type")

on("stats", function(e)
	-- what it tells of lies between the report before and now
	if e.packets > 0 then more(minutes, (e:raw "ts" - e:raw "interval" // 2) // MINUTE, "", e.packets, e.bytes) end
end)
