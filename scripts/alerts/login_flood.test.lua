local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- n logins by FTP.
local function logins(n)
	local packets = {}
	for i = 1, n do
		packets[i] = tcp("10.0.0.9:" .. 2000 + i, "10.0.0.7:21", { "<", "220 hello\r\n" }, { ">", "USER x\r\n" }, { "<", "331 go on\r\n" },
			{ ">", "PASS y\r\n" }, { "<", "530 no\r\n" })
	end
	return packets
end

it("tells of it", function()
	assert.equal(1, (told("login_flood", { packets = logins(25) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("login_flood", { packets = logins(5) })))
end)
