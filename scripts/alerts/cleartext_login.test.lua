local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert(told("cleartext_login", { capture = "real-telnetd" }) > 0)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("cleartext_login", { capture = "real-ssh" })))
end)
