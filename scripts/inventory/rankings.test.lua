local DEMO = "../../testdata/captures/demo.pcap"

local function ranking(by)
	local r = replay {
		capture = DEMO, scripts = { "assets.lua", "traffic.lua", "functions.lua", "rankings.lua" }, events = "none",
		ask = { { "view ranking", by = by } },
	}
	assert.same({}, r.errors)
	return r.answers[1]
end

it("each begins with the largest", function()
	for _, by in ipairs { "traffic", "peers", "importance", "services", "service-terminals", "vendors" } do
		local rows = ranking(by)
		assert.is_true(#rows > 1, by)
		for i = 2, #rows do assert.is_true(rows[i].value <= rows[i - 1].value, by) end
	end
end)

it("the formula of importance gives its value", function()
	for _, row in ipairs(ranking "importance") do
		local sum = 0
		for a, b in row.detail:gmatch("(%d+) x (%d+)") do sum = sum + a * b end
		assert.equal(row.value, sum + tonumber(row.detail:match("(%d+) peers")))
	end
end)

it("who changes controllers matters more than they do", function()
	assert.is_true(ranking("importance")[1].role ~= "PLC")
end)

it("a ranking that is not there is an error that names those that are", function()
	assert.contains("importance", ranking "size")
end)
