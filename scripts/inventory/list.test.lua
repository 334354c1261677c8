local function ask(capture, ...)
	local r = replay {
		capture = "../../testdata/captures/" .. capture, scripts = { "assets.lua", "traffic.lua", "functions.lua", "list.lua" },
		events = "none",
		ask = { ... },
	}
	assert.same({}, r.errors)
	return table.unpack(r.answers)
end

local function find(rows, field, value)
	for _, row in ipairs(rows) do
		if row[field] == value then return row end
	end
end

it("the list has the columns that fit, the full one all", function()
	local short, full = ask("demo.pcap", { "inventory" }, { "inventory full" })
	assert.equal(#short, #full)
	assert.is_nil(short[1].packets)
	assert.is_true(full[1].packets ~= nil)
end)

it("what is the only thing behind an address is the asset", function()
	local plc = find(ask("s7comm.pcap", { "inventory full" }), "ip", "10.7.0.11")
	assert.equal("Siemens", plc.vendor)
	assert.equal("6ES7 315-2EH14-0AB0", plc.order_number)
	assert.equal("S C-X4U421302009", plc.serial)
	assert.equal("1", plc.level)
end)

it("facts have source, confidence and sub", function()
	local row = find(ask("s7comm.pcap", { "inventory facts", key = "serial" }), "value", "S C-X4U421302009")
	assert.same({ "s7comm", 100, "rack 0 slot 2", "10.7.0.11" }, { row.source, row.confidence, row.sub, row.ip })
end)
