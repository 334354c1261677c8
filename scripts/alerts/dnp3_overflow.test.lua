local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A read of class 1 and an empty answer in which nothing is wrong.
local asked, answered = unhex "05640bc40a000100acd1c0c1013c020652c3", unhex "05640a4401000a006e25c0c1810000742a"
local reading = tcp("10.0.0.1:1025", "10.0.0.2:20000", { ">", asked }, { "<", answered })

-- n answers that tell of lost events.
local function losing(n)
	local lost, says = unhex "05640a4401000a006e25c0c1810008fdd5", {}
	for i = 1, n do says[2 * i - 1], says[2 * i] = { ">", asked }, { "<", lost } end
	return tcp("10.0.0.1:1025", "10.0.0.2:20000", table.unpack(says))
end

it("tells of it, not of a single one", function()
	assert.equal(1, (told("dnp3_overflow", { packets = losing(3) })))
	assert.equal(0, (told("dnp3_overflow", { packets = losing(2) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("dnp3_overflow", { packets = reading })))
end)
