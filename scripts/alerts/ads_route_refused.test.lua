local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("ads_route_refused", { capture = "ads" })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("ads_route_refused", { capture = "real-ads" })))
end)
