local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert(told("ftp_login_failed", { capture = "real-ftp", settings = { many = 1 } }) > 0)
end)

it("is quiet about a slip", function()
	assert.equal(0, (told("ftp_login_failed", { capture = "real-ftp" })))
end)
