local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local read = unhex "0001 0000 0006 01 03 0000 0003"
local works = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", read }, { "<", unhex "0001 0000 0009 01 03 06 0001 0002 0003" })

-- It knocks again and again with SYN at a port.
local function knocks(port)
	local packets = {}
	for i = 1, 5 do packets[i] = { telling.segment("10.0.0.1", 2000 + i, "10.0.0.2", port, 2), at = 60 + i * 10 } end
	return { { works, at = 1 }, packets, telling.later(200) }
end

it("tells of it", function()
	local n, alerts = told("unreachable", { packets = knocks(502) })
	assert.equal(1, n)
	assert.equal("10.0.0.2", alerts[1].target)
end)

it("remembers for as long as it is asked", function()
	local packets = knocks(502)
	for i = 1, 20 do
		packets[#packets + 1] = { tcp("10.0.0.1:" .. 3000 + i, "10.0.0.2:502", { ">", read },
			{ "<", unhex "0001 0000 0009 01 03 06 0001 0002 0003" }), at = i * 43200 }
	end
	for i = 1, 5 do packets[#packets + 1] = { telling.segment("10.0.0.1", 4000 + i, "10.0.0.2", 502, 2), at = 870000 + i * 10 } end
	packets[#packets + 1] = telling.later(870300)
	assert.equal(2, (told("unreachable", { packets = packets, code = "require('learn').set_mode('ot_behaviour', 'detecting')" })))
end)

it("is quiet about what never was open", function()
	assert.equal(0, (told("unreachable", { packets = knocks(503) })))
end)
