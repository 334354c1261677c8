local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- Process data that come back with these working counters.
local function cycles(...)
	local packets = {}
	for i, wkc in ipairs { ... } do
		packets[i] = unhex "010105010000 0200 0a000001 88a4 1010 0c01 00000100 0400 0000 01020304" .. string.pack("<I2", wkc)
	end
	return packets
end

it("tells of it", function()
	local n, alerts = told("ethercat_slaves_lost", { capture = "ethercat" })
	assert.equal(1, n)
	assert.contains("counted 3 times instead of 6", alerts[1].text)
	assert.equal(1, (told("ethercat_slaves_lost", { packets = cycles(6, 6, 3, 3, 3, 3) })))
end)

it("is quiet while slaves are set up, and on a cycle that was lost", function()
	assert.equal(0, (told("ethercat_slaves_lost", { packets = cycles(0, 1, 3, 3, 6, 6, 6) })))
	assert.equal(0, (told("ethercat_slaves_lost", { packets = cycles(6, 6, 3, 6, 6, 6) })))
end)
