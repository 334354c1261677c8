local DEMO = "../../testdata/captures/demo.pcap"

local function ask(options, ...)
	options.scripts, options.ask, options.events = { "assets.lua", "traffic.lua", "functions.lua", "timeline.lua" }, { ... }, "none"
	local r = replay(options)
	assert.same({}, r.errors)
	return table.unpack(r.answers)
end

it("a day's traffic adds up over services", function()
	local rows = ask({ capture = DEMO }, { "view traffic", by = "day" })
	local packets, total = 0, 0
	for _, row in ipairs(rows) do
		if row.service == "total" then total = total + row.packets else packets = packets + row.packets end
	end
	-- copies that a mirror port makes are on the wire, and in no flow
	assert.is_true(packets > 10000 and packets <= total and total - packets < 200)
end)

it("an interval that is not there is an error that names those that are", function()
	assert.contains("minute, hour or day", (ask({ capture = DEMO }, { "view traffic", by = "week" })))
end)

it("an event of the owner stands between those of packets", function()
	local _, history = ask({ capture = DEMO }, { "inventory note", text = "maintenance", time = "2024-05-13T08:05:00Z" }, { "view history" })
	local place
	for i, row in ipairs(history) do if row.what == "maintenance" then place = i end end
	assert.is_true(place and place > 1 and history[place - 1].time < history[place].time)
end)
