local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert(told("kerberos_failed", { capture = "real-krb5", settings = { many = 1 } }) > 0)
end)

it("is quiet about a slip", function()
	assert.equal(0, (told("kerberos_failed", { capture = "real-krb5" })))
end)
