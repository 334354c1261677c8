-- overview.lua - what is on this network: hosts, who changes what, and how much of the traffic was understood.
-- Listens to what every OT dissector says in the common tongues (ot.operation, asset.fact), to conn and to coverage; knows no protocol.
-- Prints three short tables at the end of the run, at most 100 columns wide.

local hosts = {}   -- by address
local changes = {} -- by client, server, protocol

local function host(address)
	local h = hosts[address]
	if not h then
		h = { facts = {}, serves = {}, uses = {}, reads = 0, changes = 0 }
		hosts[address] = h
	end
	return h
end

-- 10.0.0.2 before 10.0.0.10: sorted as addresses, not as text.
local function by_address(t)
	local list = {}
	for address in sorted(t) do list[#list + 1] = address end
	table.sort(list)
	return list
end

local function words(set)
	local list = {}
	for word in sorted(set) do list[#list + 1] = word end
	return table.concat(list, " ")
end

local function thousands(n)
	local text = string.format("%d", n)
	return (text:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", ""))
end

local function cut(text, width)
	return #text > width and text:sub(1, width - 1) .. "~" or text
end

-- ---------------------------------------------------------------------------- what happens

local one_way, packets = {}, 0

on("conn", function(e)
	local client = host(e.orig_h)
	client.speaks = true
	client.mac = client.mac or e.orig_l2_addr
	if e.service then client.uses[e.service] = true end
	if e.resp_pkts > 0 then
		local server = host(e.resp_h)
		server.speaks = true
		server.mac = server.mac or e.resp_l2_addr
		if e.service then server.serves[e.service] = true end
	elseif e.proto == "tcp" and (e.orig_bytes or 0) > 0 then
		one_way[e.orig_h .. " > " .. e.resp_h .. ":" .. e.resp_p] = true
	end
end)

on("asset.fact", function(e)
	if e.key == "ip" or not e.ip then return end
	local facts = host(e.ip).facts
	facts[e.key] = facts[e.key] or e.value
end)

on("ot.operation", function(e)
	local client = host(e.client)
	host(e.server).controlled = true
	if e.category == "observe" then
		client.reads = client.reads + 1
		return
	end
	client.changes = client.changes + 1
	local key = string.format("%-16s %-16s %-8s", tostring(e.client), tostring(e.server), e.protocol)
	local c = changes[key] or { change = 0, control = 0, funcs = {} }
	changes[key] = c
	c[e.category] = c[e.category] + 1
	c.funcs[e.func] = (c.funcs[e.func] or 0) + 1
end)

-- ---------------------------------------------------------------------------- what it means

-- A guess from behaviour alone: who is asked is a controller; who mostly reads and sometimes changes is an HMI.
local function role(h)
	if h.controlled then return "controller" end
	if h.changes > 0 then return h.reads > 20 * h.changes and "HMI" or "engineer" end
	if h.reads > 0 then return "reader" end
	return h.facts.role or ""
end

local function device(h)
	local f, parts = h.facts, {}
	for _, key in ipairs { "hostname", "model", "firmware", "vendor" } do
		if f[key] then parts[#parts + 1] = f[key] end
	end
	return table.concat(parts, " ")
end

local ROW = "  %-23s %-17s %-10s %-15s %s"

local function print_hosts()
	local rows = {}
	for _, address in ipairs(by_address(hosts)) do
		if hosts[address].speaks then rows[#rows + 1] = address end
	end
	print(string.format("HOSTS  %d speak on this network\n", #rows))
	print(string.format(ROW, "address", "MAC", "guess", "speaks", "says of itself"))
	for _, address in ipairs(rows) do
		local h, speaks = hosts[address], {}
		for service in sorted(h.serves) do speaks[service] = true end
		for service in sorted(h.uses) do speaks[service] = true end
		local line = string.format(ROW, address, h.mac or "", cut(role(h), 10), cut(words(speaks), 15), cut(device(h), 27))
		print((line:gsub("%s+$", "")))
	end
end

local function print_changes()
	print("\nWHO CHANGES WHAT\n")
	print(string.format("  %-16s %-16s %-8s %6s %7s  %s", "client", "server", "protocol", "change", "control", "most often"))
	for key, c in sorted(changes) do
		local most, times = "", 0
		for func, n in sorted(c.funcs) do
			if n > times then most, times = func, n end
		end
		print(string.format("  %s %6d %7d  %s", key, c.change, c.control, cut(most, 36)))
	end
end

local payload, understood, unknown = 0, 0, {}

on("coverage", function(e)
	payload, understood, packets = payload + e.payload, understood + e.understood, packets + e.packets
	if not e.service and e.payload > 0 then unknown[#unknown + 1] = { e.key, e.payload, e.packets } end
end)

local function print_coverage()
	table.sort(unknown, function(a, b) return a[2] > b[2] end)
	local share = payload > 0 and understood * 100 / payload or 0
	print(string.format("\nCOVERAGE  %.1f %% of %s payload bytes in %s packets understood\n", share, thousands(payload),
		thousands(packets)))
	for _, u in ipairs(unknown) do
		print(string.format("  not understood: %-12s %10s bytes in %s packets", u[1], thousands(u[2]), thousands(u[3])))
	end
	for session in sorted(one_way) do print("  seen one way only: " .. session) end
end

on("finish", function()
	print_hosts()
	print_changes()
	print_coverage()
end)
