local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function each(n, f)
	local packets = {}
	for i = 1, n do packets[i] = f(i) end
	return packets
end
local function modbus(i, server, pdu)
	return tcp("10.0.0.1:" .. 2000 + i, "10.0.0." .. server .. ":502", { ">", pdu })
end

it("tells of it", function()
	assert.equal(1, (told("write_many", { packets = each(12, function(i)
		return modbus(i, 10 + i, unhex "0001 0000 0006 01 06 0001 0005")
	end), settings = { on = true } })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("write_many", { packets = each(12, function(i)
		return modbus(i, 10 + i % 3, unhex "0001 0000 0006 01 06 0001 0005")
	end), settings = { on = true } })))
end)
