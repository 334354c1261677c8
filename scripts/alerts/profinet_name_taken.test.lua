local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- The answer of one station, again and again.
local answer = unhex "001b1b000001 001b1b000002 8892 feff 0501 00000001 0000 000a 0202 0005 0000 642d37 00" .. string.rep("\0", 30)

it("tells of it", function()
	assert.equal(1, (told("profinet_name_taken", { capture = "profinet" })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("profinet_name_taken", { packets = { answer, answer, answer } })))
end)
