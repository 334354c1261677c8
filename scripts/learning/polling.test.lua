local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local learned = telling.learned(replay)

-- One connection with a request every so many seconds; the gaps are given as a list of { seconds, every }.
local function polling(phases)
	local requests, times, t = {}, {}, 1
	for _, phase in ipairs(phases) do
		local till = t + phase[1]
		while t < till do
			requests[#requests + 1] = { ">", unhex "0001 0000 0006 01 03 0000 0003" }
			requests[#requests + 1] = { "<", unhex "0001 0000 0009 01 03 06 0001 0002 0003" }
			times[#times + 1] = t
			t = t + phase[2]
		end
		t = till + (phase[3] or 0)
	end
	local frames, packets = tcp("10.0.0.1:1025", "10.0.0.2:502", table.unpack(requests)), {}
	for i, frame in ipairs(frames) do
		local n = math.min(math.max((i - 2) // 2, 1), #times)
		packets[i] = { frame, at = times[n] + (i % 2 == 1 and 0.01 or 0) }
	end
	for at = 10, t, 20 do packets[#packets + 1] = telling.later(at) end -- others talk all the time
	table.sort(packets, function(a, b) return a.at < b.at end)
	return packets
end

it("tells of polling that became slower, faster or stopped", function()
	for _, case in ipairs { { { 300, 2 }, "slower" }, { { 120, 0.25 }, "faster" } } do
		local n, alerts = learned("polling", { till = 600, packets = polling { { 620, 1 }, case[1] } })
		assert.equal(1, n, case[2])
		assert.contains(case[2], alerts[1].text)
	end
	local n, alerts = learned("polling", { till = 600, packets = polling { { 620, 1, 600 } } })
	assert.equal(1, n)
	assert.contains("no longer", alerts[1].text)
end)

it("is quiet while the rhythm is the same", function()
	assert.equal(0, (learned("polling", { till = 600, packets = polling { { 1200, 1 } } })))
end)

it("tells of a pause at whose end the device announces its address", function()
	local function paused(seconds, who)
		local packets = polling { { 650, 1, seconds }, { 120, 1 } }
		table.insert(packets, { telling.arp(who, who), at = 650 + seconds - 1 })
		table.sort(packets, function(a, b) return a.at < b.at end)
		return (learned("polling", { till = 600, packets = packets }))
	end
	assert.equal(1, paused(40, "10.0.0.2"))
	assert.equal(0, paused(40, "10.0.0.1")) -- the client
	assert.equal(0, paused(5, "10.0.0.2"))
end)

it("tells of polling that stopped while packets were lost, when that is over", function()
	local n, alerts = learned("polling", { till = 600, packets = polling { { 660, 1, 1500 } },
		code = 'after("11m30s", function() raise("capture.lossy", { share = 0.2 }) end)' })
	assert.equal(1, n)
	assert.contains("no longer", alerts[1].text)
end)

it("takes its limits from the settings", function()
	local slower = polling { { 620, 1 }, { 300, 2 } }
	assert.equal(1, (learned("polling", { till = 600, packets = slower, settings = { factor = 1.9 } })))
	assert.equal(0, (learned("polling", { till = 600, packets = slower, settings = { factor = 2.1, jitter = 100 } })))
end)

it("says when it learned last", function()
	local _, _, r = learned("polling", { till = 600, packets = polling { { 300, 1, 200 } },
		code = 'on("finish", function() print(require("learn").store.modes:get("polling").stable) end)' })
	assert.same({ "1767225910.000000" }, r.lines)
end)
