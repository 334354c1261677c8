local DEMO = "../../testdata/captures/demo.pcap"

local function ask(options, ...)
	options.scripts, options.ask, options.events = { "assets.lua", "traffic.lua", "functions.lua", "ot.lua" }, { ... }, "none"
	local r = replay(options)
	assert.same({}, r.errors)
	return table.unpack(r.answers)
end

it("OT functions over IP and without IP are lists of their own", function()
	local ip, ethernet = ask({ capture = "../../testdata/captures/cclink.pcap" }, { "view ot ip" }, { "view ot ethernet" })
	assert.is_true(#ip > 0 and #ethernet > 0)
	for _, row in ipairs(ethernet) do assert.matches("^%x%x:", row.client) end
	for _, row in ipairs(ip) do assert.matches("^%d+%.", row.client) end
end)

it("what is recognised and not read is in the list without a function", function()
	local rows, found = ask({ capture = "../../testdata/captures/recognised.pcap" }, { "view ot ip" }), {}
	for _, row in ipairs(rows) do found[row.protocol] = row end
	assert.is_nil(found.hart_ip.func)
	assert.is_true(found.hart_ip.count > 0)
	assert.is_nil(found.http)
end)

it("the shares of a protocol's functions are its pie", function()
	local rows, sum, count = ask({ capture = DEMO }, { "view functions", protocol = "modbus" }), 0, 0
	for i, row in ipairs(rows) do
		sum, count = sum + row.percent, count + row.count
		assert.is_true(i == 1 or row.count <= rows[i - 1].count)
	end
	assert.near(100, sum, 0.001)
	local ours = ask({ capture = DEMO }, { "view functions", protocol = "modbus", who = "192.168.10.11" })
	assert.is_true(#ours > 3 and ours[1].count < count)
end)
