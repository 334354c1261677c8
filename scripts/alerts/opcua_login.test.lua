local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- Somebody without a name activates a session.
local function message(service, body)
	local header = "\0\0" .. ("\0"):rep(16) .. string.pack("<i4I4", -1, 0) .. "\0\0\0"
	local inner = string.pack("<I4I4I4I4", 7, 1, 1, 1) .. "\1\0" .. string.pack("<I2", service) .. header .. body
	return "MSGF" .. string.pack("<I4", 8 + #inner) .. inner
end
local policy = string.pack("<s4", string.pack("<s4", "open"))
local anonymous = string.pack("<i4i4i4i4", -1, -1, 0, 0) .. "\1\0" .. string.pack("<I2B", 321, 1) .. policy .. string.pack("<i4i4", -1, -1)

it("tells of it", function()
	assert.equal(3, (told("opcua_login", { capture = "opcua" })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("opcua_login", { packets = tcp("10.0.0.1:1025", "10.0.0.2:4840", { ">", message(467, anonymous) }) })))
end)
