it("writes a row for each client, server and protocol, once", function()
	local r = replay { capture = "../../testdata/captures/demo.pcap", scripts = { "new-pair.lua" }, events = "ot.operation", logs = true }
	local expected, seen = 0, {}
	for _, e in ipairs(r.events["ot.operation"]) do
		local pair = e.client .. e.server .. e.protocol
		if e.category ~= "observe" and not seen[pair] then
			seen[pair], expected = true, expected + 1
		end
	end
	assert(expected >= 4)
	assert.equal(expected, #r.logs.new_pairs)
	assert.equal("192.168.10.20", r.logs.new_pairs[1].client)
	assert.same({}, r.errors)
end)
