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
	assert.equal(1, (told("modbus_unit_scan", { packets = each(25, function(i)
		return modbus(i, 10, string.pack(">I2I2I2BBI2I2", i, 0, 6, i, 3, 0, 1))
	end) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("modbus_unit_scan", { packets = each(25, function(i)
		return modbus(i, 10, string.pack(">I2I2I2BBI2I2", i, 0, 6, 1, 3, 0, 1))
	end) })))
end)
