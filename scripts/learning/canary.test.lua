local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)
local SET = 'state.map({ name = "canaries", key = "addr" }):set(addr "10.0.0.99", { why = "test" })'

it("tells of whoever touches it", function()
	local twice = { udp("10.0.0.1:4000", "10.0.0.99:9", "x"), udp("10.0.0.1:4000", "10.0.0.99:10", "x") }
	local n, alerts = told("canary", { code = SET, packets = twice })
	assert.equal(1, n)
	assert.equal("10.0.0.1", alerts[1].source)
	assert.equal(1, (told("canary", { code = SET, packets = { telling.arp("10.0.0.1", "10.0.0.99") } })))
end)

it("is quiet about other addresses", function()
	assert.equal(0, (told("canary", { code = SET, packets = { udp("10.0.0.1:4000", "10.0.0.98:9", "x") } })))
end)
