local function ledger(lines, ...)
	local path = os.tmpname()
	local f = assert(io.open(path, "w"))
	f:write(table.concat(lines, "\n"))
	f:close()
	local ask = { { "ledger import", file = path }, ... }
	local r = replay {
		packets = {
			udp("10.0.0.1:1000", "10.0.0.2:2000", "x"), udp("10.0.0.2:2000", "10.0.0.1:1000", "x"),
				udp("10.0.0.3:1", "10.0.0.1:2", "x"),
		},
		scripts = { "assets.lua", "traffic.lua", "functions.lua", "ledger.lua" }, ask = ask, events = "none",
	}
	os.remove(path)
	assert.same({}, r.errors)
	return r.answers, r.printed
end

local function states(rows)
	local found = {}
	for i, row in ipairs(rows) do found[i] = row.state .. " " .. (row.by or "") .. " " .. (row.ip or "") end
	table.sort(found)
	return found
end

it("matches by MAC address, then by IP address", function()
	local a = ledger({ "Device name,MAC address,IP address", "press,02-00-0A-00-00-01,10.0.0.77", "oven,,10.0.0.2", "lamp,,10.0.0.9" },
		{ "ledger" })
	assert.same({ "matched IP 10.0.0.2", "matched MAC 10.0.0.1", "never seen  10.0.0.9", "not in ledger  10.0.0.3" }, states(a[2]))
	for _, row in ipairs(a[2]) do
		if row.by == "MAC" then assert.contains("address: 10.0.0.77, seen 10.0.0.1", row.difference) end
	end
end)

it("reads heads in Japanese, semicolons, quotes, and titles above", function()
	local lines = { "設備一覧;;;", "機器名;ＭＡＣアドレス;IPアドレス;棟", '"圧延機 ""1""";0200.0a00.0001;;B', "" }
	local a, printed = ledger(lines, { "ledger" }, { "ledger export" })
	assert.contains("1 devices taken up", printed)
	assert.contains("columns kept as they are: 棟", printed)
	assert.same({ "matched MAC 10.0.0.1", "not in ledger  10.0.0.2", "not in ledger  10.0.0.3" }, states(a[2]))
	assert.equal('圧延機 "1"', a[3][1].name)
end)

it("refuses what has no address column, and tells addresses that are none", function()
	local a = ledger { "a,b", "1,2" }
	assert.contains("no column is called MAC", a[1])
	local _, printed = ledger { "name,ip", "x,10.0.0.300" }
	assert.contains("no address: 10.0.0.300", printed)
	assert.contains("1 of them have no address", printed)
end)
