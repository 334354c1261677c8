local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert(told("rpc_failed", { capture = "dcerpc", settings = { many = 2 } }) > 0)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("rpc_failed", { capture = "real-samba" })))
	assert.equal(0, (told("rpc_failed", { capture = "dcerpc" })))
end)
