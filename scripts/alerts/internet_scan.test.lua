local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- An address every hour, none of which answers.
local function knocks(from)
	local packets = {}
	for i = 1, 8 do
		packets[i] = { tcp(from .. ":40000", "10.0.0." .. i .. ":445")[1], at = i * 3600 }
	end
	return packets
end

it("tells of a public address that tries private ones", function()
	assert.equal(1, (told("internet_scan", { packets = knocks "203.0.113.7" })))
end)

it("is quiet when it is one of the plant's own", function()
	assert.equal(0, (told("internet_scan", { packets = knocks "10.0.9.9" })))
	assert.equal(0, (told("internet_scan", { packets = knocks "192.168.1.9" })))
end)
