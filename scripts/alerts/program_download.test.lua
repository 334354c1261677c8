local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A client only reads.
local reading = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" })

it("tells of it", function()
	assert(told("program_download", { capture = "s7comm" }) > 0)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("program_download", { packets = reading })))
end)

it("says what was written once, where its kind is its name", function()
	local _, alerts = told("program_download", { capture = "bacnet" })
	assert.contains("wrote file 7 into", alerts[1].text)
end)

-- A tool that does not know the controller's address asks everybody, and is answered so.
it("knows who asked where the answer goes to everybody", function()
	local function melsoft(answer, command, content)
		local body = unhex(answer and "9c0a1814" .. ("00"):rep(22) or "1c0a1614" .. ("00"):rep(20))
			.. string.pack(">I2I2", command, 0x0100) .. content
		return unhex(answer and "d7 00 000000 1111 7f000000a80300ffff030000" or "57 00 000000 1111 070000ffff030000fe030000")
			.. string.pack("<I2", #body) .. body
	end
	local name = "M\0A\0I\0N\0"
	local packets, port = {}, 50000
	local function ask(command, request, answer)
		port = port + 1
		packets[#packets + 1] = udp("10.0.0.1:" .. port, "255.255.255.255:5560", melsoft(false, command, request))
		packets[#packets + 1] = udp("10.0.0.2:5560", "255.255.255.255:" .. port, melsoft(true, command, "\0\0" .. answer))
	end
	ask(0x1867, string.pack("<I2I4I2I2I4", 0, 0, 0x0100, 4, 4) .. "\10\0" .. name .. "\0\0", "\2\0")
	ask(0x1869, string.pack("<I2I2I4I2", 0, 2, 0, 4) .. "ABCD", "\4\0")
	ask(0x186a, "\0\0\2\0\0\0", "")
	local n, alerts = told("program_download", { packets = packets })
	assert.equal(1, n)
	assert.equal("10.0.0.1 10.0.0.2", tostring(alerts[1].source) .. " " .. tostring(alerts[1].target))
end)
