local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local reading = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" })

it("tells of it", function()
	local n, alerts = told("sv_settings", { capture = "sv" })
	assert.equal(3, n)
	assert.contains("its samples follow another clock", alerts[2].text)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("sv_settings", { packets = reading })))
end)
