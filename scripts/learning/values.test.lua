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

it("tells of all values of one message at once", function()
	local function both(values, from)
		local packets = {}
		for i, value in ipairs(values) do
			local pdu = string.pack(">I2I2I2BBI2I2BI2I2", i, 0, 11, 1, 16, 10, 2, 4, value, value + 1)
			packets[i] = { tcp("10.0.0.1:" .. 2000 + i, "10.0.0.2:502", { ">", pdu }), at = from + i }
		end
		return packets
	end
	local n, alerts = learned("values", { packets = { both(normal, 0), both({ 900 }, 200) } })
	assert.equal(1, n)
	assert.contains("unit 1 holding 10 (and 1 more) of 10.0.0.2 is 900", alerts[1].text)
end)

it("is quiet inside, and about what grows all the time", function()
	assert.equal(0, (learned("values", { packets = { writes(normal, 0, 1), writes({ 105, 100 }, 200, 1) } })))
	assert.equal(0, (learned("values", { packets = { writes(counter, 0, 1), writes({ 5000 }, 200, 1) } })))
end)

it("knows the range of a setpoint that goes to and fro and happened to grow at one end only; not that of a counter set to zero", function()
	local down, reset = { 1430 }, {}
	for i = 1, 10 do
		for k, step in ipairs { 6, 3, 5 } do down[3 * i - 2 + k] = 1430 - 6 * i - step end
	end
	for i = 1, 50 do reset[i] = i <= 30 and i * 10 or (i - 30) * 10 end
	assert.equal(1, (learned("values", { packets = { writes(down, 0, 1), writes({ 2000 }, 200, 1) } })))
	assert.equal(0, (learned("values", { packets = { writes(reset, 0, 1), writes({ 2000 }, 200, 1) } })))
end)

it("tells of a setpoint that is moved out in small steps, not of one that was a little outside", function()
	local n, alerts = learned("values", { packets = { writes(normal, 0, 1), writes({ 107, 108, 107, 109, 110, 111, 111, 112 }, 200, 1) },
		settings = { margin = 2 } })
	assert.equal(1, n)
	assert.contains("is 112 (moved there step by step by 10.0.0.1)", alerts[1].text)
	local apart = { writes(normal, 0, 1), writes({ 900 }, 200, 1), writes({ 107, 108, 109, 110, 111, 112 }, 900, 1) }
	assert.equal(2, (learned("values", { packets = apart, settings = { margin = 2, quiet = "10m" } })))
	local packets = { writes(normal, 0, 1), writes({ 107, 108, 107, 109, 99, 110, 111, 112 }, 200, 1) }
	assert.equal(0, (learned("values", { packets = packets, settings = { margin = 2 } })))
	local slow = { writes(normal, 0, 1), writes({ 107, 108, 109, 110, 111, 112 }, 200, 7200) }
	assert.equal(0, (learned("values", { packets = slow, settings = { margin = 2 } })))
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

-- FINS over UDP: memory area write of one word (0x82: DM) or bit (0x02) at 200.
local function fins(values, from, area)
	local packets = {}
	for i, value in ipairs(values) do
		local command = unhex "80 00 02 00 01 00 00 02 00" .. string.char(i % 256) .. unhex "01 02" .. string.pack(">BI2BI2", area, 200, 0, 1)
			.. string.pack(area == 0x82 and ">I2" or ">B", value)
		packets[i] = { udp("10.0.0.1:9600", "10.0.0.2:9600", command), at = from + i }
	end
	return packets
end

it("knows what FINS writes to words; bits have no range", function()
	local n, alerts = learned("values", { packets = { fins(normal, 0, 0x82), fins({ 105, 900 }, 200, 0x82) } })
	assert.equal(1, n)
	assert.contains("DM 200 of 10.0.0.2 is 900", alerts[1].text)
	local ones = {}
	for i = 1, 60 do ones[i] = 1 end
	assert.equal(0, (learned("values", { packets = { fins(ones, 0, 0x02), fins({ 0 }, 200, 0x02) } })))
end)

it("knows set points and measured values of telecontrol", function()
	local function apdu(type, cause, address, value)
		return "h" .. string.pack("s1", string.pack("<I2I2BBBBI2I3fB", 0, 0, type, 1, cause, 0, 3, address, value, 0))
	end
	local function told(values, from, every)
		local packets = {}
		for i, value in ipairs(values) do
			packets[i] = { tcp("10.0.0.1:" .. 2000 + from + i, "10.0.0.2:2404", { "<", apdu(13, 3, 700, value) },
				{ ">", apdu(50, 6, 800, value * 10) }), at = from + i * every }
		end
		return packets
	end
	local wide = {}
	for i = 1, 60 do wide[i] = 100 + i % 7 end
	local n, alerts = learned("values", { packets = { told(wide, 0, 11), told({ 104, 500 }, 1000, 11) }, till = 900 })
	assert.equal(2, n)
	assert.contains("common address 3 object 700 of 10.0.0.2 is 500.0", alerts[1].text)
	assert.contains("object 800 of 10.0.0.2 is 5000.0", alerts[2].text)
end)
