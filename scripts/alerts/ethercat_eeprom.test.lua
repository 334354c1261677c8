local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- An EEPROM's words are read, as each master does when it starts.
local reading = unhex "010105010000 0000 0a000001 88a4 1210 0501 e9030205 0600 0000 0001 08000000 0000"

it("tells of it", function()
	local n, alerts = told("ethercat_eeprom", { capture = "ethercat" })
	assert.equal(1, n)
	assert.contains("slave 1001", alerts[1].text)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("ethercat_eeprom", { packets = { reading } })))
end)
