local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function fins(command)
	return udp("10.0.0.1:9600", "10.0.0.2:9600", unhex("8000 0200 0200 0001 0001" .. command))
end

it("tells of it", function()
	assert(told("log_cleared", { capture = "fins" }) > 0)
	assert.equal(1, (told("log_cleared", { packets = fins "2141" })))
end)

it("is quiet about errors and messages that are cleared", function()
	assert.equal(0, (told("log_cleared", { packets = { fins "2101 ffff", fins "0920 4001", fins "2140 0000 0002" } })))
end)
