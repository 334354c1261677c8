local ALL = { "assets.lua", "traffic.lua", "functions.lua", "list.lua" }
local PLC, HMI, ROUTER, OTHER = "00:1b:1b:00:00:01", "00:1b:1b:00:00:02", "00:00:0c:00:00:0a", "00:1b:1b:00:00:03"

local function talk(from, to, src, dst, vlan)
	return via(udp(from, to, "hello"), { src = src, dst = dst, vlan = vlan })
end

-- The rows of `inventory full`, by id.
local function inventory_of(packets, more)
	local options = { packets = packets, scripts = ALL, ask = { { "inventory full" } }, events = "asset.*" }
	for k, v in pairs(more or {}) do options[k] = v end
	local r = replay(options)
	assert.same({}, r.errors)
	local by_id = {}
	for _, row in ipairs(r.answers[1]) do by_id[row.id] = row end
	return by_id, r
end

local function told(r, kind, what)
	local found = {}
	for _, e in ipairs(r.events["asset." .. kind]) do
		if not what or e.what == what then found[#found + 1] = e end
	end
	return found
end

describe("inside a segment", function()
	it("an asset is its MAC address, told once", function()
		local by_id, r = inventory_of { talk("10.0.0.1:1000", "10.0.0.2:2000", PLC, HMI),
			talk("10.0.0.2:2000", "10.0.0.1:1000", HMI, PLC) }
		assert.same({ "10.0.0.1" }, by_id[PLC].addresses)
		assert.same({ "10.0.0.2" }, by_id[HMI].addresses)
		assert.equal(2, #told(r, "new"))
		assert.equal("sends packets from 10.0.0.1", told(r, "new")[1].evidence)
	end)

	it("who is only asked is nobody", function()
		local by_id = inventory_of { talk("10.0.0.1:1000", "10.0.0.2:2000", PLC, HMI) }
		assert.is_nil(by_id[HMI])
	end)

	it("a DHCP client that gets another address is the same asset", function()
		local by_id, r = inventory_of {
			arp("10.0.0.1", PLC, "10.0.0.1"), { talk("10.0.0.1:1000", "10.0.0.9:2000", PLC, HMI), at = 10 },
			{ arp("10.0.0.7", PLC, "10.0.0.7"), at = 200 }, { talk("10.0.0.7:1000", "10.0.0.9:2000", PLC, HMI), at = 210 },
		}
		assert.is_nil(by_id["10.0.0.7"])
		assert.same({ "10.0.0.1", "10.0.0.7" }, by_id[PLC].addresses)
		local moved = told(r, "moved", "ip")
		assert.equal(1, #moved)
		assert.equal("10.0.0.1", moved[1].was)
		assert.equal("10.0.0.7", moved[1].is)
		assert.equal(1, #told(r, "new"))
	end)

	it("two addresses at a time are two addresses of one asset", function()
		local by_id, r = inventory_of {
			arp("10.0.0.1", PLC, "10.0.0.1"), arp("10.0.0.5", PLC, "10.0.0.5"), talk("10.0.0.1:1", "10.0.0.9:2", PLC, HMI),
			talk("10.0.0.5:1", "10.0.0.9:2", PLC, HMI),
		}
		assert.same({ "10.0.0.1", "10.0.0.5" }, by_id[PLC].addresses)
		assert.equal(1, #told(r, "changed", "further address"))
		assert.equal(0, #told(r, "moved"))
	end)

	it("an address that two claim at a time is a conflict, told once; who had it keeps it", function()
		local by_id, r = inventory_of {
			arp("10.0.0.1", PLC, "10.0.0.1"), arp("10.0.0.1", OTHER, "10.0.0.1"), arp("10.0.0.1", PLC, "10.0.0.1"),
			arp("10.0.0.1", OTHER, "10.0.0.1"),
		}
		assert.equal(1, #told(r, "changed", "address conflict"))
		assert.same({ "10.0.0.1" }, by_id[PLC].addresses)
		assert.is_nil(by_id[OTHER].addresses)
	end)

	it("frames of one address from two stations at a time make neither a router", function()
		local packets = {}
		for i = 1, 6 do packets[i] = talk("10.0.0.1:1", "10.0.0.9:" .. i, i % 2 == 0 and PLC or OTHER, HMI) end
		local by_id, r = inventory_of(packets)
		assert.equal(0, #told(r, "moved"))
		assert.same({ "10.0.0.1" }, by_id[OTHER].addresses)
	end)

	it("an address whose owner fell silent is taken over", function()
		local _, r = inventory_of { arp("10.0.0.1", PLC, "10.0.0.1"), { arp("10.0.0.1", OTHER, "10.0.0.1"), at = 900 } }
		local moved = told(r, "moved", "owner")
		assert.equal(1, #moved)
		assert.equal(PLC, moved[1].was)
		assert.equal(OTHER, moved[1].is)
	end)

	it("an address that a second station shares is its own when the first falls silent, in the same flow", function()
		local packets = { talk("10.0.0.1:1", "10.0.0.9:2", PLC, HMI) }
		for i = 1, 20 do packets[i + 1] = { talk("10.0.0.1:3", "10.0.0.9:4", OTHER, HMI), at = i * 10 } end
		local by_id = inventory_of(packets)
		assert.same({ "10.0.0.1" }, by_id[OTHER].addresses)
	end)

	it("an address that was claimed by another is its first owner's again when he sends from it again", function()
		local _, r = inventory_of {
			talk("10.0.0.1:1", "10.0.0.9:2", PLC, HMI), { arp("10.0.0.1", OTHER, "10.0.0.1"), at = 900 },
			{ talk("10.0.0.1:1", "10.0.0.9:2", PLC, HMI), at = 1800 }, { arp("10.0.0.1", OTHER, "10.0.0.1"), at = 2700 },
		}
		local owners = {}
		for i, e in ipairs(told(r, "moved", "owner")) do owners[i] = e.is end
		assert.same({ OTHER, PLC, OTHER }, owners)
	end)

	it("a virtual router's MAC address is no device's", function()
		local by_id = inventory_of { arp("10.0.0.254", "00:00:5e:00:01:07", "10.0.0.254") }
		assert.equal("virtual router", by_id["00:00:5e:00:01:07"].role)
		assert.equal("10.0.0.254", by_id["00:00:5e:00:01:07"].ip)
	end)

	it("a station without IP is an asset, a group is none", function()
		local goose = unhex "010ccd010001 001b1b000001 88b8 0001 0008 0000 0000" .. string.rep("\0", 46)
		local by_id = inventory_of { goose }
		assert.equal(PLC, by_id[PLC].id)
		assert.is_nil(by_id["01:0c:cd:01:00:01"])
	end)

	it("a port that names the chassis it belongs to is part of that device", function()
		local lldp = unhex "0180c200000e 001b1b000011 88cc 0207 04 001b1b000001 0404 07 702d31 0602 0078 0a03 537731 0000" .. string.rep("\0", 30)
		local by_id, r = inventory_of { lldp, arp("10.0.0.1", PLC, "10.0.0.9"), { lldp, at = 90 } }
		assert.is_nil(by_id["00:1b:1b:00:00:11"])
		assert.same({ "00:1b:1b:00:00:01", "00:1b:1b:00:00:11" }, by_id[PLC].macs)
		assert.equal("Sw1", by_id[PLC].name)
		assert.equal("10.0.0.1", by_id[PLC].ip)
		assert.equal("merged: port of 00:1b:1b:00:00:01 (lldp)", told(r, "moved", "owner")[1].evidence)
		local alone = inventory_of { lldp, { lldp, at = 90 } }
		assert.equal("Sw1", alone["00:1b:1b:00:00:11"].name)
	end)
end)

describe("beyond a router", function()
	local through = {
		arp("10.0.0.254", ROUTER, "10.0.0.1"), talk("10.1.0.5:1", "10.0.0.1:2", ROUTER, PLC),
			talk("10.2.0.6:1", "10.0.0.1:2", ROUTER, PLC),
		talk("10.0.0.1:2", "10.1.0.5:1", PLC, ROUTER),
	}

	it("an asset is its IP address, and the router's MAC is not its own", function()
		local by_id, r = inventory_of(through)
		assert.same({ "10.0.0.254" }, by_id[ROUTER].addresses)
		assert.equal("router", by_id[ROUTER].role)
		assert.is_nil(by_id["10.1.0.5"].macs)
		assert.equal(ROUTER, by_id["10.1.0.5"].via)
		assert.equal(ROUTER, by_id["10.2.0.6"].via)
		assert.equal(1, #told(r, "moved", "router"))
	end)

	it("what was taken for the router's own address is split off when that shows", function()
		local by_id = inventory_of { talk("10.1.0.5:1", "10.0.0.1:2", ROUTER, PLC), talk("10.2.0.6:1", "10.0.0.1:2", ROUTER, PLC) }
		assert.is_nil(by_id[ROUTER].addresses)
		assert.equal("10.1.0.5", by_id["10.1.0.5"].ip)
		assert.equal("10.2.0.6", by_id["10.2.0.6"].ip)
	end)

	it("a host seen on both sides of the router is one asset: its own segment's", function()
		local by_id = inventory_of {
			arp("10.0.0.254", ROUTER, "10.0.0.254"), arp("10.1.0.5", HMI, "10.1.0.5"),
				talk("10.1.0.5:1", "10.0.0.1:2", HMI, ROUTER),
			talk("10.1.0.5:1", "10.0.0.1:2", ROUTER, PLC), talk("10.2.0.6:1", "10.0.0.1:2", ROUTER, PLC),
		}
		assert.same({ "10.1.0.5" }, by_id[HMI].addresses)
		assert.is_nil(by_id["10.1.0.5"])
		assert.equal("10.2.0.6", by_id["10.2.0.6"].ip)
	end)

	it("the same address in two VLANs is two assets", function()
		local by_id = inventory_of {
			arp("10.0.0.254", ROUTER, "10.0.0.1"), talk("10.9.0.5:1", "10.0.0.1:2", ROUTER, PLC, 10),
			talk("10.8.0.5:1", "10.0.0.1:2", ROUTER, PLC, 10), talk("10.9.0.5:1", "10.0.0.1:2", ROUTER, PLC, 20),
			talk("10.8.0.5:1", "10.0.0.1:2", ROUTER, PLC, 20),
		}
		assert.equal("10.9.0.5", by_id["10.9.0.5%10"].ip)
		assert.equal("10.9.0.5", by_id["10.9.0.5%20"].ip)
	end)

	it("the internet is one, and fills no list", function()
		local by_id, r = inventory_of {
			arp("10.0.0.254", ROUTER, "10.0.0.1"), talk("8.8.8.8:53", "10.0.0.1:2000", ROUTER, PLC),
			talk("9.9.9.9:53", "10.0.0.1:2000", ROUTER, PLC), talk("1.1.1.1:53", "10.0.0.1:2000", ROUTER, PLC),
		}
		assert.equal("3 addresses", by_id.internet.note)
		assert.is_nil(by_id["8.8.8.8"])
		assert.equal(1, #told(r, "new"))
	end)
end)

describe("what packets reveal", function()
	-- Modbus device identification: vendor, product code, revision
	local function identification(revision)
		local objects = "\0\7ACME Co" .. "\1\4M100" .. "\2" .. string.char(#revision) .. revision
		return "\0\1\0\0" .. string.pack(">I2", 8 + #objects) .. "\3\43\14\1\1\0\0\3" .. objects
	end
	local ask = "\0\1\0\0\0\5\3\43\14\1\0"
	local function connection(port, revision)
		return tcp("10.0.0.2:" .. port, "10.0.0.1:502", { ">", ask }, { "<", identification(revision) })
	end

	it("is kept with what lies behind the address, and another value is told", function()
		local by_id, r = inventory_of { connection(1025, "V1.0"), { at = 100, connection(1026, "V1.1") } }
		local plc = by_id["02:00:0a:00:00:01"]
		assert.equal("M100", plc.model)
		assert.equal("ACME Co", plc.vendor)
		assert.equal("V1.1", plc.firmware)
		local changed = told(r, "changed", "firmware")
		assert.equal(1, #changed)
		assert.equal("V1.0", changed[1].was)
		assert.equal("V1.1", changed[1].is)
		assert.equal("unit 3", changed[1].sub)
	end)

	it("is somebody's, also where nobody has a MAC address", function()
		local none = "00:00:00:00:00:00"
		local packets = connection(1025, "V1.0")
		for i, frame in ipairs(packets) do packets[i] = via(frame, { src = none, dst = none }) end
		local by_id = inventory_of(packets)
		assert.equal("V1.0", by_id["10.0.0.1"].firmware)
	end)

	it("is nobody's when all are spoken to", function()
		local none, hello = "00:00:00:00:00:00", udp("10.0.0.1:1740", "10.0.0.255:1740", "\xc5\0\0\0\0\0\0\0")
		local by_id = inventory_of { via(hello, { src = PLC, dst = "ff:ff:ff:ff:ff:ff" }) }
		assert.equal("10.0.0.1", by_id[PLC].addresses[1])
		assert.is_nil(by_id["10.0.0.255"])
		assert.is_nil(inventory_of { via(hello, { src = none, dst = none }) }["10.0.0.255"])
	end)

	it("was last known when it was said last", function()
		local packets = {}
		for i = 1, 4 do packets[i] = { connection(1024 + i, "V1.0"), at = i * 50 } end
		local _, r = inventory_of(packets, { ask = { { "inventory full" }, { "inventory facts" } } })
		local span
		for _, f in ipairs(r.answers[2]) do
			if f.key == "firmware" then span = f.last - f.first end
		end
		assert.equal(150, (span + 0.5) // 1 | 0)
		assert.equal(0, #told(r, "changed"))
	end)

	it("is what was said last, where two values take turns", function()
		local packets = {}
		for i = 1, 7 do packets[i] = { connection(1024 + i, i % 2 == 1 and "V1.0" or "V1.1"), at = i * 100 } end
		local by_id, r = inventory_of(packets)
		assert.equal("V1.0", by_id["02:00:0a:00:00:01"].firmware)
		assert.equal(6, #told(r, "changed", "firmware"))
	end)

	-- What a resolver answers, who was asked for this name's address.
	local function answer(name)
		local asked = string.pack(">s1s1Bi2i2", name, "example", 0, 1, 1)
		local text = string.pack(">i2I2i2i2i2i2", 1, 0x8180, 1, 1, 0, 0) .. asked .. string.pack(">I2i2i2i4s2", 0xc00c, 1, 1, 60, "\x0a\0\0\1")
		return udp("10.0.0.53:53", "10.0.0.2:5000", text)
	end

	it("is as a hint what was said last, however often another is said", function()
		local packets = { talk("10.0.0.1:1", "10.0.0.9:2", PLC, HMI) }
		for i = 0, 12 do packets[#packets + 1] = { answer(i % 3 == 0 and "files" or "mail"), at = 10 + 20 * i } end
		local _, r = inventory_of(packets, { ask = { { "inventory full" }, { "inventory facts" } } })
		local names = {}
		for _, f in ipairs(r.answers[2]) do
			if f.key == "hostname" then names[#names + 1] = f.value .. " " .. tostring((f.last - f.first + 0.5) // 1 | 0) end
		end
		assert.same({ "files.example 240", "mail.example 200" }, names)
		assert.equal(0, #told(r, "changed", "hostname"))
	end)

	it("of many is one of those that were said last", function()
		local packets = {}
		for i = 1, 36 do packets[i] = { answer("name" .. i % 12), at = 400 * i } end
		local _, r = inventory_of(packets, { ask = { { "inventory full" }, { "inventory facts" } } })
		local names = {}
		for _, f in ipairs(r.answers[2]) do
			if f.key == "hostname" then names[#names + 1] = f.value end
		end
		assert.equal(8, #names)
		assert.equal("name0.example", names[1])
		assert.equal("name5.example", names[8])
	end)
end)

describe("limits and silence", function()
	it("takes up no more assets than the limit says, and says so", function()
		local packets = {}
		for i = 1, 20 do packets[i] = udp("10.0.0." .. i .. ":1000", "10.0.0.99:2000", "x") end
		local r = replay {
			packets = packets, scripts = { "assets.lua", "list.lua", "timeline.lua" }, events = "asset.*",
			code = 'local inventory = require "inventory" inventory.settings:set("terminal_limit", 10)',
			ask = { { "inventory" }, { "view messages" } },
		}
		assert.same({}, r.errors)
		assert.equal(10, #r.answers[1])
		assert.equal(10, #r.events["asset.new"])
		assert.contains("The limit of 10 terminals is reached", r.answers[2][1].text)
	end)

	it("tells of an asset that fell silent, once, and that it speaks again", function()
		local _, r = inventory_of({
			talk("10.0.0.1:1", "10.0.0.2:2", PLC, HMI), talk("10.0.0.2:2", "10.0.0.1:1", HMI, PLC),
			{ talk("10.0.0.2:2", "10.0.0.9:1", HMI, OTHER), at = 3000 },
			{ talk("10.0.0.2:2", "10.0.0.9:1", HMI, OTHER), at = 7000 },
			{ talk("10.0.0.1:1", "10.0.0.2:2", PLC, HMI), at = 7100 },
			{ talk("10.0.0.2:2", "10.0.0.1:1", HMI, PLC), at = 7200 },
		}, { code = 'local inventory = require "inventory" inventory.settings:set("silent_after", 3600)' })
		assert.equal(2, #told(r, "silent"))
		assert.equal(PLC, told(r, "silent")[1].id)
		assert.equal(2, #told(r, "changed", "presence"))
	end)

	it("an asset that was silent before a gap in the capture does not speak again by that", function()
		local packets = { talk("10.0.0.1:1", "10.0.0.9:2", PLC, HMI) }
		for i = 1, 80 do packets[i + 1] = { talk("10.0.0.3:" .. i, "10.0.0.9:2", OTHER, HMI), at = 200 * i } end
		local _, r = inventory_of(packets, { code = [[
			require "inventory".settings:set("silent_after", 3600)
			after("2h", function(now)
				local addresses = require "inventory".addresses
				local function row_of(address, vlan) return addresses:get { address, vlan } end
				require "silence".look(now, interval "1h", now, row_of, function(id, silent) assert(silent, "speaks again") end)
			end)
		]] })
		assert.equal(1, #told(r, "silent"))
		assert.equal(0, #told(r, "changed", "presence"))
	end)

	it("tells of each asset when its own time is up, however long others speak", function()
		local packets = {
			talk("10.0.0.1:1", "10.0.0.9:2", PLC, HMI), { talk("10.0.0.2:1", "10.0.0.9:2", HMI, PLC), at = 2000 },
			{ talk("10.0.0.1:1", "10.0.0.9:2", PLC, HMI), at = 3500 },
		}
		for i = 1, 80 do packets[i + 3] = { talk("10.0.0.3:" .. i, "10.0.0.9:2", OTHER, HMI), at = 200 * i } end
		table.sort(packets, function(a, b) return (a.at or 0) < (b.at or 0) end)
		local _, r = inventory_of(packets, { code = 'local inventory = require "inventory" inventory.settings:set("silent_after", 3600)' })
		local silent = told(r, "silent")
		assert.equal(2, #silent)
		assert.same({ HMI, PLC }, { silent[1].id, silent[2].id })
		for _, e in ipairs(silent) do assert.is_true(tonumber(tostring(e.ts)) - tonumber(tostring(e.last)) < 3900) end
		assert.equal(0, #told(r, "changed", "presence"))
	end)

	it("a station that asks for an address and gets none is not silent", function()
		local discover = string.char(1, 1, 6, 0) .. unhex "01020304 0000 0000" .. ("\0"):rep(16) .. unhex "001b1b000001" .. ("\0"):rep(202)
			.. unhex "63825363 350101 0c0141 ff"
		local packets = {}
		for i = 1, 30 do
			packets[i] = { via(udp("0.0.0.0:68", "255.255.255.255:67", discover), { src = PLC, dst = "ff:ff:ff:ff:ff:ff" }), at = 1200 * i }
		end
		local by_id, r = inventory_of(packets, { code = 'local inventory = require "inventory" inventory.settings:set("silent_after", 3600)' })
		assert.equal("A", by_id[PLC].name)
		assert.equal(0, #told(r, "silent"))
	end)

	it("a station that sends from an address which is another's is not silent", function()
		local packets = { arp("10.0.0.1", OTHER, "10.0.0.9") }
		for i = 1, 60 do
			packets[2 * i] = { talk("10.0.0.1:" .. i, "10.0.0.9:2", PLC, HMI), at = 200 * i }
			packets[2 * i + 1] = { arp("10.0.0.1", OTHER, "10.0.0.9"), at = 200 * i + 6 }
		end
		local by_id, r = inventory_of(packets, { code = 'local inventory = require "inventory" inventory.settings:set("silent_after", 3600)' })
		assert.same({ "10.0.0.1" }, by_id[OTHER].addresses)
		for _, e in ipairs(told(r, "silent")) do assert.is_true(e.id ~= PLC) end
	end)

	it("is silent about a quiet, known network", function()
		local _, r = inventory_of { talk("10.0.0.1:1", "10.0.0.2:2", PLC, HMI),
			{ talk("10.0.0.1:1", "10.0.0.2:2", PLC, HMI), at = 60 } }
		assert.equal(0, #told(r, "moved") + #told(r, "changed") + #told(r, "silent"))
	end)
end)
