local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local learned = telling.learned(replay)

local HOUR, WEEK = 3600, 168 * 3600
-- Two weeks with a datagram of 1,000 bytes every ten minutes, and `many` in the hour that begins at `burst` (each week of `weekly`).
local function weeks(many, burst, weekly)
	local packets = {}
	for t = 0, 2 * WEEK + 48 * HOUR, 600 do packets[#packets + 1] = { udp("10.0.0.1:4000", "10.0.0.2:9", string.rep("x", 1000)), at = t } end
	local function add(from)
		for i = 1, many do packets[#packets + 1] = { udp("10.0.0.1:4000", "10.0.0.2:9", string.rep("x", 1000)), at = from + i } end
	end
	if weekly then add(burst - WEEK) add(burst - 2 * WEEK) end
	add(burst)
	table.sort(packets, function(a, b) return a.at < b.at end)
	return packets
end
local LEAST = { least = 10000 }

it("tells of an hour with ten times the volume, once", function()
	local n, alerts = learned("ip_volume", { till = 2 * WEEK, settings = LEAST, packets = weeks(60, 2 * WEEK + 10 * HOUR) })
	assert.equal(1, n)
	assert.equal("10.0.0.1", alerts[1].source)
	assert(tonumber(alerts[1].value) > tonumber(alerts[1].threshold))
end)

it("is quiet at an hour of the week where that is normal", function()
	assert.equal(0, (learned("ip_volume", { till = 2 * WEEK, settings = LEAST, packets = weeks(60, 2 * WEEK + 10 * HOUR, true) })))
	assert.equal(0, (learned("ip_volume", { till = 2 * WEEK, settings = LEAST, packets = weeks(0, 2 * WEEK + 10 * HOUR) })))
end)
