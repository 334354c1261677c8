local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local NETLOGON = "78563412 3412 cdab ef00 01234567cffb 01000000"
local NDR = "045d888aeb1cc9119fe808002b104860 02000000"

local function pdu(kind, call, body)
	return string.pack("<BBBBI4I2I2I4", 5, 0, kind, 3, 0x10, 16 + #body, 0, call) .. body
end

local context = unhex "0000 01 00" .. unhex(NETLOGON) .. unhex(NDR)
local bind = pdu(11, 1, string.pack("<I2I2I4", 4280, 4280, 0) .. "\1\0\0\0" .. context)
local accepted = pdu(12, 1, string.pack("<I2I2I4", 4280, 4280, 7) .. "\4\0" .. "135\0" .. "\0\0" .. "\1\0\0\0" .. "\0\0\0\0" .. unhex(NDR))

-- n connections, each with one call of this operation.
local function calls(n, operation)
	local packets = {}
	for i = 1, n do
		packets[i] = tcp("10.0.0.9:" .. 2000 + i, "10.0.0.7:49668", { ">", bind }, { "<", accepted },
			{ ">", pdu(0, 2, string.pack("<I4I2I2", 8, 0, operation) .. string.rep("\0", 8)) },
			{ "<", pdu(2, 2, string.pack("<I4I2BB", 8, 0, 0, 0) .. string.rep("\0", 8)) })
	end
	return packets
end

it("tells of it", function()
	local n, alerts = told("netlogon_guessing", { packets = calls(12, 26) })
	assert.equal(1, n)
	assert.equal("10.0.0.9", alerts[1].source)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("netlogon_guessing", { packets = calls(3, 26) })))
	assert.equal(0, (told("netlogon_guessing", { packets = calls(12, 2) })))
end)
