local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A device that is well: status asked for and told.
local function tpkt(message) return "\3\0" .. string.pack(">I2", 7 + #message) .. "\2\xf0\x80" .. message end
local asked, well = unhex "a006 020102 800100", unhex "a10b 020102 a006 800100 810100"
local healthy = tcp("10.0.0.1:1025", "10.0.0.2:102", { ">", tpkt(asked) }, { "<", tpkt(well) })

it("tells of it", function()
	assert.equal(1, (told("mms_state", { capture = "mms" })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("mms_state", { packets = healthy })))
end)
