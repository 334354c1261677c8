it("tells of the scan once, and of no operator", function()
	local r = replay { capture = "../../testdata/captures/demo.pcap", scripts = { "burst.lua" }, events = "none" }
	assert.equal(1, #r.lines)
	assert.matches("192.168.10.99 tries one function after another on 192.168.10.11", r.lines[1])
	assert.same({}, r.errors)
end)
