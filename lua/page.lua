-- page.lua - the page of one asset as lines of text: what an engineer of the plant wants to know, in the order in which he asks.
--
--   page.lines(record, by_id, [width]) -> list of lines of at most that many places (120 unless given, 60 at least)
local inventory = require "inventory"
local paper = require "page_writer"

local page = {}
local writer, grid, wrapped, cut, width_of = paper.writer, paper.grid, paper.wrapped, paper.cut, paper.width_of
local USUAL, NARROWEST, MOST_LINES, MOST_ADDRESSES = 120, 60, paper.MOST_LINES, 12

local function clock(t)
	return t and t:format("%Y-%m-%d %H:%M:%S", "local") or "-"
end

local function thousands(n)
	local text = string.format("%d", n)
	return (text:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", ""))
end

local function size(bytes)
	for _, unit in ipairs { "bytes", "KB", "MB", "GB", "TB" } do
		if bytes < 1000 or unit == "TB" then return string.format(unit == "bytes" and "%d %s" or "%.1f %s", bytes, unit) end
		bytes = bytes / 1000
	end
end

local function span(seconds)
	for _, unit in ipairs { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } } do
		if seconds >= unit[1] * 2 then return string.format("%.0f %s", seconds / unit[1], unit[2]) end
	end
	return string.format("%.0f ms", seconds * 1000)
end

local function plural(n, one, ending)
	return thousands(n) .. " " .. one .. (n == 1 and "" or ending or "s")
end

-- How another asset is shown: address and name.
local function called(id, by_id)
	local r = by_id[id]
	if not r then return id end
	local address, name = r.ips[1] and tostring(r.ips[1]) or id, inventory.name(r)
	if id == inventory.INTERNET then return id end
	return name and name ~= address and address .. " " .. name or address
end

-- ---------------------------------------------------------------------------- parts of the page

