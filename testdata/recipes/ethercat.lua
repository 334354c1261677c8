-- An EtherCAT segment: a master finds two slaves, sets them up, runs them; every register command, every mailbox protocol; faults of
-- slaves; a tool sends by turns with the master, stops a drive, overwrites EEPROM and firmware; the mailbox gateway; one direction alone.

local ethercat = require "ethercat"
local tcp = require "tcp"
local wire = require "wire"

local w = ...
w:title "An EtherCAT segment"
w:duration "80s"
w.speaks_arp = false

local master = w:host { name = "motion", role = "plc", ip = "10.17.0.1", vendor = "omron" }
local tool = w:host { name = "tool", role = "attacker", ip = "10.17.0.99", vendor = "raspberry_pi", os = "linux" }
local office = w:host { name = "office", role = "workstation", ip = "10.17.0.50", vendor = "dell" }

local m = ethercat.master { src = master, slaves = 2 }
local other = ethercat.master { src = tool, slaves = 2 }
local pack = string.pack
local send, ask, tell, coe, sdo = ethercat.send, ethercat.ask, ethercat.tell, ethercat.coe, ethercat.sdo
local DRIVE <const>, IO <const> = 1001, 1002
local INIT <const>, PREOP <const>, BOOT <const>, SAFEOP <const>, OP <const>, ERROR <const> = 1, 2, 3, 4, 8, 0x10

local function status(state, code) return pack("<I2I2I2", state, 0, code or 0) end
-- A slave is told to have a state, and has it.
local function to_state(from, station, state)
  send(w, from, { { "FPWR", station, 0x120, data = pack("<I2", state) } })
  send(w, from, { { "FPRD", station, 0x130, back = status(state & 15) } })
end
local function eeprom(command, address) return pack("<I2I4", command << 8, address) end

-- The segment is counted, numbered, identified.
w:at("0.1s", function()
  send(w, m, { { "NOP", 0, 0, data = "\0" }, { "BRD", 0, 0, back = "\17", wkc = 2 } })
  send(w, m, { { "BWR", 0, 0x120, data = pack("<I2", INIT), wkc = 2 } })
  send(w, m, { { "BWR", 0, 0x10, data = "\0\0", wkc = 2 }, { "BRW", 0, 0x300, data = ("\0"):rep(8), back = ("\0"):rep(8), wkc = 6 } })
  for position, station in ipairs { DRIVE, IO } do
    send(w, m, { { "APRD", position - 1, 0, back = "\17\0\3\0\8\8\8\x0f\xfc\0" }, { "APRD", position - 1, 0x110, back = "\51\90" } })
    send(w, m, { { "APWR", position - 1, 0x10, data = pack("<I2", station) } })
    send(w, m, { { "APRW", position - 1, 0x12, data = pack("<I2", position), back = "\0\0", wkc = 3 } })
    local words = { [8] = pack("<I4I4", position == 1 and 0x9a or 2, 0x30924), [12] = pack("<I4I4", 0x10420, 4711 * position) }
    for _, address in ipairs { 8, 12 } do
      send(w, m, { { "APWR", position - 1, 0x502, data = eeprom(1, address) } })
      send(w, m, { { "APRD", position - 1, 0x502, back = pack("<I2I4", 0x8040, address) .. ("\0"):rep(8) } })
      send(w, m, { { "APRD", position - 1, 0x502, back = pack("<I2I4", 0x40, address) .. words[address] } })
    end
  end
  send(w, m, { { "FPRD", DRIVE, 0x10, back = pack("<I2", DRIVE) }, { "FPRW", IO, 0x420, data = "\100\0", back = "\0\0", wkc = 1 } })
  send(w, m, { { "FPRW", IO, 0x420, data = "\100\0", back = "\0\0", wkc = 2 }, { "FPRD", 1003, 0x130, back = status(0), wkc = 0 } })
  send(w, m, { { "FPRD", IO, 0x2000, back = "\1\2\3\4" }, { "FPRD", IO, 0x700, back = "\0" }, { "FPWR", IO, 0xf00, data = "\1\0" } })
  for _, station in ipairs { DRIVE, IO } do
    ethercat.set_mailboxes(w, m, station)
    to_state(m, station, PREOP)
  end
end)

