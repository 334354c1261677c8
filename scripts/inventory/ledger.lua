-- ledger.lua - the owner's list of his devices beside what was seen: who is in both, who is not in the list, who was never seen.
--
-- The list comes as CSV, in UTF-8 or the code page of the site; tools/ledger makes CSV of a workbook. Columns are found by their names,
-- Japanese or English, in any order; others are kept and shown as they are. What it says appears with the asset, and its devices are
-- known to the detection of new terminals (asset.new has in_ledger).
local inventory = require "inventory"
local csv = require "csv"

local columns = {
	name = {
		"name", "device", "devicename", "asset", "assetname", "terminal", "機器名", "装置名", "端末名", "設備名", "名称",
		"機器名称", "資産名",
	},
	mac = {
		"mac", "macaddress", "macaddr", "hwaddress", "physicaladdress", "macアドレス", "物理アドレス", "ＭＡＣアドレス",
	},
	ipv4 = {
		"ip", "ipv4", "ipaddress", "ipv4address", "address", "ipaddr", "ipアドレス", "ipv4アドレス", "ＩＰアドレス",
	},
	ipv6 = { "ipv6", "ipv6address", "ipv6アドレス" },
	hostname = { "hostname", "host", "computername", "dnsname", "ホスト名", "コンピュータ名", "コンピューター名" },
	sensor = { "sensor", "センサー", "センサ" },
	type = { "type", "devicetype", "kind", "category", "機器種別", "種別", "装置種別", "機種", "端末種別", "分類" },
	place = { "place", "location", "site", "area", "設置場所", "場所", "設置", "拠点", "ライン" },
	detail = { "detail", "details", "description", "詳細", "用途", "説明" },
	os = { "os", "operatingsystem", "system", "ｏｓ", "基本ソフト" },
	vendor = { "vendor", "maker", "manufacturer", "メーカー", "メーカ", "製造元", "ベンダー", "ベンダ" },
	model = { "model", "modelname", "product", "型番", "型式", "形式", "品名" },
	serial = { "serial", "serialnumber", "serialno", "シリアル", "シリアル番号", "製造番号", "シリアルナンバー" },
	importance = { "importance", "priority", "criticality", "重要度", "優先度" },
	contact = { "owner", "contact", "responsible", "担当者", "管理者", "担当", "所有者", "管理部署" },
	expires = { "expires", "expiry", "validuntil", "有効期限", "期限" },
	block = { "block", "blocking", "autoblock", "isolation", "遮断", "自動遮断", "遮断可否", "隔離" },
	note = { "note", "notes", "remark", "remarks", "comment", "備考", "メモ", "コメント", "注記" },
}
local order = {
	"name", "mac", "ipv4", "ipv6", "hostname", "sensor", "type", "place", "detail", "os", "vendor", "model", "serial", "importance",
	"contact", "expires", "block", "note",
}

local meaning = {}
for _, field in ipairs(order) do
	for _, word in ipairs(columns[field]) do meaning[word] = field end
end

local function field_of(head)
	local word = head:lower():gsub("[%s_%-%.:/#()]", ""):gsub("　", "")
	return meaning[word]
end

-- "00-1B-1B-02-E6-1F", "001b.1b02.e61f", "001b1b02e61f"
local function read_mac(text)
	local digits = text:gsub("[^%x]", "")
	if #digits ~= 12 or text:find("[^%x%s:%.%-]") then return nil end
	return mac((digits:gsub("(%x%x)", "%1:"):sub(1, 17)))
end

local function read_ip(text)
	local ok, a = pcall(addr, (text:gsub("/%d+$", "")))
	if ok and a:family() ~= "mac" then return a end
end

