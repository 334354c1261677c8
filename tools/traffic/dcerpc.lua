-- Remote procedure calls (DCE 1.1, MS-RPCE): PDUs of connections and datagrams, and arguments in NDR, as far as recipes need them.

local tcp = require "tcp"
local arp = require "arp"

local dcerpc = {}
local pack = string.pack

dcerpc.PORT = 135
dcerpc.NDR = "8a885d04-1ceb-11c9-9fe8-08002b104860"

local FIRST <const>, LAST <const> = 1, 2
local REQUEST <const>, RESPONSE <const>, FAULT <const>, BIND <const>, BIND_ACK <const> = 0, 2, 3, 11, 12

-- A UUID on the wire; `order` is "<" or ">".
function dcerpc.uuid(text, order)
  local bytes = text:gsub("-", ""):gsub("%x%x", function(hex) return string.char(tonumber(hex, 16)) end)
  if order == ">" then return bytes end
  return bytes:sub(1, 4):reverse() .. bytes:sub(5, 6):reverse() .. bytes:sub(7, 8):reverse() .. bytes:sub(9)
end

function dcerpc.wide(text) return (text:gsub(".", "%0\0")) end

-- A string behind a reference, and behind a pointer that may be nil.
function dcerpc.string(text)
  local wide = dcerpc.wide(text) .. "\0\0"
  return pack("<I4I4I4", #wide // 2, 0, #wide // 2) .. wide .. ("\0"):rep(-#wide % 4)
end
function dcerpc.pointer(text) return text and pack("<I4", 0x20000) .. dcerpc.string(text) or pack("<I4", 0) end

local function pdu(kind, flags, call, body)
  return pack("<BBBBI4I2I2I4", 5, 0, kind, flags, 0x10, 16 + #body, 0, call) .. body
end

local client = {}
client.__index = client

-- Binds an interface. options: client, server, port, interface, version, address (the server's secondary address), and what tcp.new takes.
function dcerpc.connect(w, options)
  options.port = options.port or dcerpc.PORT
  arp.resolve(w, options.client, options.server)
  local self = setmetatable({ world = w, options = options, call_id = 1, tcp = tcp.new(w, options) }, client)
  self.tcp:open()
  self.tcp:send("client", pdu(BIND, FIRST | LAST, 1, pack("<I2I2I4I4I2I2", 5840, 5840, 0, 1, 0, 1)
    .. dcerpc.uuid(options.interface) .. pack("<I4", options.version or 1) .. dcerpc.uuid(dcerpc.NDR) .. pack("<I4", 2)))
  w:sleep(0.001)
  local address = pack("<s2", (options.address or tostring(options.port)) .. "\0")
  address = address .. ("\0"):rep(-(#address + 24) % 4)
  self.tcp:send("server", pdu(BIND_ACK, FIRST | LAST, 1, pack("<I2I2I4", 5840, 5840, 0x1063) .. address
    .. pack("<I4I2I2", 1, 0, 0) .. dcerpc.uuid(dcerpc.NDR) .. pack("<I4", 2)))
  w:sleep(0.001)
  return self
end

-- One call. options: piece (bytes of stub data in a fragment), fault (a status instead of an answer), silent (no answer at all).
function client:call(opnum, arguments, answer, options)
  options = options or {}
  self.call_id = self.call_id + 1
  local piece = options.piece or 4000
  for at = 1, math.max(#arguments, 1), piece do
    local flags = (at == 1 and FIRST or 0) | (at + piece > #arguments and LAST or 0)
    local part = arguments:sub(at, at + piece - 1)
    self.tcp:send("client", pdu(REQUEST, flags, self.call_id, pack("<I4I2I2", #part, 0, opnum) .. part))
  end
  self.world:sleep(0.002)
  if options.silent then return end
  if options.fault then
    self.tcp:send("server", pdu(FAULT, FIRST | LAST, self.call_id, pack("<I4I2I2I4I4", 32, 0, 0, options.fault, 0)))
  else
    self.tcp:send("server", pdu(RESPONSE, FIRST | LAST, self.call_id, pack("<I4I2I2", #answer, 0, 0) .. answer))
  end
  self.world:sleep(0.05)
end

function client:close() self.tcp:close() end

-- A tower of the endpoint mapper: the interface over TCP.
function dcerpc.tower(interface, version, ip, port)
  local function floor(left, right) return pack("<s2s2", left, right) end
  local floors = floor("\x0d" .. dcerpc.uuid(interface) .. pack("<I2", version), pack("<I2", 0))
    .. floor("\x0d" .. dcerpc.uuid(dcerpc.NDR) .. pack("<I2", 2), pack("<I2", 0)) .. floor("\x0b", pack("<I2", 0))
    .. floor("\x07", pack(">I2", port)) .. floor("\x09", ip)
  return pack("<I2", 5) .. floors
end

-- Datagrams. m: kind, order ("<" or ">"), object, interface, activity, version, sequence, opnum, fragment, last, body.
function dcerpc.datagram(m)
  local order = m.order or "<"
  local flags = m.fragment and (4 | (m.last and 2 or 0)) or 0x20
  return pack("BBBBBBBB", 4, m.kind, flags, 0, order == "<" and 0x10 or 0, 0, 0, 0) .. dcerpc.uuid(m.object, order)
    .. dcerpc.uuid(m.interface, order) .. dcerpc.uuid(m.activity, order)
    .. pack(order .. "I4I4I4I2I2I2I2I2", 0, m.version or 1, m.sequence, m.opnum, 0xffff, 0xffff, #m.body, m.fragment or 0)
    .. "\0\0" .. m.body
end

return dcerpc
