local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local DAY = 86400
local function later(days)
	return {
		code = 'after(1, function() state.map({ name = "rule.saved", key = "addr" }):set(addr "10.0.0.2", now()) end)', settings = { on = true },
		packets = { telling.later(0), telling.later(2), { udp("10.0.0.1:4000", "10.0.0.2:9", "x"), udp("10.0.0.2:9", "10.0.0.1:4000", "y"),
			at = days * DAY },
			telling.later(days * DAY + 200) },
	}
end

it("tells of it", function()
	assert.equal(1, (told("backup_missing", later(40))))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("backup_missing", later(20))))
end)
