local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("http_login_failed", { packets = telling.pages(tcp, 25, "settings", 401) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("http_login_failed", { packets = telling.pages(tcp, 25, "settings", 200) })))
end)
