-- What a device is, from packets to the list: each role by what a host does, with its reason; names that it gives itself in Japanese and in
-- multicast DNS; makers of addresses that are nobody's. The pure judgements are tested in lua/tests/device.test.lua, routers and what lies
-- behind them in assets.test.lua and identity.test.lua.
local ALL = { "assets.lua", "traffic.lua", "functions.lua", "list.lua", "asset.lua" }

local function mac_of(ip)
	return ("00:1b:1b:00:%02x:%02x"):format(tonumber(ip:match("(%d+)%.%d+$")), tonumber(ip:match("%d+$")))
end

-- Frames between stations of one segment, each with a MAC address of its own.
local function here(frames)
	local out = {}
	for i, f in ipairs(type(frames) == "string" and { frames } or frames) do
		local from, to = ("%d.%d.%d.%d"):format(f:byte(27, 30)), ("%d.%d.%d.%d"):format(f:byte(31, 34))
		out[i] = via(f, { src = mac_of(from), dst = mac_of(to) })
	end
	return out
end

local function list_of(packets, more)
	local options = { packets = packets, scripts = ALL, ask = { { "inventory full" }, { "inventory facts" } }, events = "none" }
	for k, v in pairs(more or {}) do options[k] = v end
	local r = replay(options)
	assert.same({}, r.errors)
	local by_ip = {}
	for _, row in ipairs(r.answers[1]) do by_ip[row.ip or row.id] = row end
	return by_ip, r
end

