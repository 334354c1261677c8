-- overview.lua - who changes what on this network, and how much of the traffic was understood.
-- Listens to what every OT dissector says in the common tongue (ot.operation), to conn and to coverage; knows no protocol.
-- Prints two short tables at the end of the run, at most 100 columns wide.

local changes = {} -- by client, server, protocol
local one_way = {}

local function thousands(n)
	local text = string.format("%d", n)
	return (text:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", ""))
end

local function cut(text, width)
	return #text > width and text:sub(1, width - 1) .. "~" or text
end

on("conn", "proto == tcp and resp_pkts == 0 and orig_bytes > 0", function(e)
	one_way[e.orig_h .. " > " .. e.resp_h .. ":" .. e.resp_p] = true
end)

on("ot.operation", "category != observe", function(e)
	local key = string.format("%-16s %-16s %-8s", tostring(e.client), tostring(e.server), e.protocol)
	local c = changes[key] or { change = 0, control = 0, funcs = {} }
	changes[key] = c
	c[e.category] = c[e.category] + 1
	c.funcs[e.func] = (c.funcs[e.func] or 0) + 1
end)

local function print_changes()
	print("WHO CHANGES WHAT\n")
	print(string.format("  %-16s %-16s %-8s %6s %7s  %s", "client", "server", "protocol", "change", "control", "most often"))
	for key, c in sorted(changes) do
		local most, times = "", 0
		for func, n in sorted(c.funcs) do
			if n > times then most, times = func, n end
		end
		print(string.format("  %s %6d %7d  %s", key, c.change, c.control, cut(most, 36)))
	end
end

local payload, understood, packets, unknown = 0, 0, 0, {}

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
	print_changes()
	print_coverage()
end)
