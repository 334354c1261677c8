local function links(packets)
	local r = replay {
		packets = packets, scripts = { "assets.lua", "traffic.lua" }, events = "none",
		code = [[local inventory = require "inventory"
			command.new { name = "links", doc = "all",
				columns = { { "from", "addr", "" }, { "to", "addr", "" }, { "port", "count", "" },
				{ "service", "string", "" }, { "out", "count", "" }, { "back", "count", "" }, { "vlan", "count", "" } },
				run = function()
				local rows = {}
				inventory.each_link(function(_, _, l)
					rows[#rows + 1] = { from = l.orig, to = l.resp, port = l.port, service = l.service,
						out = l.out_packets, back = l.in_packets,
						vlan = l.vlan }
				end)
				return rows
			end }]],
		ask = { { "links" } },
	}
	assert.same({}, r.errors)
	return r.answers[1]
end

it("a pair's connections of a day are one row", function()
	local rows = links { tcp("10.0.0.1:1025", "10.0.0.2:9999", { ">", "x" }, { "<", "y" }),
		tcp("10.0.0.1:1026", "10.0.0.2:9999", { ">", "x" }, { "<", "y" }) }
	assert.equal(1, #rows)
	assert.equal("9999/tcp", rows[1].service)
	assert.equal(16, rows[1].out + rows[1].back)
end)

it("a scan is one row, whatever the number of ports", function()
	local packets = {}
	for port = 1, 200 do
		local syn = tcp("10.0.0.1:40000", "10.0.0.2:" .. 2000 + port, { ">", "" })[1]
		packets[#packets + 1] = syn
	end
	local rows = links(packets)
	assert.equal(1, #rows)
	assert.equal(0, rows[1].port)
	assert.equal(200, rows[1].out)
end)

it("of many answered ports that nobody knows only the first have a row", function()
	local packets = {}
	for port = 1, 100 do packets[#packets + 1] = tcp("10.0.0.1:40000", "10.0.0.2:" .. 6000 + port, { ">", "x" }, { "<", "y" }) end
	assert.equal(65, #links(packets))
end)

it("in the middle of a connection the port of chance is not the server's", function()
	local frames = tcp("10.0.0.2:7777", "10.0.0.1:49999", { ">", "x" }, { "<", "y" }, { ">", "z" })
	local rows = links { frames[4], frames[5], frames[6] }
	assert.equal(7777, rows[1].port)
	assert.equal("10.0.0.2", rows[1].to)
end)

it("VLANs keep equal addresses apart", function()
	local rows = links {
		via(udp("10.0.0.1:1000", "10.0.0.2:2000", "x"), { vlan = 10 }),
			via(udp("10.0.0.1:1001", "10.0.0.2:2000", "x"), { vlan = 20 }),
	}
	assert.same({ 10, 20 }, { rows[1].vlan, rows[2].vlan })
end)
