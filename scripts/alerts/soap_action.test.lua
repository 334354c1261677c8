local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- Each action is asked for once, two hours after the other; the lists learn during the first.
local function asked(...)
	local packets = {}
	for i, action in ipairs { ... } do
		packets[i] = { tcp("10.0.0.9:" .. 2000 + i, "10.0.0.7:80",
			{ ">", "POST /onvif/device_service HTTP/1.1\r\nHost: camera\r\nSOAPAction: \"" .. action .. "\"\r\n\r\n" },
			{ "<", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" }), at = 7200 * i }
	end
	return packets
end

local DETECTING = "\non('http.reply', function() after(60, function() require('learn').set_mode('ot_behaviour', 'detecting') end) end)"

it("tells of an action that was not asked for before", function()
	local n, alerts = told("soap_action", { packets = asked("urn:Get", "urn:Get", "urn:Set"), code = DETECTING })
	assert.equal(1, n)
	assert.contains("do urn:Set.", alerts[1].text)
end)

it("is quiet about those that were", function()
	assert.equal(0, (told("soap_action", { packets = asked("urn:Get", "urn:Get", "urn:Get"), code = DETECTING })))
end)