-- Conversations one behind the other: each a list of frames.
local function all(...)
	local out = {}
	for _, frames in ipairs { ... } do
		for _, f in ipairs(here(frames)) do out[#out + 1] = f end
	end
	return out
end

local function role_of(ip, ...)
	local row = list_of(all(...))[ip]
	return row and row.role
end

local function exchange(client, server, ask, answer)
	return { udp(client, server, ask), udp(server, client, answer) }
end

local READ, HELD = unhex "0001 0000 0006 01 03 0000 0001", unhex "0001 0000 0005 01 03 02 0007"
local WRITE = unhex "0002 0000 0006 01 06 0001 0009"
local function reads(client, plc, port) return tcp(client .. ":" .. (port or 1025), plc .. ":502", { ">", READ }, { "<", HELD }) end
local function writes(client, plc) return tcp(client .. ":1026", plc .. ":502", { ">", WRITE }, { "<", WRITE }) end

local function dhcp(op, kind, more, client)
	return string.char(op, 1, 6, 0) .. unhex "01020304 0000 0000" .. unhex "00000000 0a000014 0a000005 00000000"
		.. unhex "001b1b0000" .. string.char(client or 20) .. ("\0"):rep(202) .. unhex "63825363"
		.. string.char(53, 1, kind) .. (more or "") .. "\255"
end
local function text_option(code, text) return string.char(code, #text) .. text end

describe("the role by what a host does", function()
	it("PLC and HMI: one is read and written, the other reads and writes", function()
		local by_ip = list_of(all(reads("10.0.0.20", "10.0.0.11"), writes("10.0.0.20", "10.0.0.11")))
		assert.equal("PLC", by_ip["10.0.0.11"].role)
		assert.equal("HMI", by_ip["10.0.0.20"].role)
	end)

	it("engineering station: it stops a controller", function()
		-- SLMP, 3E frame in binary code: remote stop
		local stop, done = unhex "5000 00 ff ff03 00 0800 1000 0210 0000 0100", unhex "d000 00 ff ff03 00 0200 0000"
		assert.equal("engineering station", role_of("10.0.0.30", tcp("10.0.0.30:1025", "10.0.0.12:5007", { ">", stop }, { "<", done })))
	end)

	it("data collector, and historian when it keeps a database", function()
		local startup = "\0\0\0\18\0\3\0\0user\0joe\0\0"
		local database = tcp("10.0.0.40:1030", "10.0.0.41:5432", { ">", startup }, { "<", "R\0\0\0\8\0\0\0\0" })
		assert.equal("data collector", role_of("10.0.0.40", reads("10.0.0.40", "10.0.0.11"), reads("10.0.0.40", "10.0.0.12")))
		assert.equal("historian", role_of("10.0.0.40", reads("10.0.0.40", "10.0.0.11"), reads("10.0.0.40", "10.0.0.12"), database))
	end)

	it("resolver, DHCP server, time server", function()
		local query = unhex "0001 0100 0001 0000 0000 0000 0161 0262 6300 0001 0001"
		local answer = unhex "0001 8180 0001 0000 0000 0000 0161 0262 6300 0001 0001"
		assert.equal("resolver", role_of("10.0.0.5", exchange("10.0.0.20:1025", "10.0.0.5:53", query, answer)))
		assert.equal("time server", role_of("10.0.0.5", exchange("10.0.0.20:123", "10.0.0.5:123", "\x23" .. ("\0"):rep(47),
			"\x24\2\6\xe9" .. ("\1"):rep(44))))
		local ask = udp("10.0.0.20:68", "10.0.0.5:67", dhcp(1, 3))
		local reply = udp("10.0.0.5:67", "10.0.0.20:68", dhcp(2, 5, unhex "36 04 0a000005 33 04 00000e10"))
		assert.equal("DHCP server", role_of("10.0.0.5", { ask, reply }))
	end)

	it("printer, camera, phone, file server, mail server", function()
		local job = tcp("10.0.0.20:1025", "10.0.0.60:9100", { ">", "\27%-12345X@PJL INFO ID\r\n" }, { "<", "@PJL INFO ID\r\n" })
		assert.equal("printer", role_of("10.0.0.60", job))
		local watch = tcp("10.0.0.20:1025", "10.0.0.61:554", { ">", "DESCRIBE rtsp://10.0.0.61/1 RTSP/1.0\r\nCSeq: 1\r\n\r\n" },
			{ "<", "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n" })
		assert.equal("camera", role_of("10.0.0.61", watch))
		assert.equal("phone", role_of("10.0.0.62", { udp("10.0.0.62:68", "10.0.0.5:67", dhcp(1, 1, text_option(60, "snom-snomD785"), 62)) }))
		local register, ok = "REGISTER sip:pbx SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.63\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n"
		local by_ip = list_of(all(exchange("10.0.0.63:5060", "10.0.0.5:5060", register, ok)))
		assert.equal("phone", by_ip["10.0.0.63"].role)
		assert.equal("telephone exchange", by_ip["10.0.0.5"].role)
	end)

	it("with its reason on the page", function()
		for who, reason in pairs { ["10.0.0.11"] = "is asked in modbus by 1 client", ["10.0.0.20"] = "reads and writes 1 device" } do
			local r = replay { packets = all(reads("10.0.0.20", "10.0.0.11"), writes("10.0.0.20", "10.0.0.11")), scripts = ALL,
				events = "none", ask = { { "asset", who = who } } }
			assert.same({}, r.errors)
			assert.contains(reason, r.printed)
		end
	end)
end)

describe("who made it", function()
	it("an address that was given by hand or by software has no maker", function()
		local by_ip = list_of { via(udp("10.0.0.1:1", "10.0.0.2:2", "x"), { src = "02:1b:1b:00:00:01", dst = mac_of "10.0.0.2" }),
			via(udp("10.0.0.2:1", "10.0.0.1:2", "x"), { src = mac_of "10.0.0.2", dst = "02:1b:1b:00:00:01" }) }
		assert.is_nil(by_ip["10.0.0.1"].vendor)
		assert.contains("Siemens", by_ip["10.0.0.2"].vendor or "")
	end)

	it("that of a router is not that of the hosts behind it", function()
		local router = "00:00:0c:00:00:0a"
		local by_ip = list_of { arp("10.0.0.254", router, "10.0.0.2"),
			via(udp("10.1.0.5:1", "10.0.0.2:2", "x"), { src = router, dst = mac_of "10.0.0.2" }),
			via(udp("10.2.0.6:1", "10.0.0.2:2", "x"), { src = router, dst = mac_of "10.0.0.2" }) }
		assert.contains("Cisco", by_ip["10.0.0.254"].vendor or "")
		assert.is_nil(by_ip["10.1.0.5"].vendor)
		assert.is_nil(by_ip["10.1.0.5"].mac)
	end)
end)

describe("what it calls itself", function()
	-- DHCP option 12: a name in UTF-8, and the same in CP932
	local UTF8, CP932 = "\xe8\xa3\xbd\xe9\x80\xa0\x31", "\x90\xbb\x91\xa2\x31"

	it("in Japanese, in UTF-8", function()
		local by_ip = list_of(here { udp("10.0.0.20:68", "10.0.0.5:67", dhcp(1, 3, text_option(12, UTF8))) })
		assert.equal(UTF8, by_ip["10.0.0.20"].name)
	end)

	it("in Japanese, in CP932", function()
		local by_ip = list_of(here { udp("10.0.0.20:68", "10.0.0.5:67", dhcp(1, 3, text_option(12, CP932))) })
		assert.equal(UTF8, by_ip["10.0.0.20"].name)
	end)

	it("in multicast DNS: name, services, model", function()
		local function name(...)
			local out = ""
			for _, label in ipairs { ... } do out = out .. string.char(#label) .. label end
			return out .. "\0"
		end
		local function record(owner, kind, data) return owner .. string.pack(">I2I2I4s2", kind, 0x8001, 120, data) end
		local host = name("press-7", "local")
		local message = unhex "0000 8400 0000 0004 0000 0000" .. record(host, 1, unhex "0a000046")
			.. record(name("_ipp", "_tcp", "local"), 12, name("Hall 2", "_ipp", "_tcp", "local"))
			.. record(name("Hall 2", "_ipp", "_tcp", "local"), 33, string.pack(">I2I2I2", 0, 0, 631) .. host)
			.. record(name("Hall 2", "_ipp", "_tcp", "local"), 16, string.char(#"ty=Brother HL-L5210") .. "ty=Brother HL-L5210")
		local by_ip, r = list_of { via(udp("10.0.0.70:5353", "224.0.0.251:5353", message),
			{ src = mac_of "10.0.0.70", dst = "01:00:5e:00:00:fb" }) }
		assert.equal("press-7", (by_ip["10.0.0.70"].name:gsub("%.local$", "")))
		assert.equal("printer", by_ip["10.0.0.70"].role)
		local said = {}
		for _, f in ipairs(r.answers[2]) do said[#said + 1] = f.key .. "=" .. tostring(f.value) end
		assert.contains("Brother HL-L5210", table.concat(said, "\n"))
	end)
end)
