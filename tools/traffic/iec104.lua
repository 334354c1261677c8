-- IEC 60870-5-104 over TCP with the ASDUs of IEC 60870-5-101: APDUs of the formats I, S and U with their sequence numbers, and
-- information elements as bytes.

local tcp = require "tcp"
local arp = require "arp"

local iec104 = {}
local pack = string.pack

iec104.PORT = 2404

-- Functions of format U.
iec104.FUNCTION = {
  startdt_act = 0x07, startdt_con = 0x0b, stopdt_act = 0x13, stopdt_con = 0x23, testfr_act = 0x43, testfr_con = 0x83,
}
local NUMBERS <const> = 1 << 15

-- Information elements (101, 7.2.6) -----------------------------------------------------------------------------------

local element = {}
iec104.element = element
function element.u8(n) return pack("B", n) end
function element.u16(n) return pack("<I2", n) end
function element.u24(n) return pack("<I3", n) end
function element.i16(n) return pack("<i2", n) end
function element.u32(n) return pack("<I4", n) end
function element.i32(n) return pack("<i4", n) end
function element.real(x) return pack("<f", x) end
function element.normalized(x) return pack("<i2", math.floor(x * 32768)) end
-- Times: milliseconds of the minute, minute and so on; flags of the octets of minute and hour.
function element.cp16(ms) return pack("<I2", ms) end
function element.cp24(ms, minute, flags) return pack("<I2B", ms, minute | (flags or 0)) end
function element.cp56(ms, minute, hour, day, month, year, flags)
  return pack("<I2BBBBB", ms, minute | (flags or 0), hour, day, month, year)
end

-- APDUs ---------------------------------------------------------------------------------------------------------------

local function apdu(control, asdu) return pack("Bs1", 0x68, control .. (asdu or "")) end

-- asdu: type, cause, ca; oa, negative, test; objects { { address, bytes }, ... }, or first (an address) with elements
-- { bytes, ... } that follow each other, or plain (bytes behind the head); count says another number than there are.
function iec104.asdu(a)
  local parts, n = {}, #(a.objects or a.elements or {})
  if a.first then parts[1] = pack("<I3", a.first) end
  for _, bytes in ipairs(a.elements or {}) do parts[#parts + 1] = bytes end
  for _, object in ipairs(a.objects or {}) do parts[#parts + 1] = pack("<I3", object[1]) .. object[2] end
  return pack("<BBBBI2", a.type, (a.count or n) | (a.first and 0x80 or 0),
    a.cause | (a.negative and 0x40 or 0) | (a.test and 0x80 or 0), a.oa or 0, a.ca) .. table.concat(parts) .. (a.plain or "")
end

local link = {}
link.__index = link

-- options: client, server, port; midstream (nothing of the beginning is captured), sent (what each side sent before), and what tcp.new
-- takes.
function iec104.connect(w, options)
  options.port = options.port or iec104.PORT
  arp.resolve(w, options.client, options.server)
  local sent = options.sent or 0
  local self = setmetatable({ world = w, options = options, next = { client = sent, server = sent } }, link)
  self.tcp = tcp.new(w, options)
  if not options.midstream then self.tcp:open() end
  return self
end

local OTHER <const> = { client = "server", server = "client" }

function link:tell(side, kind)
  local ends = { client = self.options.client.ip, server = self.options.server.ip, from = side, kind = kind }
  self.world.truth:add("iec104", ends, { apdus = 1 })
end

function link:bytes_of(side, asdu)
  local n, acknowledged = self.next[side], self.next[OTHER[side]]
  self.next[side] = (n + 1) % NUMBERS
  return apdu(pack("<I2I2", n << 1, acknowledged << 1), asdu)
end

-- Format I: one ASDU, or several in one go. FAULT as of tcp.send.
function link:say(side, asdus, fault)
  local all = {}
  for i, a in ipairs(asdus.type and { asdus } or asdus) do all[i] = self:bytes_of(side, iec104.asdu(a)) end
  local shown = self.tcp:send(side, table.concat(all), fault)
  for _, a in ipairs(asdus.type and { asdus } or asdus) do
    if shown then self:tell(side, a.type) end
  end
  self.world:sleep(0.02)
end

-- Format U.
function link:control(side, name)
  self.tcp:send(side, apdu(pack("BBBB", iec104.FUNCTION[name], 0, 0, 0)))
  self:tell(side, name)
  self.world:sleep(0.01)
end

-- Format S: all that came is acknowledged.
function link:acknowledge(side)
  self.tcp:send(side, apdu(pack("<I2I2", 1, self.next[OTHER[side]] << 1)))
  self:tell(side, "S")
  self.world:sleep(0.005)
end

-- Whatever it is.
function link:raw(side, bytes)
  self.tcp:send(side, bytes)
  self.world:sleep(0.02)
end

function link:start()
  self:control("client", "startdt_act")
  self:control("server", "startdt_con")
  return self
end

local ACTIVATION <const>, TERMINATION <const> = 6, 10

-- A command as it is, confirmed; done: and told to be over. options: negative, cause (of the answer), answers (nil: one).
function link:command(a, options)
  options = options or {}
  a.cause = a.cause or ACTIVATION
  self:say("client", a)
  if options.silent then return end
  local answer = setmetatable({ cause = options.cause or a.cause + 1, negative = options.negative, ca = options.ca }, { __index = a })
  self:say("server", answer)
  if options.done then self:say("server", setmetatable({ cause = TERMINATION }, { __index = answer })) end
end

function link:close() self.tcp:close() end

return iec104
