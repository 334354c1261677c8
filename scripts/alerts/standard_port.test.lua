local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A client only reads.
local reading = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" })

it("tells of it", function()
	assert(told("standard_port", { capture = "modbus-malformed" }) > 0)
end)

local function page(port)
	return tcp("10.0.0.1:1025", "198.51.100.7:" .. port, { ">", "POST /info.asp HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok" },
		{ "<", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" })
end

it("tells of pages in clear text where they are encrypted everywhere", function()
	assert.equal(1, (told("standard_port", { packets = page(443) })))
	assert.equal(0, (told("standard_port", { packets = page(80) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("standard_port", { packets = reading })))
end)
