local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A read of class 1 and an empty answer in which nothing is wrong.
local asked, answered = unhex "05640bc40a000100acd1c0c1013c020652c3", unhex "05640a4401000a006e25c0c1810000742a"
local reading = tcp("10.0.0.1:1025", "10.0.0.2:20000", { ">", asked }, { "<", answered })

it("tells of it", function()
	assert(told("dnp3_roles", { capture = "dnp3" }) > 0)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("dnp3_roles", { packets = reading })))
end)
