local function sensor(options)
	options.scripts = { "assets.lua", "traffic.lua", "coverage.lua" }
	options.ask, options.events = { { "view sensor" }, { "view coverage" } }, "none"
	local r = replay(options)
	assert.same({}, r.errors)
	local by_topic = {}
	for _, row in ipairs(r.answers[1]) do by_topic[row.topic] = row end
	return by_topic, r.answers[2]
end

it("unicast shows a mirror port, understood bytes are counted", function()
	local said, keys = sensor { capture = "../../testdata/captures/demo.pcap" }
	assert.equal("good", said["mirror port"].verdict)
	assert.contains("192.168.10.0/24", said.networks.result)
	assert.equal("no VLAN tags", said.VLANs.result)
	local modbus
	for _, row in ipairs(keys) do if row.key == "tcp/502" and row.service then modbus = row end end
	assert.equal(100, modbus.percent)
end)

it("broadcast alone is no mirror port", function()
	local said = sensor { packets = { arp("10.0.0.1", "00:1b:1b:00:00:01", "10.0.0.2"),
		arp("10.0.0.3", "00:1b:1b:00:00:03", "10.0.0.2") } }
	assert.equal("bad", said["mirror port"].verdict)
	assert.contains("broadcast only", said["mirror port"].result)
end)

it("sessions that are joined in the middle are counted", function()
	local frames = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", "x" }, { "<", "y" })
	local said = sensor { packets = { frames[4], frames[5] } }
	assert.contains("1 of 1", said["TCP sessions"].result)
end)

it("copies cannot be told where no packet is numbered", function()
	local said = sensor { packets = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", "x" }, { "<", "y" }) }
	assert.contains("cannot be told", said.duplicates.result)
	assert.equal("look", said.duplicates.verdict)
	said = sensor { capture = "../../testdata/captures/demo.pcap" }
	assert.equal("good", said.duplicates.verdict)
end)
