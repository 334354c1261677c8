local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A name is set, and the device takes it.
local asked = unhex "001b1b000001 001b1b000002 8892 fefd 0400 00000004 0000 000a 0202 0005 0001 642d37 00" .. string.rep("\0", 30)
local done = unhex "001b1b000002 001b1b000001 8892 fefd 0401 00000004 0000 0008 0504 0003 0202 00 00" .. string.rep("\0", 30)

it("tells of it", function()
	assert.equal(2, (told("profinet_refused", { capture = "profinet" })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("profinet_refused", { packets = { asked, done } })))
end)
