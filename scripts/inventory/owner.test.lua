local DEMO = "../../testdata/captures/demo.pcap"
local ALL = { "assets.lua", "traffic.lua", "functions.lua", "list.lua", "owner.lua", "maps.lua", "timeline.lua" }

local function ask(...)
	local r = replay { capture = DEMO, scripts = ALL, ask = { ... }, events = "none" }
	assert.same({}, r.errors)
	return r.answers, r.lines
end

local function by_ip(rows)
	local found = {}
	for _, row in ipairs(rows) do found[row.ip or row.id] = row end
	return found
end

it("what the owner says is the asset's, until it is taken back", function()
	local a = ask({ "inventory set", who = "192.168.10.11", field = "place", value = "Hall 2" }, { "inventory full" },
		{ "inventory set", who = "192.168.10.11", field = "place" }, { "inventory full" })
	assert.equal("Hall 2", by_ip(a[2])["192.168.10.11"].place)
	assert.is_nil(by_ip(a[4])["192.168.10.11"].place)
end)

it("a role that the owner gives is the role", function()
	local a = ask({ "inventory set", who = "192.168.10.99", field = "role", value = "test laptop" }, { "inventory full" })
	assert.equal("test laptop", by_ip(a[2])["192.168.10.99"].role)
end)

it("merging and splitting undo each other", function()
	local a = ask({ "inventory merge", who = "192.168.10.13", other = "192.168.10.14" }, { "inventory full" },
		{ "inventory split", what = "00:00:0a:dd:07:9a" }, { "inventory full" })
	assert.same({ "192.168.10.13", "192.168.10.14" }, by_ip(a[2])["192.168.10.13"].addresses)
	assert.same({ "192.168.10.13" }, by_ip(a[4])["192.168.10.13"].addresses)
end)

it("a port is called by the owner's name", function()
	local a = ask({ "service name", port = "44777/tcp", name = "RECIPES" }, { "view services" }, { "service list" })
	local found
	for _, row in ipairs(a[2]) do found = found or row.service == "RECIPES" end
	assert.is_true(found)
	assert.equal("RECIPES", a[3][1].name)
end)

it("mistakes are told with what would be right", function()
	local a = ask({ "inventory set", who = "192.168.10.11", field = "plaec", value = "x" },
		{ "service name", port = "tcp/5", name = "x" },
		{ "inventory setting", name = "internet", value = "maybe" }, { "inventory forget", period = "yesterday" },
		{ "inventory merge", who = "192.168.10.11", other = "192.168.10.11" })
	assert.contains("there are name, place", a[1])
	assert.contains("5001/tcp", a[2])
	assert.contains("show, hide or collapse", a[3])
	assert.contains("is no time", a[4])
	assert.contains("one asset already", a[5])
end)

it("a period that is forgotten is in no list", function()
	local a = ask({ "inventory forget", period = "2024-05-12..2024-05-14" }, { "inventory full" }, { "view map" }, { "view traffic" })
	assert.same({ {}, {}, {} }, { a[2], a[3], a[4] })
end)
