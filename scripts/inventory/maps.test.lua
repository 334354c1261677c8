local DEMO = "../../testdata/captures/demo.pcap"
local PLC, ROUTER = "00:1b:1b:00:00:01", "00:00:0c:00:00:0a"

local function ask(options, ...)
	options.scripts, options.ask, options.events = { "assets.lua", "traffic.lua", "functions.lua", "maps.lua" }, { ... }, "none"
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

it("a broadcast address is nobody that a line leads to", function()
	local lines = ask({ packets = {
		via(udp("10.0.0.1:137", "10.0.0.255:137", "x"), { src = PLC, dst = "ff:ff:ff:ff:ff:ff" }),
		via(udp("10.0.0.1:1000", "10.0.0.9:1000", "x"), { src = PLC, dst = "00:1b:1b:00:00:09" }),
	} }, { "view map" })
	assert.equal(1, #lines)
	assert.equal("10.0.0.9", lines[1].to)
end)

it("nodes are the ends of lines, and who only announces himself", function()
	local lines, nodes = ask({ capture = "../../testdata/captures/star.pcap" }, { "view map" }, { "view map nodes" })
	local known, alone = {}, 0
	for _, node in ipairs(nodes) do
		known[node.id] = true
		if node.peers == 0 then alone = alone + 1 end
	end
	for _, line in ipairs(lines) do assert.is_true(known[line.from] and known[line.to], line.from .. " " .. line.to) end
	assert.is_true(alone >= 3)
end)

it("services and groups tell who by address", function()
	local services, groups = ask({ capture = DEMO }, { "view services" }, { "view groups", by = "protocol" })
	assert.equal("modbus", services[1].service)
	assert.matches("^192%.168%.10%.", services[1].servers[1])
	assert.matches("^192%.168%.10%.", groups[1].members[1])
end)
