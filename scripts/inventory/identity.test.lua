-- Which addresses are one asset, where networks make it hard: moves, aliases, redundant routers, gateways, VLANs. What is usual stands in
-- assets.test.lua; two sensors in tools/checks/features_1_5.py, leases in features_1_7.py.
local ALL = { "assets.lua", "traffic.lua", "functions.lua", "list.lua" }
local A, B, C = "00:1b:1b:00:00:01", "00:1b:1b:00:00:02", "00:1b:1b:00:00:03"
local R1, R2 = "00:00:0c:00:00:0a", "00:00:0c:00:00:0b"

-- Each VLAN has ports of its own: a flow is one in all of them.
local function talk(from, to, src, dst, vlan)
	return via(udp(from .. ":" .. 1000 + (vlan or 0), to .. ":2000", "hello"), { src = src, dst = dst, vlan = vlan })
end

local function inventory_of(packets, ask)
	local r = replay { packets = packets, scripts = ALL, ask = { { ask or "inventory full" } }, events = "asset.*" }
	assert.same({}, r.errors)
	local by_id = {}
	for _, row in ipairs(r.answers[1]) do by_id[row.id] = row end
	return by_id, r
end

-- The row of an asset of a capture, and what lies behind its address.
local function of(capture, ip)
	local r = replay {
		capture = "../../testdata/captures/" .. capture, scripts = ALL, events = "none",
		ask = { { "inventory full" }, { "inventory facts" } },
	}
	assert.same({}, r.errors)
	local subs = {}
	for _, f in ipairs(r.answers[2]) do if f.ip == ip and f.sub then subs[f.sub] = true end end
	for _, row in ipairs(r.answers[1]) do if row.ip == ip and not row.sub then return row, subs end end
end

