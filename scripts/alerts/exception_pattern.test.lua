local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A client only reads.
local reading = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" })

it("tells of it", function()
	assert(told("exception_pattern", { capture = "demo" }) > 0)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("exception_pattern", { packets = reading })))
end)

-- BACnet: ReadProperty of a property, and the device's Error (class, code).
local function refused(code)
	return (told("exception_pattern", { packets = telling.many(60, 0.5, function(i)
		local id = string.char(i // 2 % 256)
		if i % 2 == 0 then
			return udp("10.0.0.1:47808", "10.0.0.2:47808", unhex "810a0011 0104 0005" .. id .. unhex "0c 0c02000235 194d")
		end
		return udp("10.0.0.2:47808", "10.0.0.1:47808", unhex "810a000d 0100 50" .. id .. unhex "0c 9102 91" .. string.char(code))
	end) }))
end

it("is quiet about properties of BACnet that an object does not have, and tells of what may not be read", function()
	assert.equal(0, refused(32))
	assert.equal(1, refused(27))
end)
