-- The life of alerts that nobody looks after.

local DAY = 86400

it("closes what was quiet for 90 days, each when it is due", function()
	local function request(tid, day)
		local frames = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", string.pack(">I2I2I2I1I1I2I2", tid, 0, 6, 1, 3, 0, 1) })
		return { frames[4], at = day * DAY }
	end
	local packets, said = {}, { [0] = { 1, 2 }, [60] = { 2 }, [100] = { 3 }, [140] = { 9 }, [155] = { 9 } }
	for day = 0, 155, 0.5 do
		for _, tid in ipairs(said[day] or { 8 }) do packets[#packets + 1] = request(tid, day) end
	end
	local r = replay {
		packets = packets,
		scripts = { "alerts.lua" }, events = "none", code = [[
local odd = require "alert".kind { name = "odd", en = { "Odd", "{tid}" }, settings = { quiet = "1000d" } }
on("modbus.request", "tid < 8", function(e) odd { event = e, key = e.tid } end)
local alerts = require "alert".store
on("modbus.request", { tid = 9 }, function(e)
	for id, a in alerts.alerts:pairs() do print(a.text, alerts.states:get(id).state) end
end)]],
	}
	assert.same({ "1\tclosed", "2\tnew", "3\tnew", "1\tclosed", "2\tclosed", "3\tnew" }, r.lines)
end)

it("says which states and languages there are", function()
	local function answer(args)
		args[1] = args[1] or "alerts"
		local packets = { udp("10.0.0.1:1", "10.0.0.2:2", "x") }
		return replay({ packets = packets, scripts = { "alerts.lua" }, events = "none", ask = { args } }).answers[1]
	end
	assert.contains("a state is one of new, acknowledged, learned, muted, closed, not list", answer { state = "list" })
	assert.contains("a language is one of en, ja, not de", answer { language = "de" })
	assert.contains("a language is one of en, ja, not de", answer { "alerts show", id = "1", language = "de" })
	assert.same({}, answer { state = "new" })
end)
