local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- n requests for pages, each answered with `status`.
local function web(n, page, status, agent, body)
	local packets = {}
	for i = 1, n do
		local asked = "GET /" .. page:gsub("#", i) .. " HTTP/1.1\r\nHost: plc\r\nUser-Agent: " .. (agent or "x") .. "\r\n\r\n"
		local reply = "HTTP/1.1 " .. status .. " X\r\nContent-Length: " .. #(body or "") .. "\r\n\r\n" .. (body or "")
		packets[i] = tcp("10.0.0.9:" .. 2000 + i, "10.0.0.7:80", { ">", asked }, { "<", reply })
	end
	return packets
end
local PROGRAM = "MZ" .. string.rep("\0", 58) .. string.pack("<I4", 64) .. "PE\0\0" .. string.rep("\0", 200)

it("tells of it", function()
	assert.equal(1, (told("executable_web", { packets = web(1, "update.exe", 200, "x", PROGRAM) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("executable_web", { packets = web(1, "page.html", 200, "x", "<html><body>hello</body></html>") })))
end)
