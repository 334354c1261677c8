it("tells of stops and starts, and of nothing else", function()
	local r = replay { capture = "../../testdata/captures/fins.pcap", scripts = { "plc-stopped.lua" }, events = "ot.operation" }
	local expected = 0
	for _, e in ipairs(r.events["ot.operation"]) do
		if e.op == "stop" or e.op == "start" or e.op == "mode" then expected = expected + 1 end
	end
	assert(expected > 0)
	assert.equal(expected, #r.lines)
	assert.same({}, r.errors)
end)

it("is silent on a plant that only reads", function()
	local read = unhex "0001 0000 0006 01 03 0000 0003"
	local r = replay { packets = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", read }), scripts = { "plc-stopped.lua" } }
	assert.equal(1, #r.events["ot.operation"])
	assert.same({}, r.lines)
end)
