local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	local n, alerts = told("user_discovery", { capture = "real-samba" })
	assert.equal(1, n)
	assert.contains("samr SamrEnumerateUsersInDomain", alerts[1].text)
end)

it("is quiet about other procedures", function()
	assert.equal(0, (told("user_discovery", { capture = "dcerpc" })))
end)
