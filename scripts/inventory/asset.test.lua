local function page(who)
	local r = replay {
		capture = "../../testdata/captures/demo.pcap", scripts = { "assets.lua", "traffic.lua", "functions.lua", "asset.lua" },
		events = "none",
		ask = { { "asset", who = who } },
	}
	assert.same({}, r.errors)
	return r.printed, r.answers[1]
end

it("tells what an engineer asks: what it is, where, since when, by whom it is changed", function()
	local text = page "192.168.10.11"
	for _, part in ipairs {
		"192.168.10.11", "00:80:f4:fc:8c:fc", "Model        BMX P34 2020", "PLC (Purdue level 1)", "is asked in modbus", "V3.30",
		"100 %",
		"HMI-LINE1", "WRITE_SINGLE_REGISTER", "address conflict", "WHOM IT SPEAKS WITH",
	} do assert.contains(part, text) end
	for line in text:gmatch("[^\n]+") do assert.is_true((utf8.len(line) or #line) <= 125, line) end
end)

it("is found by name and by MAC address", function()
	assert.contains("192.168.10.20", page "hmi-line1")
	assert.contains("192.168.10.20", page "00:d0:c9:d9:cf:96")
end)

it("of nobody is an error", function()
	local _, answer = page "10.0.0.99"
	assert.contains("nothing is known of 10.0.0.99", answer)
end)

it("fits the width of the terminal, whatever its letters", function()
	local r = replay {
		capture = "../../testdata/captures/demo.pcap", scripts = { "assets.lua", "traffic.lua", "functions.lua", "process.lua" },
		events = "none",
		code = [[
			local inventory, page = require "inventory", require "page"
			command.new { name = "pages", doc = "pages", run = function()
				local list, by_id = inventory.records()
				list[3].owned.place = ("第一工場の" .. "充填ライン "):rep(20)
				for _, width in ipairs { 60, 80, 100, 150 } do
					for _, r in ipairs(list) do
						for _, line in ipairs(page.lines(r, by_id, width)) do
							local places = 0
							for _, c in utf8.codes(line) do places = places + (c >= 0x2e80 and 2 or 1) end
							if places > width then print(width, places, line) end
						end
					end
				end
			end }
		]],
		ask = { { "pages" } },
	}
	assert.same({}, r.errors)
	assert.equal("", r.printed)
end)
