-- PROFINET below IP: a controller looks for its devices and exchanges data with one; a tool reads, names, blinks and
-- resets devices; alarms; a stranger takes over a name, renames a device and resets it.

local profinet = require "profinet"

local w = ...
w:title "PROFINET DCP, cyclic data and alarms"
w:duration "40s"
w.speaks_arp = false

local function station(name, number, role, vendor)
  return w:host { name = name, role = role, ip = "10.14.0." .. number, vendor = vendor or "siemens" }
end
local plc, drive, valves = station("press line", 1, "plc"), station("drive", 2, "drive"), station("valves", 3, "io", "wago")
local tool = station("engineering", 20, "engineering", "dell")
local stranger = w:host { name = "stranger", role = "attacker", ip = "10.14.0.99", vendor = "raspberry_pi", os = "linux" }

local DRIVE <const> = profinet.self { name = "drive-7", model = "SINAMICS G120", device = 0x0501, ip = drive.ip_bytes }
local VALVES <const> = profinet.self { name = "valves-2", model = "750-375", vendor = 0x011d, device = 0x0175, ip = valves.ip_bytes,
  status = 2, more = { { "alias", "port-001.drive-7", 0 }, { "instance", "\0\1", 0 }, { "oem_id", "\0\x2a\0\1", 0 } } }
local PLC <const> = profinet.self { name = "press-line", model = "S7-1500", device = 0x010e, role = 2, ip = plc.ip_bytes }

-- The controller looks for its devices; one is not there.
w:every("2s", { from = "0.5s", to = "9s" }, function(n)
  profinet.identify(w, plc, { { "station_name", "drive-9" } })
  if n < 1 then
    local id = profinet.identify(w, plc, { { "station_name", "drive-7" } })
    w:sleep(0.004)
    profinet.identified(w, drive, plc, id, DRIVE)
    w:sleep(0.01)
    id = profinet.identify(w, plc, { { "alias", "port-001.drive-7" } })
    w:sleep(0.004)
    profinet.identified(w, valves, plc, id, VALVES)
  end
  profinet.delay(w, plc)
end)

-- Data both ways; the controller stops for a second, the drive has a problem and tells of it.
w:every("64ms", { from = "1s", to = "7s" }, function(n)
  profinet.cyclic(w, plc, drive, 0x8001, n * 2048, n > 30 and n < 46 and 0x25 or 0x35)
  w:sleep(0.001)
  profinet.cyclic(w, drive, plc, 0x8002, n * 2048, n > 60 and 0x15 or 0x35)
end)
w:every("128ms", { from = "1s", to = "3s" }, function(n)
  profinet.cyclic(w, plc, valves, 0xc000, n * 4096)
  profinet.cyclic(w, valves, profinet.NEIGHBOUR, 0x0100, n * 4096)
end)
w:at("5s", function()
  profinet.alarm(w, drive, plc, { type = 1, slot = 3, high = true })
  w:sleep(0.002)
  profinet.alarm(w, plc, drive, { pdu = 3, high = true })
  w:sleep(0.5)
  for _, kind in ipairs { 2, 3, 4, 0x0a, 0x0c, 0x0e } do
    profinet.alarm(w, drive, plc, { type = kind, slot = 3, subslot = 0x8001 })
    w:sleep(0.01)
  end
  profinet.alarm(w, drive, plc, { pdu = 4 })
end)

