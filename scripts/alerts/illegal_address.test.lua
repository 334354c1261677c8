local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("illegal_address", { packets = { udp("127.0.0.1:4000", "10.0.0.7:9", "x") } })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("illegal_address", { packets = { udp("127.0.0.1:4000", "127.0.0.1:9", "x") } })))
	assert.equal(0, (told("illegal_address", { packets = { udp("10.0.0.9:4000", "10.0.0.7:9", "x") } })))
end)
