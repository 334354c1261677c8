local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function asked(...)
	local heads = {}
	for i, action in ipairs { ... } do heads[i] = 'POST /onvif/device_service HTTP/1.1\r\nSOAPAction: "' .. action .. '"' end
	return told("soap_action", { packets = telling.requests(tcp, heads), code = telling.FIRST_HOUR })
end

it("tells of an action that was not asked for before", function()
	local n, alerts = asked("urn:Get", "urn:Get", "urn:Set")
	assert.equal(1, n)
	assert.contains("do urn:Set.", alerts[1].text)
end)

it("is quiet about those that were", function()
	assert.equal(0, (asked("urn:Get", "urn:Get", "urn:Get")))
end)