local function title(w, r)
	local parts = {}
	local address, role = r.ips[1] and tostring(r.ips[1]) or r.id, inventory.role(r).role
	local name, model = inventory.name(r), inventory.model(r)
	for _, part in ipairs { address, name ~= address and name or false, role, model or false } do
		if part and part ~= "unknown" then parts[#parts + 1] = part end
	end
	local text = cut(table.concat(parts, "  "), w.width)
	w.line(text)
	w.line(string.rep("=", width_of(text)))
end

-- The row of the address in a VLAN of the asset.
local function address_row(r, address)
	for _, vlan in ipairs { 0, table.unpack(r.vlans) } do
		local row = inventory.addresses:get { address, vlan }
		if row then return row end
	end
end

local ways = { arp = "announced by ARP", nd = "announced by neighbor discovery", dhcp = "given by DHCP", dcp = "told by PROFINET DCP" }

-- How we know an address, without the MAC address that stands below.
local function how_known(row)
	local claimed = row.how:match("^claimed by %S+ %((%w+)%)$")
	if claimed then return ways[claimed] or "announced by " .. claimed end
	if row.how:find("^sent by ") then return "its packets come from this MAC address" end
	return row.how
end

-- "Rockwell Automation" and "Rockwell Automation/Allen-Bradley" are one.
local function is_same_maker(a, b)
	return b ~= nil and a:match("^%w+"):lower() == (b:match("^%w+") or ""):lower()
end

-- Whom packets reach through this one.
local function behind(w, r, by_id)
	local names, n = {}, 0
	for id, other in sorted(r.router and by_id or {}) do
		if other.via and id ~= inventory.INTERNET and inventory.owner(other.via, 0) == r.id then
			n = n + 1
			if n <= MOST_ADDRESSES then names[n] = called(id, by_id) end
		end
	end
	if n > MOST_ADDRESSES then names[#names + 1] = "and " .. n - MOST_ADDRESSES .. " more" end
	if n > 0 then w.field("Behind it", table.concat(names, ", ")) end
end

local function addresses(w, r, by_id)
	for i, ip in ipairs(r.ips) do
		if i > MOST_ADDRESSES then
			w.field("", "... and " .. plural(#r.ips - MOST_ADDRESSES, "address", "es") .. " more")
			break
		end
		local row = address_row(r, ip)
		w.field(i == 1 and "Address" or "", ip .. (row and r.id ~= inventory.INTERNET and "  (" .. how_known(row) .. ")" or ""))
	end
	local maker = inventory.vendor(r)
	for i, mac in ipairs(r.macs) do
		if i > MOST_ADDRESSES then
			w.field("", "... and " .. plural(#r.macs - MOST_ADDRESSES, "MAC address", "es") .. " more")
			break
		end
		local of_interface = inventory.maker(mac)
		local differs = of_interface and not is_same_maker(of_interface, maker)
		w.field(i == 1 and "MAC" or "", mac .. (differs and "  (network interface by " .. of_interface .. ")" or ""))
	end
	local managed = {}
	for _, e in ipairs(r.facts.management_address or {}) do
		if not e.former then inventory.add_once(managed, e.value .. " (" .. e.source .. ")") end
	end
	if #managed > 0 then w.field("Managed at", table.concat(managed, ", ")) end
	if r.via and r.id ~= inventory.INTERNET then
		w.field("Behind", "router " .. called(inventory.owner(r.via, 0) or tostring(r.via), by_id))
	end
	if #r.vlans > 0 then w.field("VLAN", table.concat(inventory.texts(r.vlans), ", ")) end
	for i, was in ipairs(r.was) do
		w.field(i == 1 and "Had" or "", was.address .. " until " .. clock(was.till) .. ", now of " .. called(was.now, by_id))
	end
	behind(w, r, by_id)
end

-- Observers that are no protocols, in words.
local observers = { p0f = "TCP handshake", recognised = "its messages", nbdgm = "NetBIOS" }

local function seen_by(source)
	return observers[source] or source
end

local function seen_by_all(sources)
	local out = {}
	for i, source in ipairs(sources) do out[i] = seen_by(source) end
	return table.concat(out, ", ")
end

-- Every server and every client of something is one: where more is known, that is not worth a line.
local function is_telling(name, roles)
	return #roles == 1 or name ~= "server" and name ~= "client"
end

local function role_lines(w, r)
	local role, level = inventory.role(r), inventory.level(r)
	w.field("Role", role.role .. (level and " (Purdue level " .. level .. ")" or ""))
	for i, reason in ipairs(role.reasons) do
		local name, why = reason:match("^(.-): (.*)$")
		if is_telling(role.roles[i], role.roles) or i == 1 then
			w.field("", "- " .. (name == role.role and why or name and "also " .. name .. ": " .. why or reason))
		end
	end
end

local function system_lines(w, r)
	local os = inventory.os(r)
	if os.name == "unknown" and not os.disagree then return end
	if os.name == "unknown" then
		w.field("System", "unclear")
	else
		w.field("System", os.name .. ", " .. os.confidence .. " % sure (" .. seen_by_all(os.sources) .. ")")
	end
	for _, other in ipairs(os.disagree or {}) do w.field("", "- " .. seen_by(other.source) .. " says " .. other.value) end
	for _, other in ipairs(os.name ~= "unknown" and os.against or {}) do
		w.field("", "- but " .. seen_by(other.source) .. " hints at " .. other.value)
	end
end

local function identity(w, r)
	local maker = inventory.vendor(r)
	local by_mac = maker and maker == inventory.mac_vendor(r) and not inventory.best(r, "vendor")
	w.field("Maker", maker and maker .. (by_mac and " (of its MAC address)" or ""))
	w.field("Model", inventory.model(r))
	for _, one in ipairs {
		{ "Order number", "order_number" }, { "Serial", "serial" }, { "Firmware", "firmware" }, { "Hardware", "hardware" },
	} do
		local value = inventory.value(r, one[2])
		if value ~= inventory.model(r) then w.field(one[1], value) end
	end
	role_lines(w, r)
	system_lines(w, r)
end

local function presence(w, r)
	w.field("Seen", clock(r.first) .. " to " .. clock(r.last) .. (r.silent and ", silent since" or ""))
	local others = inventory.size(r.peers)
	w.field("Traffic", plural(r.packets, "packet") .. ", " .. size(r.bytes)
		.. (others > 0 and " with " .. plural(others, "other") or ", to groups only"))
end

local function owner_says(w, r)
	local said = {}
	for field, value in sorted(r.owned) do said[#said + 1] = field .. ": " .. tostring(value) end
	if #said > 0 then w.field("Owner", table.concat(said, "; ")) end
	if r.ledger then
		local parts = {}
		for _, column in ipairs(r.ledger.row.columns) do parts[#parts + 1] = column[1] .. ": " .. column[2] end
		w.field("Ledger", table.concat(parts, "; ") .. " (row " .. r.ledger.number .. ", matched by " .. r.ledger.by .. ")")
	elseif #inventory.ledger > 0 then
		w.field("Ledger", "not in the owner's list")
	end
end

local MOST_OF_KEY = 4
-- Of use to programs and to who compares them, not on a page; addresses stand above.
local unread = {}
for _, k in ipairs(fact_keys()) do unread[k.key] = k.use == "kept" or k.use == "address" end

-- Said under several addresses, a value is one: since the first time, until the last.
local function once(entries)
	local list, place_of = {}, {}
	for _, e in ipairs(entries) do
		local key = e.source .. "\0" .. e.value
		local had = place_of[key]
		if had then
			had.first, had.last = inventory.earlier(had.first, e.first), inventory.later(had.last, e.last)
			had.former, had.confidence = had.former and e.former, math.max(had.confidence, e.confidence)
		else
			local value = { value = e.value, source = e.source, first = e.first, last = e.last, former = e.former }
			value.confidence = e.confidence
			place_of[key], list[#list + 1] = value, value
		end
	end
	return list
end

local function fact_rows(w, facts)
	local rows = {}
	for key, entries in sorted(facts) do
		local list = once(not unread[key] and entries or {})
		for i, e in ipairs(list) do
			if i > MOST_OF_KEY then
				rows[#rows + 1] = { "", "... " .. plural(#list - MOST_OF_KEY, "further value"), "", "", "", "" }
				break
			end
			local name = i == 1 and key:gsub("_", " ") or ""
			local value = e.former and e.value .. " (until " .. w.clock(e.last) .. ")" or e.value
			rows[#rows + 1] = { name, value, seen_by(e.source), e.confidence .. " %", w.clock(e.first), w.clock(e.last) }
		end
	end
	return rows
end

local WHOLE = 4 -- things behind an address that are told with all their facts; more are a line each

-- What a line of one of many things says of it.
local shown_of_thing = {
	{ "name", { "station_name", "module_name", "hostname" } }, { "maker", { "vendor" } },
	{ "model", { "model", "product", "order_number" } }, { "serial", { "serial" } }, { "firmware", { "firmware" } },
	{ "instance", { "device_instance" } },
}

local function thing_row(sub, facts)
	local row = { inventory.sub_label(sub) }
	for _, column in ipairs(shown_of_thing) do
		local value = ""
		for _, key in ipairs(column[2]) do
			if value == "" and facts[key] then value = facts[key][1].value end
		end
		row[#row + 1] = value
	end
	return row
end

local function many_things(w, r, subs)
	local head, rows = { "which" }, {}
	for i, column in ipairs(shown_of_thing) do head[i + 1] = column[1] end
	for i, sub in ipairs(subs) do rows[i] = thing_row(sub, r.subs[sub]) end
	w.head("BEHIND IT: " .. plural(#subs, "thing"))
	grid(w, head, rows)
end

local function facts(w, r)
	local head = { "what", "value", "source", "sure", "first", "last" }
	local own, subs = fact_rows(w, r.facts), inventory.subs(r)
	if #own > 0 then
		w.head "WHAT PACKETS REVEALED"
		grid(w, head, own, { "first", "last" })
	end
	if #subs > WHOLE then return many_things(w, r, subs) end
	for _, sub in ipairs(subs) do
		local rows = fact_rows(w, r.subs[sub])
		if #rows > 0 then
			w.head("BEHIND IT: " .. inventory.sub_label(sub):upper())
			grid(w, head, rows, { "first", "last" })
		end
	end
end

local function services(w, head, t, by_id)
	local rows = {}
	for service, peers in sorted(t) do
		local names = {}
		for id in sorted(peers) do names[#names + 1] = called(id, by_id) end
		rows[#rows + 1] = { service, tostring(#names), table.concat(names, ", ") }
	end
	if #rows == 0 then return end
	w.head(head)
	grid(w, { "service", "others", "who" }, rows)
end

-- Rows of several days become one.
local function operations(w, r, by_id, side)
	local found, list = {}, {}
	inventory.each_function(function(a, b, f)
		local here, other, address = a, b, f.server
		if side == "server" then here, other, address = b, a, f.client end
		if here ~= r.id then return end
		local key = table.concat({ tostring(other or address), f.protocol, f.func, tostring(f.unit) }, "\0")
		local row = found[key]
		if not row then
			row = {
				other = other, address = address, f = f, count = 0, errors = 0, unanswered = 0, first = f.first,
				last = f.last,
			}
			found[key] = row
			list[#list + 1] = row
		end
		row.count, row.errors, row.unanswered = row.count + f.count, row.errors + f.errors, row.unanswered + f.unanswered
		row.first, row.last = inventory.earlier(row.first, f.first), inventory.later(row.last, f.last)
	end)
	local order = { control = 1, change = 2, observe = 3 }
	table.sort(list, function(x, y)
		local p, q = order[x.f.category] or 4, order[y.f.category] or 4
		if p ~= q then return p < q end
		if x.count ~= y.count then return x.count > y.count end
		if x.f.func ~= y.f.func then return x.f.func < y.f.func end
		return x.address < y.address
	end)
	local rows = {}
	for i, row in ipairs(list) do
		local seconds, failed = (row.last - row.first):seconds(), row.errors + row.unanswered
		rows[i] = {
			row.other and called(row.other, by_id) or tostring(row.address), row.f.protocol, row.f.func,
			row.f.unit and tostring(row.f.unit) or "",
			row.f.category, thousands(row.count), row.count > 2 and seconds > 0 and span(seconds / (row.count - 1)) or "",
			failed > 0 and thousands(failed) or "", w.clock(row.last),
		}
	end
	return rows
end

local function functions(w, r, by_id)
	for _, side in ipairs { { "server", "WHAT IT IS ASKED", "by" }, { "client", "WHAT IT ASKS OF CONTROLLERS", "whom" } } do
		local rows = operations(w, r, by_id, side[1])
		if #rows > 0 then
			w.head(side[2])
			grid(w, { side[3], "protocol", "function", "unit", "kind", "times", "every", "failed", "last" }, rows,
				{ "protocol", "every", "last", "unit" })
		end
	end
end

local MOST_TARGETS = 10

-- What is written first, then what is read most.
local function process(w, r, by_id)
	local list = {}
	for server, vlan, unit, _, target, op, row in inventory.targets:pairs() do
		if inventory.owner(server, vlan, row.last) == r.id then
			list[#list + 1] = { unit = unit, target = target, op = op, row = row }
		end
	end
	if #list == 0 then return end
	table.sort(list, function(x, y)
		if (x.op == "read") ~= (y.op == "read") then return x.op ~= "read" end
		if x.row.count ~= y.row.count then return x.row.count > y.row.count end
		return x.target .. x.op .. x.unit < y.target .. y.op .. y.unit
	end)
	local rows, shown = {}, inventory.shown_number
	for i = 1, math.min(#list, MOST_TARGETS) do
		local one, row, names = list[i], list[i].row, {}
		for k, client in ipairs(row.clients) do
			names[k] = called(inventory.owner(client, 0, row.last) or tostring(client), by_id)
		end
		rows[i] = {
			one.target, one.op, thousands(row.count), shown(row.least) or "", shown(row.most) or "", shown(row.latest) or "",
			table.concat(names, ", "),
		}
	end
	w.head "REGISTERS, TAGS AND BLOCKS"
	grid(w, { "which", "done", "times", "least", "most", "latest", "by" }, rows)
	if #list > MOST_TARGETS then
		w.line("  ... and " .. #list - MOST_TARGETS .. " more: otoscope view process " .. (r.ips[1] or r.id))
	end
end

local function programs(w, r, by_id)
	local rows = {}
	for at, _, p in inventory.programs:pairs() do
		local client, server = inventory.owner(p.client, p.vlan, at), inventory.owner(p.server, p.vlan, at)
		if client == r.id or server == r.id then
			local other = server == r.id and (client or p.client) or server or p.server
			rows[#rows + 1] = {
				w.clock(at), p.direction, p.name or p.kind or "", p.size and thousands(p.size) or "",
				p.result or "", called(tostring(other), by_id),
			}
		end
	end
	if #rows == 0 then return end
	w.head "PROGRAMS IN AND OUT"
	grid(w, { "when", "what", "program", "bytes", "result", "other" }, rows)
end

local function peers(w, r, by_id)
	local list, rows = {}, {}
	for id, p in sorted(r.peers) do list[#list + 1] = { id = id, p = p } end
	table.sort(list, function(x, y)
		if x.p.bytes ~= y.p.bytes then return x.p.bytes > y.p.bytes end
		return x.id < y.id
	end)
	for i, one in ipairs(list) do
		local names = {}
		for service in sorted(one.p.services) do names[#names + 1] = service end
		rows[i] = { called(one.id, by_id), table.concat(names, ", "), thousands(one.p.packets), size(one.p.bytes),
			w.clock(one.p.last) }
	end
	if #rows == 0 then return end
	w.head "WHOM IT SPEAKS WITH"
	grid(w, { "who", "services", "packets", "traffic", "last" }, rows, { "packets" })
end

-- One line of an asset's life, in words.
local function told(e)
	local text = e.event .. (e.what and " " .. e.what or "")
	if e.event == "new" then
		text = "first seen" .. (e.what and ": " .. inventory.sub_label(e.what) or "")
	elseif e.event == "moved" and e.what == "router" then
		return "turned out to be a router; " .. e.is
	elseif e.event == "moved" and e.what == "owner" then
		text = "another has an address of it: " .. (e.was or "") .. " -> " .. e.is
	elseif e.is then
		local what = (e.what or e.event):gsub("_", " ")
		text = (e.event == "changed" or e.event == "moved") and what .. (e.was and " changed" or "") or text
		text = text .. ": " .. (e.was and e.was .. " -> " or "") .. e.is
	end
	return e.evidence and text .. " (" .. seen_by(e.evidence) .. ")" or text
end

local function events(w, r)
	local list = {}
	for at, number, e in inventory.history:pairs() do
		if e.id == r.id then list[#list + 1] = { at = at, number = number, e = e } end
	end
	if #list == 0 then return end
	-- what the owner wrote down later may have happened before
	table.sort(list, function(x, y)
		if x.at ~= y.at then return x.at < y.at end
		return x.number < y.number
	end)
	w.head "WHAT HAPPENED"
	if #list > MOST_LINES then w.line("  ... " .. #list - MOST_LINES .. " before: otoscope view history " .. (r.ips[1] or r.id)) end
	for i = math.max(1, #list - MOST_LINES + 1), #list do
		local when = "  " .. w.clock(list[i].at) .. "  "
		for k, part in ipairs(wrapped(told(list[i].e), w.width - #when)) do
			w.line((k == 1 and when or string.rep(" ", #when)) .. part)
		end
	end
end

function page.lines(r, by_id, width)
	local w = writer(r, math.max(width or USUAL, NARROWEST))
	title(w, r)
	addresses(w, r, by_id)
	identity(w, r)
	presence(w, r)
	owner_says(w, r)
	facts(w, r)
	services(w, "SERVICES IT OFFERS", r.serves, by_id)
	services(w, "SERVICES IT USES", r.uses, by_id)
	functions(w, r, by_id)
	process(w, r, by_id)
	programs(w, r, by_id)
	peers(w, r, by_id)
	events(w, r)
	return w.lines
end

return page
