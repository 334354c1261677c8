it("tells of the stranger once", function()
	local r = replay { capture = "../../testdata/captures/demo.pcap", scripts = { "write-from-stranger.lua" }, events = "none" }
	assert.equal(1, #r.lines)
	assert.matches("stranger 192.168.10.99 changes", r.lines[1])
	assert.same({}, r.errors)
end)

it("is silent about those on the list", function()
	local write = unhex "0002 0000 0006 01 05 0010 ff00"
	local r = replay { packets = tcp("192.168.10.30:1025", "10.0.0.2:502", { ">", write }), scripts = { "write-from-stranger.lua" } }
	assert.equal(1, #r.events["ot.operation"])
	assert.same({}, r.lines)
end)
