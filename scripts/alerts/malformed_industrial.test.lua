local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A client only reads.
local reading = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" })

it("tells of it", function()
	assert(told("malformed_industrial", { capture = "demo" }) > 0)
end)

it("is one alert where one sender talks to many", function()
	local packets = {}
	for i = 1, 12 do packets[i] = udp("10.0.0.9:47808", "10.0.0." .. 10 + i .. ":47808", unhex "810a 0009 0100 0201 0c") end
	assert.equal(1, (told("malformed_industrial", { packets = packets })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("malformed_industrial", { packets = reading })))
end)
