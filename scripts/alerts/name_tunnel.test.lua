local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- n questions for names, each with `length` characters more than its number.
local function questions(n, length)
	local packets = {}
	for i = 1, n do
		local label = (tostring(i) .. string.rep("a", length)):sub(1, 63)
		local name = string.pack("s1s1s1", label, label, "com") .. "\0"
		packets[i] = { udp("10.0.0.9:" .. 3000 + i, "10.0.0.7:53", string.pack(">I2I2I2I2I2I2", i, 0x100, 1, 0, 0, 0) .. name .. "\0\16\0\1"),
			at = i }
	end
	return packets
end

it("tells of it", function()
	assert.equal(1, (told("name_tunnel", { packets = questions(60, 50) })))
end)

it("is quiet about short names", function()
	assert.equal(0, (told("name_tunnel", { packets = questions(60, 4) })))
end)
