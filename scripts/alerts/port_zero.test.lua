local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("port_zero", { packets = { udp("10.0.0.9:4000", "10.0.0.7:0", "x") } })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("port_zero", { packets = { udp("10.0.0.9:4000", "10.0.0.7:1", "x") } })))
end)
