local function talk(from, to)
	return { udp(from .. ":1000", to .. ":2000", "x"), udp(to .. ":2000", from .. ":1000", "y") }
end

local function diff(old, new)
	local r = replay {
		packets = {
			talk("10.0.0.1", "10.0.0.2"), { talk("10.0.0.1", "10.0.0.3"), at = 5 }, { talk("10.0.0.1", "10.0.0.2"), at = 7200 },
			{ talk("10.0.0.1", "10.0.0.4"), at = 7210 },
		},
		scripts = { "assets.lua", "traffic.lua", "functions.lua", "diff.lua" }, events = "none",
		ask = { { "inventory diff", old = old, new = new } },
	}
	assert.same({}, r.errors)
	local said = {}
	for i, row in ipairs(r.answers[1]) do said[i] = row.change .. " " .. row.what .. " " .. (row.ip or row.to) end
	table.sort(said)
	return said
end

it("tells assets and pairs that came and went", function()
	assert.same({ "added asset 10.0.0.4", "added pair 02:00:0a:00:00:04", "removed asset 10.0.0.3", "removed pair 02:00:0a:00:00:03" },
		diff("+0s..+1m", "-1m.."))
end)

it("knows hours by dates and times", function()
	assert.equal(4, #diff("2026-01-01T00:00:00Z..2026-01-01T00:30:00Z", "2026-01-01T01:30:00Z..2026-01-01T03:00:00Z"))
end)

it("says nothing of a period and itself", function()
	assert.same({}, diff("2026-01-01", "2026-01-01"))
end)