-- The tool: who is there, what are you, blink, another name and address, refusals, a reset.
w:at("10s", function()
  local id = profinet.identify(w, tool, { { "all" } })
  w:sleep(0.02)
  profinet.identified(w, plc, tool, id, PLC)
  profinet.identified(w, drive, tool, id, DRIVE)
  profinet.identified(w, valves, tool, id, VALVES)
  w:sleep(1)
  id = profinet.get(w, tool, drive, { "station_name", "ip", "mac" })
  w:sleep(0.003)
  profinet.get_answer(w, drive, tool, id, { { "station_name", "drive-7", 0 }, { "mac", drive.mac_bytes, 0 },
    { "ip", drive.ip_bytes .. "\xff\xff\xff\0" .. drive.ip_bytes, 0x81 } })
  w:sleep(1)
  id = profinet.get(w, tool, drive, { "dhcp" })
  w:sleep(0.003)
  profinet.get_answer(w, drive, tool, id, { { "response", "\3\x3d\2" } })
  w:sleep(1)
  id = profinet.get(w, tool, valves, { "station_name" })
  w:sleep(0.003)
  profinet.get_answer(w, valves, tool, id, {}, 5)
  w:sleep(1)
  id = profinet.set(w, tool, drive, { { "start_transaction", "", 0 }, { "signal", "\1\0", 0 }, { "end_transaction", "", 0 } })
  w:sleep(0.003)
  profinet.set_answer(w, drive, tool, id, { { "signal", 0 } })
  w:sleep(1)
  id = profinet.set(w, tool, valves, { { "station_name", "valves-3", 1 },
    { "ip", valves.ip_bytes .. "\xff\xff\xff\0" .. ("\0"):rep(4), 0 } })
  w:sleep(0.003)
  profinet.set_answer(w, valves, tool, id, { { "station_name", 0 }, { "ip", 0 } })
  w:sleep(1)
  id = profinet.set(w, tool, valves, { { "dhcp", "\x3d\1\1", 0 } })
  w:sleep(0.003)
  profinet.set_answer(w, valves, tool, id, { { "dhcp", 1 } })
  w:sleep(1)
  id = profinet.set(w, tool, drive, { { "ip", "\10\14\0\7\xff\xff\xff\0\0\0\0\0", 1 } })
  w:sleep(0.003)
  profinet.set_answer(w, drive, tool, id, { { "ip", 6 } })
  w:sleep(1)
  id = profinet.set(w, tool, valves, { { "reset_to_factory", "", 2 << 1 } })
  w:sleep(0.003)
  profinet.set_answer(w, valves, tool, id, { { "reset_to_factory", 0 } })
  w:sleep(1)
  profinet.hello(w, valves, profinet.self { name = "", model = "750-375", vendor = 0x011d, device = 0x0175,
    more = { { "initiative", "\0\1", 0 } } })
end)

-- A stranger answers for the drive, gives it another name, and resets it.
w:at("25s", function()
  w:attack("profinet_name_taken", stranger, plc, { name = "drive-7" })
  for _ = 1, 3 do
    local id = profinet.identify(w, plc, { { "station_name", "drive-7" } })
    w:sleep(0.004)
    profinet.identified(w, stranger, plc, id, { { "station_name", "drive-7", 0 } })
    w:sleep(0.5)
  end
  w:attack("profinet_renamed", stranger, drive, { name = "mallory" })
  local id = profinet.set(w, stranger, drive, { { "station_name", "mallory", 1 } })
  w:sleep(0.003)
  profinet.set_answer(w, drive, stranger, id, { { "station_name", 0 } })
  w:sleep(1)
  w:attack("profinet_reset", stranger, drive, {})
  id = profinet.set(w, stranger, drive, { { "factory_reset", "", 0 } })
  w:sleep(0.003)
  profinet.set_answer(w, drive, stranger, id, { { "factory_reset", 0 } })
  w:sleep(1)
  profinet.set(w, stranger, drive, { { "station_name", "x", 0 } })
end)

-- What no parser should believe.
w:at("35s", function()
  w:fault("unknown_service", { source = stranger.mac })
  w:frame(stranger, plc, 0x8892, "\xfe\xfd\9\0\0\0\0\1\0\0\0\0" .. ("\0"):rep(40))
  w:fault("truncated", { source = stranger.mac })
  w:frame(stranger, plc, 0x8892, "\xfe\xfd\4\0\0\0\0\1\0\0\0\8\2\2\0\x30" .. ("\0"):rep(30))
end)
