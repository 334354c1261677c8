local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert(told("ssh_login_failed", { capture = "it-text", settings = { many = 1 } }) > 0)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("ssh_login_failed", { capture = "real-ssh" })))
end)
