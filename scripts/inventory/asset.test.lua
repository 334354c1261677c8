local function page(who)
	local r = replay {
		capture = "../../testdata/captures/demo.pcap", scripts = { "assets.lua", "traffic.lua", "functions.lua", "asset.lua" },
		events = "none",
		ask = { { "asset", who = who } },
	}
	assert.same({}, r.errors)
	return r.printed, r.answers[1]
end

it("tells what an engineer asks: what it is, where, since when, by whom it is changed", function()
	local text = page "192.168.10.11"
	for _, part in ipairs {
		"192.168.10.11", "00:80:f4:fc:8c:fc", "Model        BMX P34 2020", "PLC (Purdue level 1)", "is asked in modbus", "V3.30",
		"100 %",
		"HMI-LINE1", "WRITE_SINGLE_REGISTER", "address conflict", "WHOM IT SPEAKS WITH",
	} do assert.contains(part, text) end
	for line in text:gmatch("[^\n]+") do assert.is_true((utf8.len(line) or #line) <= 125, line) end
end)

it("is found by name and by MAC address", function()
	assert.contains("192.168.10.20", page "hmi-line1")
	assert.contains("192.168.10.20", page "00:d0:c9:d9:cf:96")
end)

it("of nobody is an error", function()
	local _, answer = page "10.0.0.99"
	assert.contains("nothing is known of 10.0.0.99", answer)
end)
