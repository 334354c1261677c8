local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A sample each second, by its channel's quality.
local function stream(qualities)
	local packets = {}
	for i, quality in ipairs(qualities) do
		packets[i] = { unhex "010ccd040001 001b1b000001 88ba 4000 002a 0000 0000 6020 800101 a21b 3019 80036d7531 8202"
			.. string.pack(">I2", i) .. unhex "830101 850102 8708 00000064" .. string.pack(">I4", quality), at = i }
	end
	return packets
end

it("tells of it", function()
	local n, alerts = told("sv_invalid", { packets = stream { 0, 1, 3, 3, 1, 0 } })
	assert.equal(1, n)
	assert.contains("mu1 of 00:1b:1b:00:00:01", alerts[1].text)
end)

it("is quiet on good values, also those that are derived, and on a fault of a moment", function()
	assert.equal(0, (told("sv_invalid", { packets = stream { 0, 0x2000, 0, 0x2000, 0, 0 } })))
	assert.equal(0, (told("sv_invalid", { packets = stream { 0, 3, 0, 0, 0, 0 } })))
	assert.equal(0, (told("sv_invalid", { capture = "sv" })))
end)
