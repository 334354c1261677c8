local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A client only reads.
local reading = udp("10.0.0.1:47808", "10.0.0.2:47808", unhex "810a 0011 0104 0275 010c 0c 0000 0003 19 55")

it("tells of it", function()
	assert(told("bacnet_silenced", { capture = "bacnet" }) > 0)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("bacnet_silenced", { packets = reading })))
end)
