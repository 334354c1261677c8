local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- An agent's answer in SNMP version 2c.
local function answer(community)
	local binding = unhex "300c 06082b06010201010300 0500"
	local pdu = "\xa2" .. string.pack("s1", unhex "020101 020100 020100" .. "\x30" .. string.pack("s1", binding))
	local message = "\2\1\1\4" .. string.pack("s1", community) .. pdu
	return { udp("10.0.0.9:3000", "10.0.0.7:161", "\x30" .. string.pack("s1", (message:gsub("\xa2", "\xa0")))),
		udp("10.0.0.7:161", "10.0.0.9:3000", "\x30" .. string.pack("s1", message)) }
end

it("tells of it", function()
	assert.equal(1, (told("snmp_default_community", { packets = answer "public" })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("snmp_default_community", { packets = answer "v3rysecret" })))
end)
