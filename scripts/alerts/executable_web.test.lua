local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)
local PROGRAM = "MZ" .. string.rep("\0", 58) .. string.pack("<I4", 64) .. "PE\0\0" .. string.rep("\0", 200)

it("tells of it", function()
	assert.equal(1, (told("executable_web", { packets = telling.pages(tcp, 1, "update.exe", 200, "x", PROGRAM) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("executable_web", { packets = telling.pages(tcp, 1, "page.html", 200, "x", "<html><body>hello</body></html>") })))
end)
