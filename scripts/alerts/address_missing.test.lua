local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- n times a client asks (1 DISCOVER), and a server gives it an address (5 ACK) or not.
local function asks(n, answered)
	local function message(op, i, yours, type)
		return string.pack(">BBBBI4I2I2", op, 1, 6, 0, i, 0, 0) .. "\0\0\0\0" .. yours .. string.rep("\0", 8) .. "\2\0\10\0\0\5"
			.. string.rep("\0", 202) .. "\x63\x82\x53\x63" .. string.char(53, 1, type, 255)
	end
	local packets = {}
	for i = 1, n do
		packets[#packets + 1] = { udp("0.0.0.0:68", "255.255.255.255:67", message(1, i, "\0\0\0\0", 1)), at = i * 60 }
		if answered then
			packets[#packets + 1] = { udp("10.0.0.1:67", "255.255.255.255:68", message(2, i, "\10\0\0\5", 5)), at = i * 60 + 1 }
		end
	end
	packets[#packets + 1] = telling.later(2000)
	return packets
end

it("tells of it", function()
	assert.equal(1, (told("address_missing", { packets = asks(5) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("address_missing", { packets = asks(5, true) })))
end)