local function told(r, kind)
	local found = {}
	for _, e in ipairs(r.events["asset." .. kind]) do found[#found + 1] = (e.what or "") .. ": " .. (e.was or "") .. " -> " .. (e.is or "") end
	return found
end

describe("several addresses on one MAC address", function()
	it("aliases that a station announces are its own", function()
		local packets = {}
		for i = 1, 8 do packets[i] = arp("10.0.0." .. i, A, "10.0.0." .. i) end
		local by_id = inventory_of(packets)
		assert.equal(8, #by_id[A].addresses)
	end)

	it("more than anybody needs are answers for others (proxy ARP)", function()
		local packets = {}
		for i = 1, 40 do packets[i] = arp("10.0.0." .. i, R1, "10.0.0." .. i) end
		local by_id = inventory_of(packets)
		assert.equal("router", by_id[R1].role)
		assert.equal("10.0.0.30", by_id["10.0.0.30"].ip)
	end)

	it("IPv4, IPv6 and link-local are one station's", function()
		assert.same({ "192.168.10.20", "fe80::2d0:c9ff:fe00:20" }, (of("demo.pcap", "192.168.10.20")).addresses)
	end)
end)

describe("DHCP", function()
	it("the address that one gave up and another got is the other's, and what was said before stays with the first", function()
		local by_id, r = inventory_of {
			arp("10.0.0.50", A, "10.0.0.50"), talk("10.0.0.50", "10.0.0.9", A, C), { arp("10.0.0.60", A, "10.0.0.60"), at = 300 },
			{ arp("10.0.0.50", B, "10.0.0.50"), at = 600 }, { talk("10.0.0.50", "10.0.0.9", B, C), at = 601 },
		}
		assert.same({ "10.0.0.60" }, by_id[A].addresses)
		assert.same({ "10.0.0.50" }, by_id[B].addresses)
		assert.same({ "ip: 10.0.0.50 -> 10.0.0.60", "owner: " .. A .. " -> " .. B }, told(r, "moved"))
	end)
end)

describe("redundant routers", function()
	-- both announce the virtual address by its own MAC address; each has one for itself
	local function pair(virtual)
		local packets = {
			arp("10.0.0.2", R1, "10.0.0.2"), arp("10.0.0.3", R2, "10.0.0.3"), arp("10.0.0.254", virtual, "10.0.0.254"),
			talk("10.9.0.5", "10.0.0.20", virtual, A), talk("10.9.0.6", "10.0.0.20", virtual, A),
			{ talk("10.9.0.5", "10.0.0.20", R2, A), at = 200 }, { arp("10.0.0.254", virtual, "10.0.0.254"), at = 201 },
			{ talk("10.9.0.5", "10.0.0.20", virtual, A), at = 202 },
		}
		return inventory_of(packets)
	end
	local kinds = {
		VRRP = "00:00:5e:00:01:07", ["VRRP for IPv6"] = "00:00:5e:00:02:07", HSRP = "00:00:0c:07:ac:07", ["HSRP 2"] = "00:00:0c:9f:f0:07",
		GLBP = "00:07:b4:00:07:01",
	}
	for name, virtual in pairs(kinds) do
		it(name .. ": a virtual router and two real ones; hosts behind them stay one each, whoever forwards", function()
			local by_id, r = pair(virtual)
			local shared = by_id[virtual .. "%0"] or by_id[virtual]
			assert.equal("virtual router", shared.role)
			assert.same({ "10.0.0.254" }, shared.addresses)
			assert.same({ "10.0.0.2" }, by_id[R1].addresses)
			assert.equal("10.9.0.5", by_id["10.9.0.5"].ip)
			assert.equal("10.9.0.6", by_id["10.9.0.6"].ip)
			for _, e in ipairs(r.events["asset.changed"]) do assert.is_true(e.what ~= "address conflict", e.is) end
		end)
	end

	it("a standby that takes the address with its own MAC address has taken it over", function()
		local by_id, r = inventory_of {
			arp("10.0.0.1", A, "10.0.0.9"), talk("10.0.0.1", "10.0.0.9", A, C), { arp("10.0.0.1", B, "10.0.0.9"), at = 120 },
			{ talk("10.0.0.1", "10.0.0.9", B, C), at = 121 },
		}
		assert.same({ "10.0.0.1" }, by_id[B].addresses)
		assert.same({ "owner: " .. A .. " -> " .. B }, told(r, "moved"))
	end)

	it("two routers to the same hosts: each host is one", function()
		local packets = { arp("10.0.0.2", R1, "10.0.0.2"), arp("10.0.0.3", R2, "10.0.0.3") }
		for i = 1, 6 do packets[#packets + 1] = talk("10.9.0." .. i % 3 + 1, "10.0.0.20", i % 2 == 0 and R1 or R2, A) end
		local by_id = inventory_of(packets)
		for i = 1, 3 do assert.equal("10.9.0." .. i, by_id["10.9.0." .. i].ip) end
		assert.same({ "10.0.0.2" }, by_id[R1].addresses)
		assert.same({ "10.0.0.3" }, by_id[R2].addresses)
	end)
end)

describe("what lies behind a gateway's address", function()
	local function identified(unit, model)
		local objects = "\0\4ACME" .. "\1" .. string.char(#model) .. model
		return "\0\1\0\0" .. string.pack(">I2", 8 + #objects) .. string.char(unit) .. "\43\14\1\1\0\0\2" .. objects
	end
	it("units of a Modbus gateway are listed under it, each with its own model", function()
		local packets = {}
		for unit = 1, 3 do
			packets[unit] = tcp("10.0.0.2:" .. 1024 + unit, "10.0.0.1:502", { ">", "\0\1\0\0\0\5" .. string.char(unit) .. "\43\14\1\0" },
				{ "<", identified(unit, "M" .. unit * 100) })
		end
		local by_id = inventory_of(packets)
		local gateway = "02:00:0a:00:00:01"
		assert.is_nil(by_id[gateway].model)
		for unit = 1, 3 do assert.equal("M" .. unit * 100, by_id[gateway .. "/unit " .. unit].model) end
	end)

	it("one alone is the asset", function()
		local by_id = inventory_of { tcp("10.0.0.2:1025", "10.0.0.1:502", { ">", "\0\1\0\0\0\5\7\43\14\1\0" }, { "<", identified(7, "M7") }) }
		assert.equal("M7", by_id["02:00:0a:00:00:01"].model)
		assert.is_nil(by_id["02:00:0a:00:00:01/unit 7"])
	end)

	it("a module in a slot of a CIP backplane is kept under its route", function()
		local row, subs = of("enip.pcap", "10.6.0.11")
		assert.is_true(subs["1/2"])
		assert.equal("PLC", row.role)
	end)
	it("a CPU in a rack and slot of S7 is kept under them", function()
		local row, subs = of("s7comm.pcap", "10.7.0.11")
		assert.is_true(subs["rack 0 slot 2"])
		assert.equal("S C-X4U421302009", row.serial)
	end)
end)

describe("VLANs", function()
	it("equal addresses of two stations in two VLANs are two assets", function()
		local by_id = inventory_of {
			talk("192.168.0.1", "192.168.0.2", A, B, 10), talk("192.168.0.1", "192.168.0.2", C, R1, 20),
			talk("192.168.0.1", "192.168.0.2", A, B, 10),
		}
		assert.same({ "192.168.0.1" }, by_id[A].addresses)
		assert.same({ "192.168.0.1" }, by_id[C].addresses)
		assert.same({ 10 }, by_id[A].vlans)
		assert.same({ 20 }, by_id[C].vlans)
	end)

	it("equal MAC addresses that their maker was assigned are one station, those given by hand are not", function()
		local by_id = inventory_of {
			talk("192.168.0.1", "192.168.0.2", A, B, 10), talk("192.168.1.1", "192.168.1.2", A, B, 20),
			talk("192.168.0.7", "192.168.0.2", "02:00:00:00:00:07", B, 10), talk("192.168.0.7", "192.168.0.2", "02:00:00:00:00:07", B, 20),
		}
		assert.same({ 10, 20 }, by_id[A].vlans)
		assert.equal("192.168.0.7", by_id["02:00:00:00:00:07%10"].ip)
		assert.equal("192.168.0.7", by_id["02:00:00:00:00:07%20"].ip)
	end)

	it("a station that is plugged into another VLAN has moved", function()
		local _, r = inventory_of { talk("192.168.0.1", "192.168.0.2", A, B, 10), { talk("192.168.0.1", "192.168.0.2", A, B, 20), at = 500 } }
		assert.same({ "vlan: 10 -> 20" }, told(r, "moved"))
	end)

	it("... within a connection, too", function()
		local frame = udp("192.168.0.1:1000", "192.168.0.2:2000", "hello")
		local packets = {}
		for i = 0, 9 do packets[i + 1] = { via(frame, { src = A, dst = B, vlan = i < 5 and 10 or 20 }), at = i < 5 and i * 20 or 60 + i * 20 } end
		local _, r = inventory_of(packets)
		assert.same({ "vlan: 10 -> 20" }, told(r, "moved"))
	end)
end)

describe("routers that the mirror shows from both sides", function()
	local function of_each(by_id, wanted)
		for mac, ips in pairs(wanted) do assert.same(ips, by_id[mac].addresses, mac) end
		for id, row in pairs(by_id) do assert.is_true(wanted[id] ~= nil or not row.addresses, id) end
	end

	it("a packet before and behind one is of the same station", function()
		local by_id, r = inventory_of {
			talk("10.1.0.5", "10.2.0.9", A, R1), talk("10.1.0.5", "10.2.0.9", R2, B), talk("10.2.0.9", "10.1.0.5", B, R2),
			talk("10.2.0.9", "10.1.0.5", R1, A), talk("10.1.0.6", "10.2.0.9", C, R1), talk("10.1.0.6", "10.2.0.9", R2, B),
		}
		of_each(by_id, { [A] = { "10.1.0.5" }, [B] = { "10.2.0.9" }, [C] = { "10.1.0.6" } })
		assert.same({}, told(r, "moved"))
	end)

	it("... in a trunk, too, where the router has an address in each VLAN", function()
		local by_id, r = inventory_of {
			talk("10.1.0.1", "10.1.0.5", R1, A, 10), talk("10.2.0.1", "10.2.0.5", R1, B, 20), talk("10.3.0.1", "10.3.0.5", R1, C, 30),
			talk("10.1.0.5", "10.2.0.5", A, R1, 10), talk("10.1.0.5", "10.2.0.5", R1, B, 20),
			talk("10.2.0.5", "10.1.0.5", B, R1, 20), talk("10.2.0.5", "10.1.0.5", R1, A, 10),
		}
		of_each(by_id, { [A] = { "10.1.0.5" }, [B] = { "10.2.0.5" }, [R1] = { "10.1.0.1", "10.2.0.1", "10.3.0.1" } })
		assert.same({ 10 }, by_id[A].vlans)
		assert.same({}, told(r, "moved"))
	end)

	it("a translator of addresses is one station outside, and each behind it one inside", function()
		local by_id = inventory_of {
			arp("192.168.0.1", R1, "192.168.0.7"), talk("192.168.0.7", "10.9.0.9", A, R1), talk("10.0.0.2", "10.9.0.9", R2, B),
			talk("10.9.0.9", "10.0.0.2", B, R2), talk("10.9.0.9", "192.168.0.7", R1, A), talk("192.168.0.8", "10.9.0.9", C, R1),
			talk("10.0.0.2", "10.9.0.9", R2, B), talk("10.9.0.9", "192.168.0.8", R1, C),
		}
		of_each(by_id, {
			[A] = { "192.168.0.7" }, [C] = { "192.168.0.8" }, [R1] = { "192.168.0.1" }, [R2] = { "10.0.0.2" }, [B] = { "10.9.0.9" },
		})
	end)

	it("who announces all addresses that it sends from forwards for nobody", function()
		local packets = {
			talk("10.0.0.5", "10.0.0.9", A, B), talk("192.168.1.5", "192.168.1.9", A, C), talk("10.0.0.5", "10.0.0.9", A, B),
			{ arp("10.0.0.5", A, "10.0.0.9"), at = 30 }, { arp("192.168.1.5", A, "192.168.1.9"), at = 31 },
		}
		local by_id = inventory_of(packets)
		assert.same({ "10.0.0.5", "192.168.1.5" }, by_id[A].addresses)
		assert.is_true(by_id[A].role ~= "router")
	end)
end)

describe("stations of another BACnet network", function()
	it("are devices of their own, even one alone; the router is another", function()
		local router = of("bacnet.pcap", "10.6.0.12")
		assert.equal("Automated Logic Corporation", router.vendor)
		assert.is_nil(router.model)
	end)

	it("whose words a forwarder passes on with their address are there, though nobody saw them", function()
		local row = of("bacnet.pcap", "fd00:6::33")
		assert.equal("Delta Controls", row.vendor)
	end)
end)
