local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function asks(uri)
	return tcp("10.0.0.9:2000", "10.0.0.7:80", { ">", "GET " .. uri .. " HTTP/1.1\r\nHost: plc\r\n\r\n" },
		{ "<", "HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n" })
end

it("tells of it", function()
	assert.equal(1, (told("http_header", { packets = asks("/" .. string.rep("A", 3000)) })))
	assert.equal(1, (told("http_header", { packets = asks("/?" .. string.rep("a=1&", 80)) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("http_header", { packets = asks "/page?name=value&other=value" })))
end)
