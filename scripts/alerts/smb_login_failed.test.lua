local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert(told("smb_login_failed", { capture = "real-samba", settings = { many = 1 } }) > 0)
end)

it("is quiet about a slip", function()
	assert.equal(0, (told("smb_login_failed", { capture = "real-samba" })))
end)
