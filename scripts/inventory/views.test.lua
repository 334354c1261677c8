local ALL = { "assets.lua", "traffic.lua", "functions.lua", "views.lua", "owner.lua" }
local DEMO = "../../testdata/captures/demo.pcap"
local PLC, ROUTER = "00:1b:1b:00:00:01", "00:00:0c:00:00:0a"

local function ask(options, ...)
	options.scripts, options.ask, options.events = ALL, { ... }, "none"
	local r = replay(options)
	assert.same({}, r.errors)
	return table.unpack(r.answers)
end

local function through(peer)
	return via(udp(peer .. ":5000", "10.0.0.1:6000", "x"), { src = ROUTER, dst = PLC })
end
local outside = {
	arp("10.0.0.254", ROUTER, "10.0.0.1"), arp("10.0.0.1", PLC, "10.0.0.1"), through "8.8.8.8", through "9.9.9.9", through "10.7.0.1",
}

describe("the internet on the map", function()
	local function map(how)
		local code = 'require "inventory".settings:set("internet", "' .. how .. '")'
		local rows = ask({ packets = outside, code = code }, { "view map", layer = "ip" })
		local ends = {}
		for i, row in ipairs(rows) do ends[i] = row.from .. " " .. row.to end
		table.sort(ends)
		return ends
	end
	it("is one", function() assert.same({ PLC .. " 10.7.0.1", PLC .. " internet" }, map "collapse") end)
	it("is all of its addresses", function() assert.equal(3, #map "show") end)
	it("is hidden", function() assert.same({ PLC .. " 10.7.0.1" }, map "hide") end)
end)

it("a day's traffic adds up over services", function()
	local rows = ask({ capture = DEMO }, { "view traffic", interval = "day" })
	local packets, total = 0, 0
	for _, row in ipairs(rows) do
		if row.service == "total" then total = total + row.packets else packets = packets + row.packets end
	end
	-- copies that a mirror port makes are on the wire, and in no flow
	assert.is_true(packets > 10000 and packets <= total and total - packets < 200)
end)

it("OT functions over IP and without IP are lists of their own", function()
	local ip, ethernet = ask({ capture = "../../testdata/captures/cclink.pcap" }, { "view ot ip" }, { "view ot ethernet" })
	assert.is_true(#ip > 0 and #ethernet > 0)
	for _, row in ipairs(ethernet) do assert.matches("^%x%x:", row.client) end
	for _, row in ipairs(ip) do assert.matches("^%d+%.", row.client) end
end)

it("terminals are found by what they speak and by their kind", function()
	local servers, resolvers, none = ask({ capture = DEMO }, { "view terminals", within = "OT", kind = "server" },
		{ "view terminals", within = "name resolution" }, { "view terminals", within = "mail" })
	assert.equal("192.168.10.11", servers[1].ip)
	assert.is_true(#resolvers > 1)
	assert.same({}, none)
end)

it("a matrix has a terminal where its address is", function()
	local cells = ask({ capture = DEMO }, { "view matrix role", network = "192.168.10" })
	for _, cell in ipairs(cells) do
		assert.equal(cell.ip, "192.168.10." .. cell.row * 16 + cell.column)
	end
	assert.equal(11, #cells)
end)

it("one terminal: facts with source and confidence, peers with services", function()
	local rows = ask({ capture = DEMO }, { "view terminal", who = "192.168.10.11" })
	local sections = {}
	for _, row in ipairs(rows) do sections[row.section] = (sections[row.section] or 0) + 1 end
	assert.is_true(sections.fact >= 4 and sections.peer == 4 and sections.address >= 2)
end)

it("a terminal that is not there is an error that says what to do", function()
	assert.contains("otoscope inventory lists", (ask({ capture = DEMO }, { "view terminal", who = "10.99.0.1" })))
end)
