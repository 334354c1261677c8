local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- Ten minutes of so many packets each, and one more; the lists learn for the first five.
local function minutes(last)
	local packets = {}
	for minute = 0, 10 do
		for i = 1, minute == 8 and last or 20 do
			packets[#packets + 1] = { telling.ip("10.0.0.1", "10.0.0.2", 17, string.pack(">I2I2I2I2", 4000, 9, 1208, 0) .. string.rep("x", 1200)),
				at = minute * 60 + i * 50 / last }
		end
	end
	return packets
end

local LEARNED = [[after(300, function() require("learn").set_mode("ip_volume", "detecting") end)]]

it("tells of it, and who sends the most", function()
	local n, alerts = told("bandwidth", { packets = minutes(400), settings = { mbit = 0.01 }, code = LEARNED })
	assert.equal(1, n)
	assert.same({ "10.0.0.1", "10.0.0.2" }, { tostring(alerts[1].source), tostring(alerts[1].target) })
end)

it("is quiet on normal traffic, and on what is little all the same", function()
	assert.equal(0, (told("bandwidth", { packets = minutes(30), settings = { mbit = 0.01 }, code = LEARNED })))
	assert.equal(0, (told("bandwidth", { packets = minutes(400), code = LEARNED })))
end)
