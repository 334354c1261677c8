local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A switch that says the same again and again, and one of its ports that goes out of service.
local function frame(more)
	return unhex "0180c200000e 001b1b000001 88cc 0207 04 001b1b000001 0404 07 702d31" .. more .. unhex "0000" .. string.rep("\0", 30)
end
local same = frame(unhex "0602 0078 0a03 537731")
local leaves = frame(unhex "0602 0000")
local renamed = frame(unhex "0602 0078 0a03 537732")

it("tells of it", function()
	assert.equal(1, (told("lldp_changed", { packets = { same, renamed } })))
	assert(told("lldp_changed", { capture = "real-lldpd" }) > 0)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("lldp_changed", { packets = { same, same, leaves, same } })))
end)
