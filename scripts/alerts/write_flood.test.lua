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
	assert.equal(1, (told("write_flood", { packets = { each(20, function(i)
		return modbus(i, 10, unhex "0001 0000 0006 01 06 0001 0005")
	end), telling.later(60) },
		settings = { on = true, many = 10 } })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("write_flood", { packets = { each(5, function(i)
		return modbus(i, 10, unhex "0001 0000 0006 01 06 0001 0005")
	end), telling.later(60) },
		settings = { on = true, many = 10 } })))
end)
