local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function der(tag, ...)
	local content = table.concat { ... }
	return string.char(tag) .. (#content < 128 and string.char(#content) or "\x81" .. string.char(#content)) .. content
end

-- AS-REQ over UDP (RFC 4120 5.4.1) that offers these types of encryption.
local function asks(...)
	local types = {}
	for i, etype in ipairs { ... } do types[i] = der(2, string.char(etype)) end
	local name = der(0x30, der(0xa0, der(2, "\1")), der(0xa1, der(0x30, der(0x1b, "ann"))))
	local body = der(0x30, der(0xa0, der(3, "\0\x40\x81\0\x10")), der(0xa1, name), der(0xa2, der(0x1b, "PLANT")),
		der(0xa5, der(0x18, "20370913024805Z")), der(0xa7, der(2, "\1\2\3")), der(0xa8, der(0x30, table.unpack(types))))
	local message = der(0x6a, der(0x30, der(0xa1, der(2, "\5")), der(0xa2, der(2, "\10")), der(0xa4, body)))
	return { telling.ip("10.0.0.3", "10.0.0.2", 17, string.pack(">I2I2I2I2", 50000, 88, 8 + #message, 0) .. message) }
end

it("tells of it", function()
	local n, alerts = told("kerberos_old", { packets = asks(23, 3) })
	assert.equal(1, n)
	assert.equal("10.0.0.3 offers 10.0.0.2 old encryption only, for ann.", alerts[1].text)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("kerberos_old", { packets = asks(18, 17, 23) })))
	assert.equal(0, (told("kerberos_old", { capture = "real-krb5" })))
end)
