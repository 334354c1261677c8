local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A client only reads.
local reading = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" })

it("tells of it", function()
	assert(told("port_scan", { capture = "demo" }) > 0)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("port_scan", { packets = reading })))
end)

it("is quiet about answers to everybody, which go to the ports that were asked from", function()
	assert.equal(0, (told("port_scan", { packets = telling.many(60, 0.5, function(i)
		return udp("10.0.0.9:5009", "255.255.255.255:" .. 50000 + i, "x")
	end) })))
end)
