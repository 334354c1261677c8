local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function sends(n, size)
	local packets = {}
	for i = 1, n do
		packets[i] = tcp("10.0.0.9:" .. 2000 + i, "10.0.0.7:80", { ">", "GET / HTTP/1.1\r\nHost: plc\r\n\r\n" },
			{ "<", "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n" .. size .. "\r\n0\r\n\r\n" })
	end
	return packets
end

it("tells of it", function()
	assert.equal(1, (told("http_malformed", { packets = sends(8, "zz") })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("http_malformed", { packets = sends(8, "1\r\nx") })))
end)
