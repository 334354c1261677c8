local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function logins(n, answer)
	local packets = {}
	for i = 1, n do
		packets[i] = { tcp("10.0.0.9:" .. 2000 + i, "10.0.0.7:23", { "<", "\255\253\24switch\r\nlogin: " }, { ">", "admin\r\n" },
			{ "<", "Password: " }, { ">", "x\r\n" }, { "<", answer }), at = i * 10 }
	end
	return packets
end

it("tells of it", function()
	assert.equal(1, (told("telnet_login_failed", { packets = logins(5, "\r\nLogin incorrect\r\nlogin: ") })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("telnet_login_failed", { packets = logins(5, "\r\nswitch> ") })))
end)
