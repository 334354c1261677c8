local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- Frames of one stream, by their numbers; negative: with another value than the unit's.
local function stream(numbers)
	local packets = {}
	for i, number in ipairs(numbers) do
		packets[i] = unhex "010ccd040001 001b1b000001 88ba 4000 0026 0000 0000 601c 800101 a217 3015 80036d7531 8202"
			.. string.pack(">I2", math.abs(number)) .. unhex "830101 850102 8704" .. string.pack(">i4", number * 7)
	end
	return packets
end

it("tells of it", function()
	local n, alerts = told("sv_spoofed", { capture = "sv" })
	assert.equal(3, n)
	assert.contains("another station publishes it", alerts[1].text)
	assert.equal(1, (told("sv_spoofed", { packets = stream { 5, 6, -3, 7, -4, 8, -5, 9, -6, 10 } })))
end)

it("is quiet on normal traffic, a lost sample, a restart and a redundant network", function()
	assert.equal(0, (told("sv_spoofed", { packets = stream { 5, 6, 7, 10, 11, 0, 1, 2 } })))
	assert.equal(0, (told("sv_spoofed", { packets = stream { 5, 6, 5, 7, 6, 8, 7, 9, 8, 10 } })))
end)
