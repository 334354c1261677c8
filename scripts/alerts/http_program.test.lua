local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- Each agent asks once, two hours after the other; the lists learn during the first.
local function asked(...)
	local packets = {}
	for i, agent in ipairs { ... } do
		packets[i] = { tcp("10.0.0.9:" .. 2000 + i, "10.0.0.7:80",
			{ ">", "GET / HTTP/1.1\r\nHost: plc\r\nUser-Agent: " .. agent .. "\r\n\r\n" },
			{ "<", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" }), at = 7200 * i }
	end
	return packets
end

local DETECTING = "\non('http.reply', function() after(60, function() require('learn').set_mode('ot_behaviour', 'detecting') end) end)"

it("tells of a program that was not used before", function()
	local n, alerts = told("http_program", { packets = asked("a", "a", "b"), settings = { on = true }, code = DETECTING })
	assert.equal(2, n)
	assert.contains("as b.", alerts[2].text)
end)

it("is quiet about those that were, and until it is switched on", function()
	assert.equal(1, (told("http_program", { packets = asked("a", "a", "a"), settings = { on = true }, code = DETECTING })))
	assert.equal(0, (told("http_program", { packets = asked("a", "a", "b") })))
end)
