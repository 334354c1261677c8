local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local reading = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" })
local DETECTING = "\nrequire('learn').set_mode('ot_behaviour', 'detecting')"

it("tells of calls that were not learned", function()
	local n, alerts = told("rpc_operation", { capture = "dcerpc", settings = { on = true }, code = DETECTING })
	assert.is_true(n > 3)
	assert.equal("10.6.0.66 calls epmapper ept_map of 10.6.0.10.", alerts[1].text)
end)

it("is quiet about those that were, without calls, and until it is switched on", function()
	assert.equal(0, (told("rpc_operation", { packets = reading, settings = { on = true } })))
	assert.equal(0, (told("rpc_operation", { capture = "dcerpc" })))
end)
