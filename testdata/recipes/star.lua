-- A hall as mirror ports show it: one station polls all controllers over sessions that were open before the capture began. Only a few
-- handshakes, one ARP answer, names by NetBIOS and DNS, a lease, and stations without IP: a switch by LLDP, devices by PROFINET.

local arp = require "arp"
local cip = require "cip"
local dns = require "dns"
local enip = require "enip"
local it = require "it_datagrams"
local modbus = require "modbus"
local s7 = require "s7"
local small = require "factory.small"
local wire = require "wire"

local w = ...
w:title "a star: one poller, fifteen controllers, most sessions joined in the middle; stations without IP"
w:duration "15s"
w.speaks_arp = false

local poller = w:host { name = "poller", role = "hmi", ip = "10.20.0.10", vendor = "dell", os = "windows" }
local database = w:host { name = "database", role = "server", ip = "10.20.0.11", vendor = "vmware", os = "windows" }
local panels = {}
for i = 1, 2 do
  panels[i] = w:host { name = "panel" .. i, role = "hmi", ip = "10.20.0." .. 180 + i, vendor = "advantech", os = "windows" }
end

local ask, command = modbus.request, s7.command

-- Six controllers answer to Modbus, five to S7, four to CIP; each is asked in its own rhythm.
for i = 1, 6 do
  local plc = w:host { name = "modbus" .. i, role = "plc", ip = "10.20.0." .. 20 + i, vendor = i < 4 and "schneider" or "wago" }
  w:at(0.02 * i, function()
    local link = modbus.connect(w, { client = poller, server = plc, device = modbus.device {}, midstream = i > 1, unit = 255,
      transaction = 1000 * i })
    w:every(i < 5 and "1s" or "2s", { jitter = 0.02 }, function(n)
      link:ask(n % 3 == 0 and ask.read_holding_registers(0, 8) or ask.read_coils(0, 16))
      w:sleep(0.005)
      if n % 5 == i % 5 then link:ask(ask.write_multiple_coils(5, { 1, 0, n % 2 })) end
    end)
  end)
end
for i = 1, 5 do
  local plc = w:host { name = "s7-" .. i, role = "plc", ip = "10.20.0." .. 40 + i, vendor = "siemens" }
  w:at(0.2 + 0.02 * i, function()
    local link = s7.connect(w, { client = poller, server = plc, midstream = i > 1, ref = 100 * i })
    w:every("1s", { jitter = 0.02 }, function(n)
      link:ask(command.read { s7.item("DB", "WORD", 4, 18, { db = 100 + i }) })
      w:sleep(0.005)
      if n % 4 == 0 then link:ask(command.write { s7.item("DB", "INT", 1, 2, { db = 7, value = string.pack(">i2", n) }) }) end
    end)
  end)
end
for i = 1, 4 do
  local plc = w:host { name = "cip" .. i, role = "plc", ip = "10.20.0." .. 60 + i, vendor = "rockwell" }
  local device = cip.controller { identity = { vendor = 1, type = 0x0e, product = 54, major = 20, minor = i, status = 0x3060,
    serial = 0x00a0b0c0 + i, name = "1756-L61/B LOGIX5561" }, ip = plc.ip, gateway = "10.20.0.1", host_name = plc.name, mac = plc.mac_bytes,
    tags = { Speed = { kind = cip.TYPE.real, bytes = string.pack("<f", 1450.5) } }, symbols = { "Speed" } }
  w:at(0.4 + 0.02 * i, function()
    local link = enip.connect(w, { client = poller, server = plc, device = device, midstream = i > 1 })
    w:every("500ms", { jitter = 0.02 }, function(n)
      link:ask(cip.ask.read_tag "Speed")
      if n == 3 then link:ask(cip.ask.get_all(cip.CLASS.identity, 1)) end
    end)
  end)
end

-- What else goes on: names, a lease, ARP of which most answers pass by another port, and pings.
w:at(1, function()
  for i, panel in ipairs(panels) do
    dns.nbns_register(w, panel, { name = "PANEL" .. i, broadcast = "10.20.0.255" })
    dns.nbns_query(w, panel, { name = "POLLER", suffix = 0x20, broadcast = "10.20.0.255", responder = poller })
    w:sleep(0.3)
  end
  dns.lookup(w, poller, database, { name = "historian.plant.example",
    answers = { { name = "historian.plant.example", type = "A", ttl = 60, address = database.ip } } })
end)
w:at(2, function()
  local spare = w:host { name = "spare", role = "workstation", ip = "10.20.0.190", vendor = "intel", os = "windows" }
  it.dhcp_lease(w, spare, poller, { xid = 0x5a5a0001, ip = spare.ip,
    wanted = it.option(12, "SPARE-PC") .. it.option(60, "MSFT 5.0") .. it.option(55, "\1\3\6\15\31\33\43\44\46\47\119\121\249\252") })
  w:sleep(1)
  dns.nbns_query(w, spare, { name = "POLLER", suffix = 0x20, broadcast = "10.20.0.255", responder = poller })
end)
for i, host in ipairs { panels[1], panels[2], poller } do
  w:every("4s", { from = tostring(i) .. "s" }, function() arp.request(w, host, "10.20.0." .. 20 + i) end)
end
w:at(3, function() arp.exchange(w, poller, database) end)

-- Stations without IP.
local switch = w:host { name = "switch", role = "switch", ip = nil, vendor = "siemens" }
w:every("5s", { from = "1.5s" }, function()
  w:emit(wire.ethernet("\1\x80\xc2\0\0\x0e", switch.mac_bytes, 0x88cc, small.lldp { mac = switch.mac_bytes, port = "port-001",
    name = "hall-switch", description = "Siemens, SIMATIC NET, SCALANCE X212-2, HW: 7, FW: V4.02" }))
end)
for i = 1, 2 do
  local io = w:host { name = "io" .. i, role = "io", ip = nil, vendor = "phoenix_contact" }
  w:every("3s", { from = tostring(i) .. "s" }, function()
    -- PROFINET DCP: identify all (IEC 61158-6-10)
    local dcp = string.pack(">I2BBI4I2I2BBI2", 0xfefe, 5, 0, 0x1000000 + i, 1, 4, 0xff, 0xff, 0) .. ("\0"):rep(30)
    w:emit(wire.ethernet("\1\x0e\xcf\0\0\0", io.mac_bytes, 0x8892, dcp))
  end)
end
