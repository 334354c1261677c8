local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local packets = { udp("10.0.0.1:4000", "10.0.0.2:9", "evil"), udp("10.0.0.3:4000", "10.0.0.2:9", "evil") }
local ENGINE = [[
on("flow.new", { resp_p = 9 }, function(e)
	raise("signature.hit", {
		signature = "7", text = "evil bytes", cve = "CVE-2017-0144", rule = "content:evil", source = e.orig_h, target = e.resp_h,
	})
end)
]]

it("tells of what a signature engine found", function()
	local n, alerts = told("signature", { packets = packets, code = ENGINE })
	assert.equal(2, n)
	assert.contains("evil bytes (signature 7, CVE: CVE-2017-0144)", alerts[1].text)
end)

it("is quiet about a source that is excluded for that signature", function()
	local set = 'state.set({ name = "signature.excluded", key = { "string", "string" } }):add { "7", "10.0.0.1" }\n'
	local n, alerts = told("signature", { packets = packets, code = set .. ENGINE })
	assert.equal(1, n)
	assert.equal("10.0.0.3", alerts[1].source)
end)
