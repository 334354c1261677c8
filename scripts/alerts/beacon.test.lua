local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- Calls through a router, every so many seconds; others make it known as one.
local router = { from = "\2\0\0\0\0\1", to = "\2\0\0\0\0\99" }
local function calls(seconds)
	local packets, at = {}, 10
	for i = 1, 4 do packets[i] = { telling.segment("10.0.0.7", 1000 + i, "8." .. i .. ".8.8", 443, 2, router), at = i } end
	for i = 1, 24 do
		packets[#packets + 1] = { telling.segment("10.0.0.1", 2000 + i, "9.9.9.9", 443, 2, router), at = at }
		at = at + seconds(i)
	end
	packets[#packets + 1] = telling.later(2 * 3600)
	return packets
end
local scripts = { "beacon.lua", "../learning/networks.lua" }
local code = 'local learn = require "learn"\nafter(0, function() learn.set_mode("ip_communication", "detecting") end)'

it("tells of calls at even intervals", function()
	local n, alerts = told("beacon", { packets = calls(function(i) return 60 + i % 3 end), scripts = scripts, code = code })
	assert.equal(1, n)
	assert.contains("10.0.0.1 called 9.9.9.9 port 443 24 times, every 1 min 1 s", alerts[1].text)
end)

it("is quiet about calls at odd times, and what is usual", function()
	assert.equal(0, (told("beacon", { packets = calls(function(i) return i * 37 % 90 + 2 end), scripts = scripts, code = code })))
	assert.equal(0, (told("beacon", { packets = calls(function() return 60 end), scripts = scripts })))
end)
