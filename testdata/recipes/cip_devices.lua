-- CIP of devices other than controllers, and of controllers in other ways than tags: a drive, a motion axis, a Modbus
-- gateway, a scanner; symbols by instance, a program read, firmware replaced; messages over UDP, I/O that is large, null,
-- in a group and without data; then a stranger who starts a motor.

local enip = require "enip"
local cip = require "cip"

local w = ...
w:title "CIP of drives, axes, gateways and scanners; symbols by instance, a program read, firmware; kinds of I/O"
w:duration "40s"

local engineer = w:host { name = "engineering", role = "engineering", ip = "10.9.0.30", vendor = "dell", os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.9.0.11", vendor = "rockwell" }
local drive = w:host { name = "drive", role = "drive", ip = "10.9.0.41", vendor = "rockwell" }
local gateway = w:host { name = "gateway", role = "gateway", ip = "10.9.0.42", vendor = "schneider" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.9.0.99", vendor = "raspberry_pi", os = "linux" }

local ask, path, CLASS = cip.ask, cip.path, cip.CLASS
local pack = string.pack
local MOTOR <const>, AXIS <const>, MODBUS <const>, SCANNER <const> = 0x29, 0x42, 0x44, 0xf3
local DPI <const>, DPI_FAULT <const>, DPI_TIME <const>, HOST_DPI <const> = 0x93, 0x97, 0x9b, 0x9f

local function device(host, name, kind, vendor, first)
  return cip.controller { identity = { vendor = vendor, type = kind, product = 143, major = 14, minor = 3, status = 0x30,
    serial = 0x0ddba110 + first, name = name }, ip = host.ip, gateway = "10.9.0.1", host_name = host.name,
    mac = host.mac_bytes, first_connection = 0x40000001 + first * 0x1000 }
end
local a_drive = device(drive, "PowerFlex 755", 0x02, 1, 1)
local a_gateway = device(gateway, "TSX ETG3000", 0x0c, 243, 2)
local a_plc = device(plc, "1756-L73/A LOGIX5573", 0x0e, 1, 3)

-- Asks, and answers with what follows the status.
local function say(link, service, class, instance, data, reply, status)
  link:ask(ask.object(service, class, instance, data), { response = cip.response(service, reply or "", status) })
  w:sleep(0.02)
end
local function set(link, class, instance, attribute, value)
  link:ask(ask.set(class, instance, attribute, value), { response = cip.response(0x10) })
  w:sleep(0.02)
end

w:at(0.5, function()
  local link = enip.connect(w, { client = engineer, server = drive, device = a_drive, quiet_ack = true })
  link:ask(ask.get_all(CLASS.identity, 1))
  say(link, 0x4d, HOST_DPI, 0, pack("<I4I4I4I4", 520, 0, 521, 0), pack("<I4fI4f", 520, 0.0, 521, 60.0))
  say(link, 0x4e, HOST_DPI, 0, pack("<I4f", 520, 5.0), pack("<I4I4", 520, 0))
  say(link, 0x4b, DPI, 0, pack("<I4I4", 90, 0), pack("<I4I4", 90, 7))
  say(link, 0x4c, DPI, 0, pack("<I4I4", 90, 8), pack("<I4I4", 1 << 31 | 90, 9)) -- refused: bit 31
  set(link, DPI, 90, 9, pack("<I4", 7))
  set(link, DPI_TIME, 1, 2, pack("<I8", 1715587200))
  set(link, DPI_FAULT, 0, 3, "\1\0") -- clears a fault
  set(link, MOTOR, 1, 5, "\1") -- commands come from the network
  set(link, MOTOR, 1, 3, "\1")
  set(link, MOTOR, 1, 3, "\0")
  set(link, MOTOR, 1, 12, "\1")
  set(link, 0x07, 38, 4, pack("<I4I4", 2, 2)) -- logic command by mask
  link:close()
end)

w:at(3, function()
  local link = enip.connect(w, { client = plc, server = drive, device = a_drive, quiet_ack = true })
  say(link, 0x4b, AXIS, 1, pack("<I2I2I2I2", 2, 0, 17, 18), pack("<I2I2I2BBI4I2BBf", 2, 0, 17, 0, 4, 1, 18, 0, 4, 1.5))
  say(link, 0x4c, AXIS, 1, pack("<I2I2I2BBf", 1, 0, 18, 0, 4, 2.5), pack("<I2I2I2I2", 1, 0, 18, 0))
  say(link, 0x4d, AXIS, 1, pack("<I2I2I2", 1, 0, 360), pack("<I2I2I2I2", 1, 0, 360, 0))
  say(link, 0x4e, AXIS, 1, pack("<I2I2I2", 1, 0, 450), pack("<I2I2I2I2", 1, 0, 450, 0))
  say(link, 0x4f, AXIS, 1, "", "", cip.STATUS.state_conflict)
  say(link, 0x51, AXIS, 1)
  say(link, 0x52, AXIS, 1, "", pack("<f", 0.02))
  say(link, 0x53, AXIS, 1)
  say(link, 0x50, AXIS, 1, "", pack("<f", 1.25))
  say(link, 0x54, AXIS, 1, "", "\1")
  link:close()
end)

w:at(5, function()
  local link = enip.connect(w, { client = plc, server = gateway, device = a_gateway, quiet_ack = true })
  say(link, 0x4b, MODBUS, 1, pack("<I2I2", 0, 8), "\x5a")
  say(link, 0x4c, MODBUS, 1, pack("<I2I2", 0, 8), "\x01")
  say(link, 0x4d, MODBUS, 1, pack("<I2I2", 10, 2), pack("<I2I2", 7, 8))
  say(link, 0x4e, MODBUS, 1, pack("<I2I2", 100, 2), pack("<I2I2", 9, 10))
  say(link, 0x4f, MODBUS, 1, pack("<I2I2B", 0, 8, 0xff), pack("<I2I2", 0, 8))
  say(link, 0x50, MODBUS, 1, pack("<I2I2I2", 100, 1, 77), pack("<I2I2", 100, 1))
  say(link, 0x51, MODBUS, 1, "\x08\x00\x00\xa5\x37", "\x08\x00\x00\xa5\x37") -- diagnostics: an echo
  say(link, 0x4e, MODBUS, 1, pack("<I2I2", 9999, 2), "", 0x2b)
  say(link, 0x4f, SCANNER, 1, "\1", "")
  for _, service in ipairs { 0x4b, 0x4d, 0x4e, 0x4c, 0x50, 0x52, 0x51 } do say(link, service, SCANNER, 1) end
  link:close()
end)

-- A controller: its tags by instance, a program, its firmware.
w:at(8, function()
  local link = enip.connect(w, { client = engineer, server = plc, device = a_plc, quiet_ack = true })
  link:open {}
  for _ = 1, 3 do
    link:ask(ask.multiple { ask.read_tag_by_instance(0x11, 1), ask.read_tag_by_instance(0x1234, 1) },
      { response = cip.response(0x0a, pack("<I2I2I2", 2, 6, 16) .. cip.response(0x4c, pack("<I2i4", 0xc4, 42))
        .. cip.response(0x4c, pack("<I2f", 0xca, 1.5))) })
    w:sleep(0.1)
  end
  for part = 0, 2 do
    say(link, 0x4c, 0x6d, 0x40 + part, pack("<I4I2", 0, 200), w:chance_of("program"):bytes(60 + part))
    say(link, 0x4f, 0x6a, 0x80 + part, pack("<I4I2", 0, 100), w:chance_of("program"):bytes(20))
  end
  w:sleep(11) -- a pause ends it
  say(link, 0x4c, 0x6d, 0x40, pack("<I4I2", 0, 200), "", cip.STATUS.privilege)
  say(link, 0x4b, 0xa1, 1, pack("<I4", 512))
  for part = 0, 3 do say(link, 0x4d, 0xa1, 1, pack("<I4", part) .. w:chance_of("firmware"):bytes(128)) end
  link:close_connection()
  link:close()
end)

-- Messages off connections over UDP, and a session that is none.
w:at(25, function()
  local link = enip.connect(w, { client = engineer, server = drive, device = a_drive, udp = true, quiet_ack = true })
  link:ask(ask.get_all(CLASS.identity, 1))
  link:ask(ask.get(CLASS.tcp_ip, 1, 5))
end)

w:at(26, function()
  local link = enip.connect(w, { client = plc, server = drive, device = a_drive, quiet_ack = true })
  local group = "239.192.9.1"
  local node = path.object(CLASS.assembly, 1)
  local both = link:open { io = true, transport = 0x01, large = true, o_t = { id = 0, rpi = 2000, size = 806, kind = 2, priority = 3 },
    t_o = { id = 0x00990001, rpi = 2000, size = 1002, fixed = true, kind = 1, priority = 3 },
    path = node .. path.point(2) .. path.point(1) }
  local listener = link:open({ io = true, transport = 0x01, large = true, o_t = { id = 0, rpi = 100000, size = 2, fixed = true },
    t_o = { id = 0x00990001, rpi = 2000, size = 1002, fixed = true, kind = 1, priority = 3 },
    path = node .. path.point(199) .. path.point(1) }, { reply_items = { { enip.ITEM.sockaddr_t_o, enip.sockaddr(group, enip.IO_PORT) } } })
  for i = 1, 6 do
    enip.io(w, plc, drive, both.o_t, { number = i, sequence = i, run = i > 2, data = ("\1"):rep(300) })
    enip.io(w, drive, plc, both.t_o, { number = i, sequence = i, data = ("\2"):rep(300), destination = w.group(group) })
    enip.io(w, plc, drive, listener.o_t, { number = i, sequence = i, data = "" }) -- listens only: a heartbeat
    w:sleep(0.01)
  end
  link:open { io = true, transport = 0x01, o_t = { id = 0, rpi = 2000, size = 0, kind = 0 }, t_o = { rpi = 2000, size = 0, kind = 0 },
    path = node .. path.data(("\5"):rep(8)) } -- null both ways: it only brings configuration
  link:close_connection(listener)
  link:close_connection(both)
  link:close()
end)

w:at(35, function()
  local link = enip.connect(w, { client = stranger, server = drive, device = a_drive, quiet_ack = true })
  w:attack("cip_motor_start", stranger, drive, { class = "0x29", attribute = "3" })
  set(link, MOTOR, 1, 3, "\1")
  say(link, 0x4e, HOST_DPI, 0, pack("<I4f", 521, 400.0), pack("<I4I4", 521, 0))
  link:close()
end)
