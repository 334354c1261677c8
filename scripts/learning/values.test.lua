local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local learned = telling.learned(replay)

local function writes(values, from, every)
	local packets = {}
	for i, value in ipairs(values) do
		local pdu = string.pack(">I2I2I2BBI2I2", i, 0, 6, 1, 6, 10, value)
		packets[i] = { tcp("10.0.0.1:" .. 2000 + i, "10.0.0.2:502", { ">", pdu }), at = from + i * every }
	end
	return packets
end
local normal, counter = {}, {}
for i = 1, 60 do normal[i], counter[i] = 100 + i % 7, i * 10 end

it("tells of a setpoint outside the range learned", function()
	local n, alerts = learned("values", { packets = { writes(normal, 0, 1), writes({ 105, 900, 901 }, 200, 1) } })
	assert.equal(1, n)
	assert.contains("unit 1 holding 10 of 10.0.0.2 is 900", alerts[1].text)
	assert.equal("100 to 106", alerts[1].threshold)
end)

it("is quiet inside, and about what grows all the time", function()
	assert.equal(0, (learned("values", { packets = { writes(normal, 0, 1), writes({ 105, 100 }, 200, 1) } })))
	assert.equal(0, (learned("values", { packets = { writes(counter, 0, 1), writes({ 5000 }, 200, 1) } })))
end)

it("tells of a present value outside the range learned", function()
	local function sets(values, from)
		local packets = {}
		for i, value in ipairs(values) do
			local payload = unhex "810a 0018 0104 0275010f 0c00800003 1955 3e 44" .. string.pack(">f", value) .. "\x3f"
			packets[i] = { udp("10.0.0.1:47808", "10.0.0.2:47808", payload), at = from + i }
		end
		return packets
	end
	local n, alerts = learned("values", { packets = { sets(normal, 0), sets({ 105, 900, 901 }, 200) } })
	assert.equal(1, n)
	assert.contains("analog-value 3 of 10.0.0.2 is 900", alerts[1].text)
end)
