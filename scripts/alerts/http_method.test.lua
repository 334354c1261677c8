local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- Each method is used once, two hours after the other; the lists learn during the first.
local function used(...)
	local packets = {}
	for i, method in ipairs { ... } do
		packets[i] = { tcp("10.0.0.9:" .. 2000 + i, "10.0.0.7:80", { ">", method .. " /recipe HTTP/1.1\r\nHost: plc\r\n\r\n" },
			{ "<", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" }), at = 7200 * i }
	end
	return packets
end

local DETECTING = "\non('http.reply', function() after(60, function() require('learn').set_mode('ot_behaviour', 'detecting') end) end)"

it("tells of a method that was not used before", function()
	local n, alerts = told("http_method", { packets = used("GET", "POST", "DELETE"), code = DETECTING })
	assert.equal(2, n)
	assert.contains("sends DELETE /recipe", alerts[2].text)
end)

it("is quiet about those that were, and about reading", function()
	assert.equal(0, (told("http_method", { packets = used("POST", "POST", "HEAD", "GET"), code = DETECTING })))
end)