-- Several addresses may stand in one cell.
local function read_all(text, read, into, bad)
	for word in text:gsub("　", " "):gsub("、", " "):gmatch("[^%s,;|]+") do
		local a = read(word)
		if a then into[#into + 1] = a else bad[#bad + 1] = word end
	end
end

local function read_row(head, cells, bad)
	local row = { macs = {}, ips = {}, columns = {} }
	for i, cell in ipairs(cells) do
		local field = head[i] and head[i].field
		if cell ~= "" and head[i] then
			row.columns[#row.columns + 1] = { head[i].title, cell }
			if field then row[field] = row[field] or cell end
			if field == "mac" then read_all(cell, read_mac, row.macs, bad) end
			if field == "ipv4" or field == "ipv6" then read_all(cell, read_ip, row.ips, bad) end
		end
	end
	return #row.columns > 0 and row or nil
end

-- The head is the first row that names an address column: people put titles above.
local function read_head(rows)
	for i = 1, math.min(#rows, 10) do
		local head, addresses = {}, false
		for c, cell in ipairs(rows[i]) do
			local field = field_of(cell)
			if cell ~= "" then head[c] = { title = cell, field = field } end
			addresses = addresses or field == "mac" or field == "ipv4" or field == "ipv6"
		end
		if addresses then return i, head end
	end
end

command.new {
	name = "ledger import", doc = "Take up the owner's list of devices: a CSV file; the list before it is replaced.", writes = true,
	args = { { "file", "file", "the list, with a head that names the columns" } },
	run = function(args)
		if not args.file then error("ledger import of which file?", 0) end
		local rows = csv.rows(args.file)
		local at, head = read_head(rows)
		if not at then error("no column is called MAC, IP address, MACアドレス or IPアドレス: how shall devices be found?", 0) end
		inventory.ledger:clear()
		local n, without, bad, unknown = 0, 0, {}, {}
		for i = at + 1, #rows do
			local row = read_row(head, rows[i], bad)
			if row then
				n = n + 1
				inventory.ledger:set(n, row)
				if #row.macs + #row.ips == 0 then without = without + 1 end
			end
		end
		for _, column in sorted(head) do
			if not column.field then unknown[#unknown + 1] = column.title end
		end
		print(n .. " devices taken up")
		if without > 0 then print(without .. " of them have no address and cannot be found in traffic") end
		if #unknown > 0 then print("columns kept as they are: " .. table.concat(unknown, ", ")) end
		for i = 1, math.min(#bad, 10) do print("no address: " .. bad[i]) end
	end,
}

command.new {
	name = "ledger clear", doc = "Forget the owner's list.", writes = true,
	run = function()
		print(#inventory.ledger .. " devices forgotten")
		inventory.ledger:clear()
	end,
}

-- ---------------------------------------------------------------------------- both beside each other

local function differences(r, row)
	local list = {}
	local function compare(what, said, seen)
		if said and seen and said ~= "" and tostring(said):lower() ~= tostring(seen):lower() then
			list[#list + 1] = what .. ": " .. said .. ", seen " .. tostring(seen)
		end
	end
	if #row.ips > 0 and #r.ips > 0 then
		local same = false
		for _, a in ipairs(row.ips) do
			for _, b in ipairs(r.ips) do same = same or a == b end
		end
		if not same then compare("address", tostring(row.ips[1]), tostring(r.ips[1])) end
	end
	if #row.macs > 0 and #r.macs > 0 and r.ledger.by == "IP" then compare("MAC", tostring(row.macs[1]), tostring(r.macs[1])) end
	compare("host name", row.hostname, inventory.value(r, "hostname"))
	compare("serial", row.serial, inventory.value(r, "serial"))
	return #list > 0 and table.concat(list, "; ") or nil
end

local function lines()
	local out, seen = {}, {}
	local list = inventory.records()
	for _, r in ipairs(list) do
		if r.ledger then
			local row = r.ledger.row
			seen[r.ledger.number] = true
			out[#out + 1] = {
				state = "matched", by = r.ledger.by, row = r.ledger.number, name = row.name, id = r.id, ip = r.ips[1],
				mac = r.macs[1],
				place = row.place, type = row.type, note = row.note, first = r.first, last = r.last,
				difference = differences(r, row),
			}
		elseif r.id ~= inventory.INTERNET and #r.ips + #r.macs > 0 then
			out[#out + 1] = {
				state = "not in ledger", name = inventory.name(r), id = r.id, ip = r.ips[1], mac = r.macs[1],
				first = r.first, last = r.last,
			}
		end
	end
	for number, row in inventory.ledger:pairs() do
		if not seen[number] then
			out[#out + 1] = {
				state = "never seen", row = number, name = row.name, ip = row.ips[1], mac = row.macs[1], place = row.place,
				type = row.type,
				note = row.note,
			}
		end
	end
	return out
end

local seen_columns = {
	{ "state", "string", "matched, not in ledger, never seen" }, { "by", "string", "matched by MAC or IP" },
	{ "ip", "addr", "as seen, else as in the list" }, { "mac", "mac", "as seen, else as in the list" },
	{ "name", "string", "its name" },
	{ "type", "string", "says the list" }, { "place", "string", "says the list" },
	{ "difference", "string", "between list and traffic" },
	{ "first", "time", "first seen" }, { "last", "time", "last seen" }, { "row", "count", "in the list" },
	{ "id", "string", "the asset" },
	{ "note", "string", "says the list" },
}
command.new { name = "ledger", doc = "The owner's list beside what was seen.", columns = seen_columns, run = lines }

-- What can be imported again: the list's own words first, then what traffic says.
local function export_row(r)
	local row = r.ledger and r.ledger.row or {}
	local function both(list)
		local out = {}
		for i, a in ipairs(list) do out[i] = tostring(a) end
		return #out > 0 and table.concat(out, " ") or nil
	end
	local v4, v6 = {}, {}
	for _, ip in ipairs(r.ips) do table.insert(ip:family() == "ipv4" and v4 or v6, ip) end
	local os = inventory.os(r).name
	return {
		name = row.name or inventory.name(r), mac = both(r.macs) or row.mac, ipv4 = both(v4) or row.ipv4, ipv6 = both(v6)
		or row.ipv6,
		hostname = row.hostname or inventory.value(r, "hostname"), sensor = row.sensor, type = row.type or inventory.role(r).role,
		place = row.place or r.owned.place, detail = row.detail, os = row.os or os ~= "unknown" and os or nil,
		vendor = row.vendor or inventory.vendor(r), model = row.model or inventory.model(r),
		serial = row.serial or inventory.value(r, "serial"), importance = row.importance or r.owned.importance,
		contact = row.contact,
		expires = row.expires, block = row.block or r.owned.block, note = row.note or r.owned.note,
		state = r.ledger and "matched" or "not in ledger", first = r.first,
		last = r.last,
	}
end

local export_columns = {}
for i, field in ipairs(order) do export_columns[i] = { field, "string", "as in the list, else as seen" } end
export_columns[#order + 1] = { "state", "string", "matched, not in ledger, never seen" }
export_columns[#order + 2] = { "first", "time", "first seen" }
export_columns[#order + 3] = { "last", "time", "last seen" }

command.new {
	name = "ledger export", doc = "The list with what was seen, to be kept as the next list: with --csv.", columns = export_columns,
	run = function()
		local rows, seen = {}, {}
		for _, r in ipairs((inventory.records())) do
			if r.id ~= inventory.INTERNET and #r.ips + #r.macs > 0 then rows[#rows + 1] = export_row(r) end
			if r.ledger then seen[r.ledger.number] = true end
		end
		for number, row in inventory.ledger:pairs() do
			if not seen[number] then
				local out = { state = "never seen" }
				for _, field in ipairs(order) do out[field] = row[field] end
				rows[#rows + 1] = out
			end
		end
		return rows
	end,
}
