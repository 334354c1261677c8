local DEMO = "../../testdata/captures/demo.pcap"

local function ask(options, ...)
	options.scripts, options.ask, options.events = { "assets.lua", "traffic.lua", "functions.lua", "terminals.lua" }, { ... }, "none"
	local r = replay(options)
	assert.same({}, r.errors)
	return table.unpack(r.answers)
end

it("terminals are found by what they speak and by their kind", function()
	local servers, resolvers, none = ask({ capture = DEMO }, { "view terminals", within = "OT", kind = "server" },
		{ "view terminals", within = "name resolution" }, { "view terminals", within = "mail" })
	assert.equal("192.168.10.11", servers[1].ip)
	assert.is_true(#resolvers > 1)
	assert.same({}, none)
end)

it("a matrix has a terminal where its address is", function()
	local cells = ask({ capture = DEMO }, { "view matrix role", network = "192.168.10" })
	for _, cell in ipairs(cells) do
		assert.equal(cell.ip, "192.168.10." .. cell.row * 16 + cell.column)
	end
	assert.equal(11, #cells)
end)

it("one terminal: facts with source and confidence, peers with services", function()
	local rows = ask({ capture = DEMO }, { "view terminal", who = "192.168.10.11" })
	local sections = {}
	for _, row in ipairs(rows) do sections[row.section] = (sections[row.section] or 0) + 1 end
	assert.is_true(sections.fact >= 4 and sections.peer == 4 and sections.address >= 2)
end)

it("a terminal that is not there is an error that says what to do", function()
	assert.contains("otoscope inventory lists", (ask({ capture = DEMO }, { "view terminal", who = "10.99.0.1" })))
end)
