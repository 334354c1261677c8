local DEMO = "../../testdata/captures/demo.pcap"

it("a stop by a stranger is an alert", function()
	local r = replay { capture = DEMO, scripts = { "stop-alert.lua" }, events = { "alert" } }
	assert.same({}, r.errors)
	assert.equal(1, #r.events.alert)
	local a = r.events.alert[1]
	assert.equal("192.168.10.99 stops 192.168.10.13: stop (fins).", a.text)
	assert.equal("192.168.10.13", a.target)
	assert.equal(a.text, a.text_ja)
end)

it("reading is none", function()
	local read = unhex "0001 0000 0006 01 03 0000 0003"
	local r = replay { packets = tcp("10.0.0.1:1025", "192.168.10.11:502", { ">", read }), scripts = { "stop-alert.lua" } }
	assert.same({}, r.events.alert or {})
end)