-- Objects: expedited, in one message, in segments, refused; what objects there are; a fault.
w:at("2s", function()
  ask(w, m, DRIVE, "coe", coe(2, sdo(0x40, 0x1000, 0)), coe(3, sdo(0x43, 0x1000, 0, pack("<I4", 0x20192))), true)
  ask(w, m, DRIVE, "coe", coe(2, sdo(0x40, 0x1008, 0)), coe(3, sdo(0x41, 0x1008, 0, pack("<I4", 9) .. "Servo 400")))
  ask(w, m, DRIVE, "coe", coe(2, sdo(0x40, 0x1009, 0)), coe(3, sdo(0x43, 0x1009, 0, "B2\0\0")))
  ask(w, m, DRIVE, "coe", coe(2, sdo(0x40, 0x100a, 0)), coe(3, sdo(0x41, 0x100a, 0, pack("<I4", 13))))
  ask(w, m, DRIVE, "coe", coe(2, "\x60" .. ("\0"):rep(7)), coe(3, "\x00" .. "01.08.2"))
  ask(w, m, DRIVE, "coe", coe(2, "\x70" .. ("\0"):rep(7)), coe(3, "\x13" .. "024-06\0"))
  ask(w, m, DRIVE, "coe", coe(2, sdo(0x50, 0x1018, 0)), coe(3, sdo(0x51, 0x1018, 0, pack("<I4", 18) .. "\4\0"
    .. pack("<I4I4I4I4", 0x9a, 0x30924, 0x10420, 4711))))
  ask(w, m, IO, "coe", coe(2, sdo(0x40, 0x1018, 1)), coe(3, sdo(0x43, 0x1018, 1, pack("<I4", 2))))
  ask(w, m, IO, "coe", coe(2, sdo(0x40, 0x1018, 4)), coe(3, sdo(0x43, 0x1018, 4, pack("<I4", 815))))
  ask(w, m, DRIVE, "coe", coe(2, sdo(0x2f, 0x6060, 0, "\8\0\0\0")), coe(3, sdo(0x60, 0x6060, 0)))
  ask(w, m, DRIVE, "coe", coe(2, sdo(0x21, 0x1c12, 0, pack("<I4", 20) .. ("\1"):rep(10))), coe(3, sdo(0x60, 0x1c12, 0)))
  ask(w, m, DRIVE, "coe", coe(2, "\x01" .. ("\2"):rep(10)), coe(3, "\x20" .. ("\0"):rep(7)))
  ask(w, m, DRIVE, "coe", coe(2, sdo(0x40, 0x9999, 0)), coe(2, sdo(0x80, 0x9999, 0, pack("<I4", 0x06020000))))
  ask(w, m, DRIVE, "coe", coe(2, sdo(0x23, 0x1011, 1, "load")), coe(2, sdo(0x80, 0x1011, 1, pack("<I4", 0x12345678))))
  ask(w, m, DRIVE, "coe", coe(2, sdo(0x40, 0x2000, 0)))
  ask(w, m, DRIVE, "coe", coe(2, sdo(0x80, 0x2000, 0, pack("<I4", 0x05040000))))
  ask(w, m, DRIVE, "coe", coe(8, "\1\0\0\0\1\0"), coe(8, "\x82\0\1\0\1\0\0\x10"))
  tell(w, m, DRIVE, "coe", coe(8, "\2\0\0\0\x08\x10"))
  ask(w, m, DRIVE, "coe", coe(8, "\3\0\0\0" .. pack("<I2", 0x1008)),
    coe(8, "\4\0\0\0" .. pack("<I2I2BB", 0x1008, 9, 0, 7) .. "Device name"))
  ask(w, m, DRIVE, "coe", coe(8, "\5\0\0\0" .. pack("<I2BB", 0x1008, 0, 0)), coe(8, "\7\0\0\0" .. pack("<I4", 0x06090011)))
  ask(w, m, DRIVE, "coe", coe(8, "\5\0\0\0" .. pack("<I2BB", 0x1008, 0, 0)),
    coe(8, "\6\0\0\0" .. pack("<I2BBI2I2I2", 0x1008, 0, 0, 9, 72, 7) .. "Device name"))
  tell(w, m, DRIVE, "coe", coe(1, pack("<I2B", 0x8130, 0x11) .. "\1\2\3\4\5"))
  ask(w, m, DRIVE, "coe", coe(5, "\1\2"))
  tell(w, m, DRIVE, "coe", coe(4, "\3\4"))
  ask(w, m, DRIVE, "coe", coe(6, ""))
  ask(w, m, DRIVE, "coe", coe(7, ""))
end)

