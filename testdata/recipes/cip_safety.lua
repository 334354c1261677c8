-- CIP Safety: connections in the base and extended format, produced by either end and in a group; idle, run and idle again;
-- time coordination; messages that fell over: a bit of the mode byte, of the data, of a checksum, a length that cannot be.

local enip = require "enip"
local cip = require "cip"
local safety = require "cip_safety"

local w = ...
w:title "CIP Safety: data and time coordination in both formats, idle and run, damaged messages"
w:duration "30s"

local controller = w:host { name = "safety-plc", role = "plc", ip = "10.6.2.11", vendor = "rockwell" }
local block = w:host { name = "safety-io", role = "io", ip = "10.6.2.13", vendor = "rockwell" }
local path, CLASS = cip.path, cip.CLASS
local pack = string.pack

local device = cip.controller { identity = { vendor = 1, type = 0x23, product = 15, major = 1, minor = 7, status = 0x0034,
  serial = 0x00ab12cd, name = "1791ES-IB8XOBV4/A" }, ip = block.ip, mac = block.mac_bytes }
local NETWORK <const> = "\x11\x22\x33\x44\x55\x66"

-- Opens, says what SAYINGS are { run, data }, each answered at every fourth; returns how to say more.
local function connect(link, o)
  local target = safety.sender(1, 0x00ab12cd, 0x7000 + o.serial)
  device.safety_reply = safety.reply(target, 1, o.extended)
  local to = { rpi = 20000, fixed = true, priority = 3, size = o.to_target and #o.data * 2 + 8 or 6 }
  local from = { id = 0x00510000 + o.serial, rpi = 20000, fixed = true, priority = 3, kind = o.group and 1,
    size = o.to_target and 6 or #o.data * 2 + 8 }
  local connection = link:open({ io = true, serial = o.serial, transport = o.to_target and 0x80 or 0x00, o_t = to, t_o = from,
    path = path.key(1, 0x23, 15, 1, 7) .. path.object(CLASS.assembly, 0x360) .. path.point(0x22) .. path.point(0x234)
      .. path.safety { format = o.extended and 2 or 0, configuration_crc = 0xc0ffee11, configuration_stamp = "\1\2\3\4\5\6",
        target = NETWORK .. "\x0a\x06\x02\x0d", originator = NETWORK .. "\x0a\x06\x02\x0b", parameter_crc = 0x12345678 } },
    { reply_items = o.group and { { enip.ITEM.sockaddr_t_o, enip.sockaddr(o.group, enip.IO_PORT) } } })
  device.safety_reply = nil
  local originator = safety.sender(connection.vendor, connection.originator, connection.serial)
  local number, destination = 0, o.group and w.group(o.group)
  local function send(to_target, data)
    number = number + 1
    enip.io(w, to_target and controller or block, to_target and block or controller, to_target and connection.o_t or connection.t_o,
      { number = number, data = data, destination = not to_target and destination or nil })
    w:sleep(0.005)
  end
  local function say(run, data, time, damage)
    local ping = time // 400 & 3
    local message = safety.data { sender = o.to_target and originator or target, data = data, run = run, time = time, ping = ping,
      extended = o.extended, correction = o.group and 0x0102 }
    send(o.to_target, damage and damage(message) or message)
    if time % 400 ~= 0 then return end
    send(not o.to_target, safety.time { sender = o.to_target and target or originator, ping = ping, time = time + 3,
      extended = o.extended })
  end
  for time = 100, 1200, 100 do say(time > 300 and time < 1000, o.data, time) end
  return say, send
end

local function flip(at, bit)
  return function(s) return s:sub(1, at - 1) .. string.char(s:byte(at) ~ bit) .. s:sub(at + 1) end
end

w:at(1, function()
  local link = enip.connect(w, { client = controller, server = block, device = device, quiet_ack = true })
  local short = connect(link, { serial = 1, to_target = true, data = "\xa5\x5a" })
  local long, raw = connect(link, { serial = 2, data = "\1\2\3\4" })
  connect(link, { serial = 3, data = "\x0f", extended = true })
  connect(link, { serial = 4, data = "\x10\x20\x30\x40\x50\x60", extended = true, to_target = true })
  connect(link, { serial = 5, data = "\x33", group = "239.192.6.2" })
  short(true, "\xa5\x5a", 1300, flip(3, 0x80)) -- the mode byte
  short(true, "\xa5\x5a", 1301, flip(1, 0x01)) -- data
  short(true, "\xa5\x5a", 1302, flip(8, 0x01)) -- checksum of the time stamp
  long(true, "\1\2\3\4", 1300, flip(9, 0x01)) -- complement
  long(true, "\1\2\3\4", 1301, flip(6, 0x01)) -- checksum
  raw(false, pack("I1I1I1", 1, 2, 3))
  link.tcp:close("client")
end)
