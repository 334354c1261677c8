local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- n requests with this function, and answers.
local function asks(func, n)
	local data = {}
	for i = 1, n do
		data[2 * i - 1] = { ">", string.pack(">I2I2I2BBI2I2", i, 0, 6, 1, func, 0, 3) }
		data[2 * i] = { "<", string.pack(">I2I2I2BBB", i, 0, 3, 1, func | 0x80, 1) }
	end
	return tcp("10.0.0.1:1025", "10.0.0.2:502", table.unpack(data))
end

it("tells of it, once", function()
	local n, alerts = told("modbus_function_undefined", { packets = asks(0x2a, 3) })
	assert.equal(1, n)
	assert.contains("unknown-42", alerts[1].text)
end)

it("is quiet about defined ones, and makers' own", function()
	for _, func in ipairs { 1, 3, 17, 24, 43, 65, 90, 100 } do
		assert.equal(0, (told("modbus_function_undefined", { packets = asks(func, 2) })), func)
	end
end)
