local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A client only reads.
local reading = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" })

it("tells of it", function()
	assert(told("function_scan", { capture = "demo" }) > 0)
end)

it("is quiet about tools that ask everybody by broadcast", function()
	local function search(to)
		local packets = {}
		for i = 1, 16 do
			packets[i] = { udp("10.0.0.1:9600", to, unhex "8000 0200 ff00 0001 0001" .. string.pack(">I2", 0x0100 + i)), at = i }
		end
		return (told("function_scan", { packets = packets, settings = { many = 4 } }))
	end
	assert.equal(0, search "255.255.255.255:9600")
	assert.equal(1, search "10.0.0.2:9600")
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("function_scan", { packets = reading })))
end)
