-- DNP3 (IEEE Std 1815-2012): link frames with their checksums, segments, fragments and objects, and the conversation that carries them over
-- TCP or UDP.

local tcp = require "tcp"
local plant = require "plant"

local dnp3 = {}
local pack = string.pack

-- Objects (Annex A) -------------------------------------------------------------------------------------------------------

local function counted(n) return n < 0x100 and 7 or 8, n < 0x100 and pack("B", n) or pack("<I2", n) end

-- All of a group and variation; those from first to last; so many.
function dnp3.all(group, variation) return pack("BBB", group, variation, 6) end
function dnp3.range(group, variation, first, last, objects)
  local wide = last > 0xff
  return pack("BBB", group, variation, wide and 1 or 0) .. pack(wide and "<I2I2" or "BB", first, last) .. (objects or "")
end
function dnp3.count(group, variation, n, objects)
  local range, number = counted(n)
  return pack("BBB", group, variation, range) .. number .. (objects or "")
end
-- Each with its index: { [1] = { index, bytes }, ... }. Indexes of two octets where one is wide, or `wide` says so.
function dnp3.indexed(group, variation, objects, wide)
  local out = {}
  for i, o in ipairs(objects) do out[i] = pack(wide and "<I2" or "B", o[1]) .. (o[2] or "") end
  local number = pack(wide and "<I2" or "B", #objects)
  return pack("BBB", group, variation, wide and 0x28 or 0x17) .. number .. table.concat(out)
end
-- Objects that stand behind their size.
function dnp3.sized(group, variation, ...)
  local objects = { ... }
  for i, o in ipairs(objects) do objects[i] = pack("<s2", o) end
  return pack("BBBB", group, variation, 0x5b, #objects) .. table.concat(objects)
end

function dnp3.time(seconds) return pack("<I6", seconds * 1000) end
-- CROB: control octet, count, on and off time, status.
function dnp3.crob(control, status, count) return pack("<BBI4I4B", control, count or 1, 1000, 500, status or 0) end
dnp3.CLOSE_PULSE, dnp3.TRIP_PULSE, dnp3.LATCH_ON, dnp3.LATCH_OFF = 0x41, 0x81, 0x03, 0x04
-- An attribute of the device: text, or a number.
function dnp3.attribute(variation, value, set)
  local bytes = type(value) == "string" and pack("Bs1", 1, value) or pack("<BBI4", 2, 4, value)
  return dnp3.range(0, variation, set or 0, set or 0, bytes)
end

local CREATED <const> = pack("<I6", 1715587200000)
local WHO <const> = 0x1ff
function dnp3.file_command(name, mode, size)
  return dnp3.sized(70, 3, pack("<I2I2", 26, #name) .. CREATED .. pack("<I2I4I4I2I2I2", WHO, 0, size or 0, mode, 1024, 5) .. name)
end
function dnp3.file_status(handle, status, size) return dnp3.sized(70, 4, pack("<I4I4I2I2B", handle, size or 0, 1024, 5, status or 0)) end
function dnp3.file_block(handle, block, bytes, last)
  return dnp3.sized(70, 5, pack("<I4I4", handle, last and block | 0x80000000 or block) .. (bytes or ""))
end
function dnp3.file_block_status(handle, block, status) return dnp3.sized(70, 6, pack("<I4I4B", handle, block, status or 0)) end
function dnp3.file_descriptor(name, size, is_directory)
  return dnp3.sized(70, 7, pack("<I2I2I2I4", 20, #name, is_directory and 0 or 1, size) .. CREATED .. pack("<I2I2", WHO, 5) .. name)
end

-- Frames (clause 9) ---------------------------------------------------------------------------------------------------------

local function checksum(block)
  local crc = 0
  for i = 1, #block do
    crc = crc ~ block:byte(i)
    for _ = 1, 8 do crc = crc & 1 == 1 and crc >> 1 ~ 0xa6bc or crc >> 1 end
  end
  return pack("<I2", ~crc & 0xffff)
end

function dnp3.frame(control, to, from, data)
  data = data or ""
  local header = pack("<BBBBI2I2", 5, 0x64, 5 + #data, control, to, from)
  local out = { header .. checksum(header) }
  for at = 1, #data, 16 do
    local block = data:sub(at, at + 15)
    out[#out + 1] = block .. checksum(block)
  end
  return table.concat(out)
end

-- The conversation ------------------------------------------------------------------------------------------------------------

local link = {}
link.__index = link

-- options: master, outstation (hosts); address, master_address; port; udp; caller ("outstation": it opens the connection); midstream.
function dnp3.connect(w, options)
  local self = setmetatable({ world = w, options = options, sequence = 0, segment = { master = 0, outstation = 0 }, unsolicited = 0 }, link)
  self.address, self.master_address, self.port = options.address or 10, options.master_address or 1, options.port or 20000
  self.caller = options.caller or "master"
  local client, server = options.master, options.outstation
  if self.caller == "outstation" then client, server = server, client end
  self.client, self.server = client, server
  if options.udp then
    self.client_port = plant.next_port(client)
  else
    self.tcp = tcp.new(w, { client = client, server = server, port = self.port })
    if not options.midstream then self.tcp:open() end
  end
  return self
end

function link:send(who, bytes, fault)
  local side = who == self.caller and "client" or "server"
  if self.tcp then return self.tcp:send(side, bytes, fault) end
  if side == "client" then return self.world:udp(self.client, self.client_port, self.server, self.port, bytes, fault) end
  return self.world:udp(self.server, self.port, self.client, self.client_port, bytes, fault)
end

function link:ends(who)
  if who == "master" then return self.address, self.master_address end
  return self.master_address, self.address
end

-- A frame of the link layer alone: PRM and function in one octet.
function link:control(who, control)
  local to, from = self:ends(who)
  self:send(who, dnp3.frame(control | (who == "master" and 0x80 or 0), to, from))
  self.world:sleep(0.002)
end

-- The frames of a fragment; how: confirmed (by the link layer), to (another address), only (numbers of those that are sent).
function link:frames(who, fragment, how)
  how = how or {}
  local to, from = self:ends(who)
  local control = (who == "master" and 0x80 or 0) | (how.confirmed and 0x73 or 0x44)
  local out, last = {}, (#fragment + 248) // 249
  for i = 1, last do
    local transport = (i == 1 and 0x40 or 0) | (i == last and 0x80 or 0) | self.segment[who]
    self.segment[who] = self.segment[who] + 1 & 63
    out[i] = dnp3.frame(control, how.to or to, from, string.char(transport) .. fragment:sub(249 * i - 248, 249 * i))
  end
  return out
end

function link:fragment(who, fragment, how)
  how = how or {}
  self:send(who, table.concat(self:frames(who, fragment, how)), how.fault)
  self.world:sleep(0.003)
  if how.confirmed then self:control(who == "master" and "outstation" or "master", 0x00) end
end

-- A request without its answer.
function link:request(func, objects, how)
  self.sequence = self.sequence + 1 & 15
  self:fragment("master", pack("BB", 0xc0 | self.sequence, func) .. (objects or ""), how)
end

-- iin: both octets, the first uppermost; first, last: of several fragments.
function link:respond(objects, iin, how)
  how = how or {}
  local control = (how.first == false and 0 or 0x80) | (how.last == false and 0 or 0x40) | (how.confirm and 0x20 or 0) | self.sequence
  self:fragment("outstation", pack(">BBI2", control, how.func or 129, iin or 0) .. (objects or ""), how)
  if how.confirm then self:fragment("master", pack("BB", 0xc0 | self.sequence, 0)) end
end

function link:ask(func, objects, answer, iin, how)
  how = how or {}
  self:request(func, objects, how.request)
  self:respond(answer, iin, how.response)
  self.world:sleep(0.05)
end

function link:unsolicit(objects, iin, silent)
  self.unsolicited = self.unsolicited + 1 & 15
  self:fragment("outstation", pack(">BBI2", 0xf0 | self.unsolicited, 130, iin or 0) .. (objects or ""))
  if not silent then self:fragment("master", pack("BB", 0xd0 | self.unsolicited, 0)) end
  self.world:sleep(0.05)
end

function link:close() if self.tcp then self.tcp:close() end end

return dnp3
