local function process(...)
	local r = replay {
		packets = tcp("10.0.0.1:1025", "10.0.0.2:502", ...),
		scripts = { "assets.lua", "traffic.lua", "functions.lua", "process.lua" },
		events = "none", ask = { { "view process" } },
	}
	assert.same({}, r.errors)
	return r.answers[1]
end

it("a register that is written: by whom, how often, in which range", function()
	local function write(value)
		local pdu = "\0\1\0\0\0\6\1\6\0\10" .. string.pack(">I2", value)
		return { ">", pdu }, { "<", pdu }
	end
	local a, b = write(100)
	local rows = process(a, b)
	assert.equal(1, #rows)
	assert.equal("holding_register:10", rows[1].target)
	assert.same({ "10.0.0.1" }, rows[1].clients)
	assert.equal("write", rows[1].op)
	assert.equal("100", rows[1].latest)
end)

it("bits have the range 0 to 1", function()
	local rows = process({ ">", unhex "0001 0000 0006 01 01 0000 0008" }, { "<", unhex "0001 0000 0004 01 01 01 05" })
	assert.equal("coil:0-7", rows[1].target)
	assert.same({ "0", "1" }, { rows[1].least, rows[1].most })
end)

it("nodes of OPC UA, also where one request names many", function()
	local r = replay {
		capture = "../../testdata/captures/real-opcua.pcap",
		scripts = { "assets.lua", "traffic.lua", "functions.lua", "process.lua" }, events = "none", ask = { { "view process" } },
	}
	assert.same({}, r.errors)
	local found = {}
	for _, row in ipairs(r.answers[1]) do found[row.target .. " " .. row.op] = row end
	assert.equal("1500", found["ns=1;s=Motor.Limit read"].latest)
	assert.equal("1600", found["ns=1;s=Motor.Limit write"].latest)
	assert.equal("1484.5", found["ns=1;s=Motor.Speed cyclic"].latest)
	assert.is_nil(found["ns=1;s=Motor.Speed,ns=1;s=Motor.Limit read"])
end)

it("an object of BACnet with its value", function()
	local r = replay {
		packets = {
			udp("10.0.0.1:47808", "10.0.0.2:47808", unhex "810a 0011 0104 0275010c 0c00800003 1955"),
			udp("10.0.0.2:47808", "10.0.0.1:47808", unhex "810a 0017 0100 30010c 0c00800003 1955 3e 44 41a80000 3f"),
			udp("10.0.0.1:47808", "10.0.0.2:47808", unhex "810a 0018 0104 0275020f 0c00800003 1955 3e 44 41b00000 3f"),
		},
		scripts = { "assets.lua", "traffic.lua", "functions.lua", "process.lua" }, events = "none", ask = { { "view process" } },
	}
	assert.same({}, r.errors)
	local latest = {}
	for _, row in ipairs(r.answers[1]) do
		assert.equal("analog-value:3.present-value", row.target)
		latest[row.op] = row.latest
	end
	assert.same({ read = "21", write = "22" }, latest)
end)

it("a symbol of ADS with its value, at the port of its runtime", function()
	local handle, name = "\5\240\0\0\1\0\0\0", "MAIN.fSpeed\0"
	local device, client = "\5\23\45\67\1\1\83\3", "\10\0\0\1\1\1\0\128"
	local function message(to, from, command, flags, invoke, body)
		return string.pack("<I2s4", 0, to .. from .. string.pack("<I2I2I4I4I4", command, flags, #body, 0, invoke) .. body)
	end
	local function exchange(command, invoke, asked, told)
		return { ">", message(device, client, command, 4, invoke, asked) }, { "<", message(client, device, command, 5, invoke, told) }
	end
	local data = string.pack("<I4s4", 0, string.pack("<I4I4I4", 1, 4, 4)) -- handle, size, type: REAL32
	local a, b = exchange(9, 1, "\3\240\0\0\0\0\0\0\12\0\0\0" .. string.pack("<s4", name), data)
	local c, d = exchange(2, 2, handle .. "\4\0\0\0", string.pack("<I4s4", 0, string.pack("<f", 12.5)))
	local e, f = exchange(3, 3, handle .. string.pack("<s4", string.pack("<f", 14)), "\0\0\0\0")
	local latest = {}
	for _, row in ipairs(process(a, b, c, d, e, f)) do
		if row.latest then
			assert.same({ "symbol:MAIN.fSpeed", 851 }, { row.target, row.unit })
			latest[row.op] = row.latest
		end
	end
	assert.same({ read = "12.5", write = "14" }, latest)
end)

it("programs are a timeline, compared with the transfer before", function()
	local r = replay {
		capture = "../../testdata/captures/s7comm.pcap", scripts = { "assets.lua", "process.lua" }, events = "none",
		ask = { { "view programs" }, { "view programs", who = "10.7.0.12" } },
	}
	assert.same({}, r.errors)
	local complete = 0
	for _, p in ipairs(r.answers[1]) do
		if p.sha256 then
			complete = complete + 1
			assert.equal(64, #p.sha256)
			assert.matches("first seen", p.compared)
		end
	end
	assert.is_true(complete >= 4)
	assert.is_true(#r.answers[2] < #r.answers[1])
end)

it("of requests that name several, each is read or written, with its own values", function()
	local r = replay {
		capture = "../../testdata/captures/s7comm.pcap", scripts = { "assets.lua", "process.lua" }, events = "none",
		ask = { { "view process", who = "10.7.0.11" } },
	}
	assert.same({}, r.errors)
	local valued = 0
	for _, row in ipairs(r.answers[1]) do
		assert.is_nil(row.target:find(",", 1, true), row.target)
		if row.least then valued = valued + 1 end
	end
	assert.is_true(valued >= 10, valued)
end)

it("of what a station tells by itself each object is a row, with its values, as are set points", function()
	local r = replay {
		capture = "../../testdata/captures/iec104.pcap", scripts = { "assets.lua", "process.lua" }, events = "none",
		ask = { { "view process", who = "10.9.0.11" } },
	}
	assert.same({}, r.errors)
	local rows = {}
	for _, row in ipairs(r.answers[1]) do rows[row.target .. " " .. row.op] = row end
	local told, set = rows["object:1601 cyclic"], rows["object:2050 write"]
	assert.equal("0.125", told.least)
	assert.equal("50.02", told.most:sub(1, 5))
	assert.same({ "10.9.0.20" }, told.clients)
	assert.equal("1200", set.most)
	assert.equal(3, set.unit)
end)
