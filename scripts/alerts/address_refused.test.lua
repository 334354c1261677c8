local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- n answers of a DHCP server: type 6 refuses, 5 confirms.
local function answers(n, type)
	local packets = {}
	for i = 1, n do
		local message = string.pack(">BBBBI4I2I2", 2, 1, 6, 0, i, 0, 0) .. string.rep("\0", 16) .. "\2\0\10\0\0\5" .. string.rep("\0", 202)
			.. "\x63\x82\x53\x63" .. string.char(53, 1, type, 54, 4, 10, 0, 0, 1, 255)
		packets[i] = { udp("10.0.0.1:67", "255.255.255.255:68", message), at = i * 10 }
	end
	return packets
end

it("tells of it", function()
	assert.equal(1, (told("address_refused", { packets = answers(4, 6) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("address_refused", { packets = answers(4, 5) })))
end)
