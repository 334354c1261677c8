local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local learned = telling.learned(replay)

-- Windows of five minutes, in each of which one host asks so many peers; the bytes are the same.
local function windows(list)
	local packets = {}
	for w, peers in ipairs(list) do
		for i = 1, peers do
			local payload = string.rep("x", 2000 // peers)
			packets[#packets + 1] = { udp("10.0.0.1:4000", "10.0.0." .. 10 + i .. ":9", payload), at = w * 300 + i }
		end
	end
	return packets
end
local function days(odd)
	local list = {}
	for i = 1, 150 do list[i] = 5 + i % 2 end
	for i = 151, 160 do list[i] = i == 155 and odd or 5 + i % 2 end
	return windows(list)
end
local function level(word)
	return 'state.map({ name = "statistics.level", key = "string" }):set("*", "' .. word .. '")'
end

it("tells of a host that asks twice as many, and names what deviates", function()
	local n, alerts = learned("ip_statistics", { till = 151 * 300, packets = days(12) })
	assert.equal(1, n)
	assert.contains("10.0.0.1: peers asked", alerts[1].text)
end)

it("is quiet when it is watched weakly or not at all", function()
	assert.equal(0, (learned("ip_statistics", { till = 151 * 300, packets = days(12), code = level "weak" })))
	assert.equal(0, (learned("ip_statistics", { till = 151 * 300, packets = days(12), code = level "off" })))
end)

it("is quiet on a day like others", function()
	assert.equal(0, (learned("ip_statistics", { till = 151 * 300, packets = days(6) })))
end)

it("shows all that was learned to who asks, and goes on from there", function()
	local folder_of_state = os.tmpname()
	os.execute("rm " .. folder_of_state .. " && mkdir " .. folder_of_state)
	local function learn()
		local r = replay {
			packets = windows { 5, 5, 5, 5 }, scripts = { "ip_statistics.lua" }, events = "none", state = folder_of_state,
			ask = { { "statistics" } },
		}
		assert.same({}, r.errors)
		local row = r.answers[1][1]
		return table.concat({ row.terminal, row.windows, row.statistic, row.mean, row.low, row.high }, " ")
	end
	assert.equal("10.0.0.1 3 peers asked 5.0 5.0 5.0", learn())
	assert.equal("10.0.0.1 6 peers asked 5.0 5.0 5.0", learn())
	os.execute("rm -r " .. folder_of_state)
end)
