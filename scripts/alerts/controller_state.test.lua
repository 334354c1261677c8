local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	local n, alerts = told("controller_state", { capture = "s7comm" })
	assert.equal(1, n)
	assert.equal("10.7.0.11 says mode STARTUP, until now STOP.", alerts[1].text)
end)

it("is quiet while nothing changes", function()
	assert.equal(0, (told("controller_state", { capture = "enip" })))
	assert.equal(0, (told("controller_state", { capture = "cip_devices" })))
end)
