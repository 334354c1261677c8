local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local learned = telling.learned(replay)

local function write(client, register, at)
	local pdu = string.pack(">I2I2I2BBI2I2", 1, 0, 6, 1, 6, register, 5)
	return { tcp(client .. ":" .. 1025 + register, "10.0.0.2:502", { ">", pdu }), at = at }
end
local ROWS = [[on("finish", function() for row in require("learn").open("address_range").rows:pairs() do print(row) end end)]]

it("tells of a register that this client never wrote", function()
	local packets = { write("10.0.0.1", 10, 1), write("10.0.0.1", 10, 200), write("10.0.0.1", 11, 300) }
	local n, alerts = learned("address_range", { packets = packets })
	assert.equal(1, n)
	assert.equal("10.0.0.1\t10.0.0.2\tmodbus\tchange\tholding_register:11", alerts[1].row)
	assert.equal("10.0.0.1 changes holding_register:11 of 10.0.0.2 (modbus WRITE_SINGLE_REGISTER), which was not learned.", alerts[1].text)
	assert.equal(1, (learned("address_range", { packets = { write("10.0.0.1", 10, 1), write("10.0.0.3", 10, 200) } })))
end)

it("is quiet about what was learned, and about one more of very many", function()
	assert.equal(0, (learned("address_range", { packets = { write("10.0.0.1", 10, 1), write("10.0.0.1", 10, 200) } })))
	local packets = {}
	for i = 1, 40 do packets[i] = write("10.0.0.1", i, i) end
	packets[41] = write("10.0.0.1", 500, 300)
	local n, _, r = learned("address_range", { packets = packets, code = ROWS })
	assert.equal(0, n)
	assert.same({ "10.0.0.1\t10.0.0.2\tmodbus\tchange\tholding_register:*" }, r.lines)
end)