-- Drives, ADS, frames in the tunnel, what the maker put there, what a slave does not understand.
w:at("4s", function()
  ask(w, m, DRIVE, "soe", "\1\64" .. pack("<I2", 17), "\2\64" .. pack("<I2", 17) .. "\4\0\4\0\1\0\2\0")
  ask(w, m, DRIVE, "soe", "\35\64" .. pack("<I2", 0x8000 | 15) .. "\7\0", "\36\64" .. pack("<I2", 0x8000 | 15))
  ask(w, m, DRIVE, "soe", "\3\64" .. pack("<I2", 4) .. "\1\0", "\20\64" .. pack("<I2I2", 4, 0x7004))
  ask(w, m, DRIVE, "soe", "\1\64" .. pack("<I2", 30), "\10\64" .. pack("<I2", 1) .. "half")
  tell(w, m, DRIVE, "soe", "\2\64" .. pack("<I2", 30) .. "rest")
  tell(w, m, DRIVE, "soe", "\5\64" .. pack("<I2", 99))
  tell(w, m, DRIVE, "soe", "\6\0" .. pack("<I2", 0x8500) .. "\1\0\0\0\0\0")
  local invoke = 0
  local function ads(command, body, answer, error)
    invoke = invoke + 1
    local function ams(to, from, flags, data, code)
      return to .. from .. pack("<I2I2I4I4I4", command, flags, #data, code or 0, invoke) .. data
    end
    local device, client = "\10\17\0\1\2\1" .. pack("<I2", 1000), "\10\17\0\1\1\1" .. pack("<I2", 27905)
    ask(w, m, IO, "aoe", ams(device, client, 4, body), answer and ams(client, device, 5, answer, error))
  end
  ads(1, "", pack("<I4BBI2", 0, 1, 2, 3) .. "IO\0")
  ads(2, pack("<I4I4I4", 0xf302, 0x1008, 4), pack("<I4I4", 0, 4) .. "abcd")
  ads(3, pack("<I4I4I4", 0xf302, 0x1010, 4) .. "save", pack("<I4", 0), 0x704)
  ads(4, "", pack("<I4I2I2", 0, 5, 0))
  ads(5, pack("<I2I2I4", 5, 0, 0), pack("<I4", 0))
  ads(5, pack("<I2I2I4", 6, 0, 0), pack("<I4", 0))
  ads(5, pack("<I2I2I4", 2, 0, 0), pack("<I4", 0))
  ads(5, pack("<I2I2I4", 15, 0, 0), pack("<I4", 0))
  ads(6, pack("<I4I4I4", 1, 2, 4) .. ("\0"):rep(28), pack("<I4I4", 0, 7))
  ads(7, pack("<I4", 7), pack("<I4", 0))
  ads(8, pack("<I4I4", 4, 1), nil)
  ads(9, pack("<I4I4I4I4", 0xf003, 0, 4, 4) .. "MAIN", pack("<I4I4", 0, 4) .. "\1\0\0\0", 0x999)
  local src, dst = "\10\17\1\1", "\10\17\1\2"
  local inner = "\2\0\0\0\0\1" .. master.mac_bytes .. "\8\0" .. wire.ip_packet({ src = src, dst = dst, proto = wire.PROTO.udp, ttl = 64,
    id = 1 }, wire.udp(src, dst, 40000, 7, ("x"):rep(120)))
  ethercat.tunnel(w, m, IO, inner, 96)
  local who_has = "\8\6\0\1\8\0\6\4\0\1" .. master.mac_bytes .. src .. ("\0"):rep(6) .. dst
  ethercat.tunnel(w, m, IO, wire.BROADCAST .. master.mac_bytes .. who_has, 96)
  w:fault("eoe_fragment_lost", { source = master.mac })
  ask(w, m, IO, "eoe", pack("<I2I2", 0, 5 << 6 | 0x3000) .. ("y"):rep(96))
  ask(w, m, IO, "eoe", pack("<I2I2", 0, 2 | 6 << 6 | 0x3000) .. ("y"):rep(96))
  ask(w, m, IO, "eoe", pack("<I2I2I4", 2, 0, 3) .. "\2\0\0\0\0\1" .. "\2\1\17\10", pack("<I2I2", 3, 0))
  ask(w, m, IO, "eoe", pack("<I2I2", 4, 0) .. ("\0"):rep(8), pack("<I2I2", 5, 0x201))
  ask(w, m, IO, "eoe", pack("<I2I2", 6, 0), pack("<I2I2", 7, 0))
  ask(w, m, IO, "eoe", pack("<I2I2", 8, 0), pack("<I2I2", 9, 0))
  tell(w, m, IO, "eoe", pack("<I2I2I4", 1, 0, 12345))
  ask(w, m, IO, "voe", "\1\0\0\0\2\0hello")
  tell(w, m, IO, "error", pack("<I2I2", 1, 2))
  ethercat.read_file(w, m, DRIVE, "parameters.bin", ("p"):rep(116) .. "end")
  ask(w, m, DRIVE, "foe", pack("<BBI4", 1, 0, 0) .. "none.bin", pack("<BBI4", 5, 0, 0x8001) .. "no such file")
  ask(w, m, DRIVE, "foe", pack("<BBI4", 1, 0, 0) .. "cut.bin")
  ask(w, m, DRIVE, "foe", pack("<BBI4", 2, 0, 0) .. "refused.bin", pack("<BBI4", 4, 0, 0))
  ask(w, m, DRIVE, "foe", pack("<BBI4", 3, 0, 1) .. ("r"):rep(116), pack("<BBI4", 5, 0, 0x8003) .. "full")
end)

-- In operation: the process image, the common clock.
w:at("8s", function()
  send(w, m, { { "FPWR", DRIVE, 0x600, data = ("\0"):rep(16) }, { "FPWR", DRIVE, 0x920, data = ("\0"):rep(8) } })
  for _, state in ipairs { SAFEOP, OP } do
    for _, station in ipairs { DRIVE, IO } do to_state(m, station, state) end
  end
end)
local wkc = 6
w:every("0.1s", { from = "9s", to = "30s" }, function(n)
  send(w, m, { { "LRW", 0x10000, data = pack("<I4", n), back = pack("<I4", n), wkc = wkc }, { "FRMW", DRIVE, 0x910, data = ("\0"):rep(8),
    back = pack("<I8", n), wkc = 2 } })
  send(w, m, { { "LRD", 0x20000, back = "\1", wkc = wkc // 3 }, { "LWR", 0x20100, data = "\1", wkc = wkc // 3 }, { "ARMW", 0, 0x910,
    data = ("\0"):rep(8), back = pack("<I8", n), wkc = 2 } })
end)
-- A slave is gone, and comes back.
w:at("12.05s", function() wkc = 3 end)
w:at("14.05s", function() wkc = 6 end)

-- A slave leaves OP by itself: no process data came in time. Its error is read later, acknowledged, and it runs again.
w:at("16s", function()
  send(w, m, { { "FPRD", DRIVE, 0x130, back = pack("<I2", OP) } })
  send(w, m, { { "FPRD", DRIVE, 0x130, back = pack("<I2", SAFEOP | ERROR) } })
  send(w, m, { { "FPRD", DRIVE, 0x134, back = pack("<I2", 0x1b) } })
  send(w, m, { { "FPWR", DRIVE, 0x120, data = pack("<I2", SAFEOP | ERROR) } })
  send(w, m, { { "FPRD", DRIVE, 0x130, back = status(SAFEOP) } })
  to_state(m, DRIVE, OP)
  -- One that does not take the state it is told to have.
  send(w, m, { { "FPWR", IO, 0x120, data = pack("<I2", BOOT) } })
  send(w, m, { { "FPRD", IO, 0x130, back = status(OP | ERROR, 0x13) } })
  send(w, m, { { "FPWR", 1003, 0x120, data = pack("<I2", OP), wkc = 0 } })
end)

-- A tool takes the segment by turns with its master: stops a drive, gives it other firmware and another identity.
w:at("20.02s", function()
  w:attack("second_master", tool, master)
  for i = 1, 12 do
    send(w, other, { { "BRD", 0, 0x130, back = pack("<I2", OP), wkc = 2 } })
    w:sleep(0.1)
    if i == 12 then break end
  end
  w:attack("stop", tool, master)
  to_state(other, DRIVE, PREOP)
  to_state(other, DRIVE, INIT)
  w:attack("firmware", tool, master)
  to_state(other, DRIVE, BOOT)
  ethercat.write_file(w, other, DRIVE, "drive_v2.efw", ("firmware"):rep(40))
  w:attack("eeprom_write", tool, master)
  send(w, other, { { "FPWR", DRIVE, 0x508, data = "\2\0" } })
  send(w, other, { { "FPWR", DRIVE, 0x502, data = eeprom(2, 8) } })
  send(w, other, { { "FPRD", DRIVE, 0x502, back = eeprom(0, 8) } })
  send(w, other, { { "FPWR", DRIVE, 0x502, data = eeprom(4, 0) } })
  send(w, other, { { "FPWR", DRIVE, 0x504, data = pack("<I4", 10) } })
  send(w, other, { { "FPWR", DRIVE, 0x502, data = pack("<I2", 0x0100) } })
  send(w, other, { { "FPRD", DRIVE, 0x508, back = pack("<I4", 0x30925) } })
  send(w, other, { { "FPWR", DRIVE, 0x40, data = "S" } })
end)

-- All are told to stop.
w:at("31s", function()
  send(w, m, { { "BWR", 0, 0x120, data = pack("<I2", INIT), wkc = 2 } })
  send(w, m, { { "BWR", 0, 0x120, data = pack("<I2", OP), wkc = 0 } })
end)

-- One direction alone: what comes back, then what goes out, of a master that asks who is there.
w:at("33s", function()
  send(w, m, { { "BRD", 0, 0, back = "\17", wkc = 2 } }, "back")
  send(w, m, { { "APRD", 1, 0x130, back = status(PREOP) }, { "FPWR", IO, 0x120, data = pack("<I2", SAFEOP) } }, "back")
  send(w, m, { { "FPRD", IO, 0x130, back = status(SAFEOP) }, { "BWR", 0, 0x120, data = pack("<I2", PREOP), wkc = 2 } }, "back")
  send(w, m, { { "FPWR", IO, 0x1000, data = "\10\0\0\0\0\x13\0\x20\x40\8\x10\0\0\0\0\0" } }, "back")
  send(w, m, { { "FPRD", IO, 0x1080, back = "\14\0\0\0\0\x13\0\x30\x41\8\x10\0\4\0\0\0EL20" } }, "back")
  for i = 1, 300 do
    send(w, m, { { "FPRD", 2000, 0x130, back = status(OP) } }, "sent")
  end
end)

-- The mailbox gateway, over UDP and TCP, and a frame in UDP.
w:at("36s", function()
  local question, answer = coe(2, sdo(0x40, 0x1008, 0)), coe(3, sdo(0x41, 0x1008, 0, pack("<I4", 9) .. "Servo 400"))
  w:udp(office, 40001, master, 34980, ethercat.gateway(m, DRIVE, "coe", question))
  w:sleep(0.01)
  w:udp(master, 34980, office, 40001, ethercat.gateway(m, DRIVE, "coe", answer))
  w:udp(master, 34980, office, 34980, ethercat.frame(1, "\7\1\0\0\0\0\1\0\0\0\0\0\0"))
  w:udp(office, 40002, master, 34980, "HELLO WORLD, THIS IS NOT IT")
  local session = tcp.new(w, { client = office, server = master, port = 34980 })
  session:open()
  session:send("client", ethercat.gateway(m, IO, "coe", coe(2, sdo(0x40, 0x100a, 0))))
  w:sleep(0.01)
  session:send("server", ethercat.gateway(m, IO, "coe", coe(3, sdo(0x43, 0x100a, 0, "1.07"))))
  session:close()
end)

-- Network variables; what no parser should believe.
w:at("40s", function()
  ethercat.raw(w, master, ethercat.frame(4, master.mac_bytes .. pack("<I2I2I2", 2, 77, 0) .. pack("<I2I2I2I2", 1, 0xbeef, 2, 0) .. "\1\2"
    .. pack("<I2I2I2I2", 2, 0, 1, 1) .. "\3"))
  w:fault("unknown_type", { source = tool.mac })
  ethercat.raw(w, tool, ethercat.frame(7, "\0\0\0\0"))
  w:fault("unknown_command", { source = tool.mac })
  ethercat.raw(w, tool, ethercat.frame(1, "\99\1\0\0\0\0\1\0\0\0\0\0\0"))
  w:fault("trailing_data", { source = tool.mac })
  ethercat.raw(w, tool, ethercat.frame(1, "\7\1\0\0\0\0\1\0\0\0\0\0\0\1\2\3"))
  w:fault("truncated", { source = tool.mac })
  ethercat.raw(w, tool, ethercat.frame(1, "\7\1\0\0\0\0\200\0\0\0\0\0\0"))
  ethercat.raw(w, tool, ethercat.frame(4, master.mac_bytes .. pack("<I2I2I2", 9, 77, 0)))
  w:fault("bad_mailbox", { source = tool.mac })
  send(w, m, { { "FPRD", IO, 0x1080, back = "\255\0\0\0\0\x13\0\x20" } })
  send(w, m, { { "FPRD", IO, 0x1080, back = "\4\0\0\0\0\x13\0\x20\x40\8\0\0\0\0" } })
end)
