local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function shell(server)
	return { tcp("10.0.0.9:2000", server .. ":23", { "<", unhex "fffd18fffd20" .. "login: " }, { ">", unhex "fffb18" }), at = 10 }
end
local known = 'state.set { name = "rule.controllers", key = "addr" }:add(addr "10.0.0.2")'

it("tells of it", function()
	assert.equal(1, (told("controller_login", { code = known, packets = { shell "10.0.0.2", telling.later(100) } })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("controller_login", { code = known, packets = { shell "10.0.0.3", telling.later(100) } })))
end)
