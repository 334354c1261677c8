local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local reading = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" })

it("tells of what is new once the lists know what is usual", function()
	assert.equal(11, (told("profinet_frame", { capture = "profinet", code = telling.detecting })))
end)

it("is quiet while they learn, and on normal traffic", function()
	assert.equal(0, (told("profinet_frame", { capture = "profinet" })))
	assert.equal(0, (told("profinet_frame", { packets = reading, code = telling.detecting })))
end)
