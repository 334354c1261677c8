-- page.lua - the page of one asset as lines of text: what an engineer of the plant wants to know, in the order in which he asks.
--
--   page.lines(record, by_id) -> list of lines
local inventory = require "inventory"

local page = {}
local WIDTH, MOST_LINES = 120, 25

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
	return name and address .. " " .. name or address
end

-- ---------------------------------------------------------------------------- writing

local function writer()
	local w = { lines = {} }
	function w.line(text) w.lines[#w.lines + 1] = (text:gsub("%s+$", "")) end
	function w.head(text)
		w.line ""
		w.line(text)
	end
	function w.field(name, text)
		if text and text ~= "" then w.line(string.format("%-12s %s", name, text)) end
	end
	return w
end

local function width_of(text)
	return utf8.len(text) or #text
end

local function cut(text, width)
	if width_of(text) <= width then return text end
	local at = utf8.len(text) and utf8.offset(text, width) or width
	return text:sub(1, at - 1) .. "~"
end

-- Rows with a head; the widest column gives way. What is left out is said.
local function grid(w, head, rows)
	local widths = {}
	for i, h in ipairs(head) do
		widths[i] = width_of(h)
		for _, row in ipairs(rows) do widths[i] = math.max(widths[i], width_of(row[i])) end
	end
	local total = 2 * #head
	for _, n in ipairs(widths) do total = total + n end
	while total > WIDTH do
		local widest = 1
		for i, n in ipairs(widths) do if n > widths[widest] then widest = i end end
		if widths[widest] <= 12 then break end
		widths[widest], total = widths[widest] - 1, total - 1
	end
	local function put(row)
		local cells = {}
		for i, cell in ipairs(row) do
			local text = cut(cell, widths[i])
			cells[i] = text .. string.rep(" ", widths[i] - width_of(text))
		end
		w.line("  " .. table.concat(cells, "  "))
	end
	put(head)
	for i, row in ipairs(rows) do
		if i > MOST_LINES then
			w.line("  ... and " .. #rows - MOST_LINES .. " more")
			break
		end
		put(row)
	end
end

-- ---------------------------------------------------------------------------- parts of the page

local function title(w, r)
	local parts = {}
	for _, part in ipairs { r.ips[1] and tostring(r.ips[1]) or r.id, inventory.name(r) or false, inventory.role(r).role } do
		if part and part ~= "unknown" then parts[#parts + 1] = part end
	end
	local text = table.concat(parts, "  ")
	w.line(text)
	w.line(string.rep("=", width_of(text)))
end

local function addresses(w, r, by_id)
	for i, ip in ipairs(r.ips) do
		local row
		for _, vlan in ipairs(#r.vlans > 0 and { 0, table.unpack(r.vlans) } or { 0 }) do
			row = row or inventory.addresses:get { ip, vlan }
		end
		w.field(i == 1 and "Address" or "", ip .. (row and "  (" .. row.how .. ")" or ""))
	end
	for i, mac in ipairs(r.macs) do w.field(i == 1 and "MAC" or "", mac .. "  " .. (mac:vendor() or "maker unknown")) end
	if r.via then w.field("Behind", "router " .. called(inventory.owner(r.via, 0) or tostring(r.via), by_id)) end
	if #r.vlans > 0 then w.field("VLAN", table.concat(inventory.texts(r.vlans), ", ")) end
	for i, was in ipairs(r.was) do
		w.field(i == 1 and "Had" or "", was.address .. " until " .. clock(was.till) .. ", now of " .. called(was.now, by_id))
	end
end

local function identity(w, r)
	local role, os, level = inventory.role(r), inventory.os(r), inventory.level(r)
	w.field("Maker", inventory.vendor(r))
	w.field("Model", inventory.model(r))
	w.field("Role", role.role .. (level and " (Purdue level " .. level .. ")" or ""))
	for _, reason in ipairs(role.reasons) do w.field("", "- " .. reason) end
	if os.name ~= "unknown" or os.disagree then
		w.field("System", os.name .. ", " .. os.confidence .. " % sure (" .. table.concat(os.sources, ", ") .. ")")
		for _, other in ipairs(os.disagree or {}) do w.field("", "- " .. other.source .. " says " .. other.value) end
		for _, other in ipairs(os.against or {}) do w.field("", "- but " .. other.source .. " hints at " .. other.value) end
	end
end

local function presence(w, r)
	w.field("Seen", clock(r.first) .. " to " .. clock(r.last) .. (r.silent and ", silent since" or ""))
	w.field("Traffic", plural(r.packets, "packet") .. ", " .. size(r.bytes) .. " with " .. plural(inventory.size(r.peers), "other"))
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

local shown_apart = { ip = true }

local function fact_rows(facts, rows, sub)
	for key, entries in sorted(facts) do
		if not shown_apart[key] then
			for i, e in ipairs(entries) do
				if i > 4 then
					rows[#rows + 1] = { "", "... " .. #entries - 4 .. " further values", "", "", "", "" }
					break
				end
				local name = i == 1 and (sub and sub .. ": " or "") .. key or ""
				local value = e.former and e.value .. " (until " .. clock(e.last) .. ")" or e.value
				rows[#rows + 1] = { name, value, e.source, e.confidence .. " %", clock(e.first), clock(e.last) }
			end
		end
	end
end

local function facts(w, r)
	local rows = {}
	fact_rows(r.facts, rows)
	for _, sub in ipairs(inventory.subs(r)) do fact_rows(r.subs[sub], rows, sub) end
	if #rows == 0 then return end
	w.head "WHAT PACKETS REVEALED"
	grid(w, { "what", "value", "source", "sure", "first", "last" }, rows)
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
local function operations(r, by_id, side)
	local found, list = {}, {}
	inventory.each_function(function(a, b, f)
		local here, other = a, b
		if side == "server" then here, other = b, a end
		if here ~= r.id then return end
		local key = table.concat({ tostring(other), f.protocol, f.func, tostring(f.unit) }, "\0")
		local row = found[key]
		if not row then
			row = { other = other, f = f, count = 0, errors = 0, unanswered = 0, first = f.first, last = f.last }
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
		return x.f.func < y.f.func
	end)
	local rows = {}
	for i, row in ipairs(list) do
		local seconds = (row.last - row.first):seconds()
		rows[i] = {
			row.other and called(row.other, by_id) or "?", row.f.protocol, row.f.func,
			row.f.unit and tostring(row.f.unit) or "",
			row.f.category, thousands(row.count), row.count > 2 and seconds > 0 and span(seconds / (row.count - 1)) or "",
			thousands(row.errors + row.unanswered), clock(row.last),
		}
	end
	return rows
end

local function functions(w, r, by_id)
	for _, side in ipairs { { "server", "WHAT IT IS ASKED", "by" }, { "client", "WHAT IT ASKS OF CONTROLLERS", "whom" } } do
		local rows = operations(r, by_id, side[1])
		if #rows > 0 then
			w.head(side[2])
			grid(w, { side[3], "protocol", "function", "unit", "kind", "times", "every", "failed", "last" }, rows)
		end
	end
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
			clock(one.p.last) }
	end
	if #rows == 0 then return end
	w.head "WHOM IT SPEAKS WITH"
	grid(w, { "who", "services", "packets", "traffic", "last" }, rows)
end

local function events(w, r)
	local rows = {}
	for at, _, e in inventory.history:pairs() do
		if e.id == r.id then
			local text = e.what or ""
			if e.is then text = text .. ": " .. (e.was and e.was .. " -> " or "") .. e.is end
			rows[#rows + 1] = { clock(at), e.event, text, e.evidence or "" }
		end
	end
	if #rows == 0 then return end
	w.head "WHAT HAPPENED"
	grid(w, { "when", "event", "what", "how we know" }, rows)
end

function page.lines(r, by_id)
	local w = writer()
	title(w, r)
	addresses(w, r, by_id)
	identity(w, r)
	presence(w, r)
	owner_says(w, r)
	facts(w, r)
	services(w, "SERVICES IT OFFERS", r.serves, by_id)
	services(w, "SERVICES IT USES", r.uses, by_id)
	functions(w, r, by_id)
	peers(w, r, by_id)
	events(w, r)
	return w.lines
end

return page
