local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("scanner_agent", { packets = telling.pages(tcp, 3, "", 200, "Mozilla/5.0 (compatible; Nmap Scripting Engine)") })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("scanner_agent", { packets = telling.pages(tcp, 3, "", 200, "Mozilla/5.0 (Windows NT 10.0)") })))
end)
