local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert(told("mqtt_refused", { capture = "it-text" }) > 0)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("mqtt_refused", { capture = "real-mqtt", settings = { many = 50 } })))
end)
