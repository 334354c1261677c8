local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function used(...)
	local heads = {}
	for i, method in ipairs { ... } do heads[i] = method .. " /recipe HTTP/1.1" end
	return told("http_method", { packets = telling.requests(tcp, heads), code = telling.FIRST_HOUR })
end

it("tells of a method that was not used before", function()
	local n, alerts = used("GET", "POST", "DELETE")
	assert.equal(2, n)
	assert.contains("sends DELETE /recipe", alerts[2].text)
end)

it("is quiet about those that were, and about reading", function()
	assert.equal(0, (used("POST", "POST", "HEAD", "GET")))
end)
