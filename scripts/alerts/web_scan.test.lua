local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("web_scan", { packets = telling.pages(tcp, 40, "page#.php", 404) })))
end)

it("is quiet about one page that is missing", function()
	assert.equal(0, (told("web_scan", { packets = telling.pages(tcp, 40, "page", 404) })))
end)
