-- TPKT (RFC 1006) and the connection-oriented transport protocol (ISO/IEC 8073, class 0): connect request and
-- confirm with transport selectors, data in several TPDUs with the end-of-TSDU mark, disconnect request.

local tcp = require "tcp"
local arp = require "arp"

local cotp = {}
local pack = string.pack

cotp.PORT = 102

local DATA <const>, CONNECT_REQUEST <const>, CONNECT_CONFIRM <const> = 0xf0, 0xe0, 0xd0
local DISCONNECT_REQUEST <const> = 0x80
local TPDU_SIZE <const>, CALLING_SELECTOR <const>, CALLED_SELECTOR <const> = 0xc0, 0xc1, 0xc2

function cotp.tpkt(tpdu) return pack(">BBI2", 3, 0, 4 + #tpdu) .. tpdu end

local function parameter(code, value) return pack("Bs1", code, value) end

-- The length indicator counts the header behind itself.
local function header(body) return pack("s1", body) end

local function connect(kind, dst_ref, src_ref, size, calling, called)
  return header(pack(">BI2I2B", kind, dst_ref, src_ref, 0) .. parameter(TPDU_SIZE, string.char(size))
    .. parameter(CALLING_SELECTOR, calling) .. parameter(CALLED_SELECTOR, called))
end

local function data(payload, last) return header(pack("BB", DATA, last and 0x80 or 0)) .. payload end

-- REASON 0 not specified, 1 congestion, 3 address unknown, 0x80 normal.
local function disconnect(dst_ref, src_ref, reason)
  return header(pack(">BI2I2B", DISCONNECT_REQUEST, dst_ref, src_ref, reason))
end

local link = {}
link.__index = link

function link:tell(side, kind)
  local key = { client = self.options.client.ip, server = self.options.server.ip, tpdu = kind, from = side }
  self.world.truth:add("cotp", key, { tpdus = 1 })
end

-- options: client, server; calling and called (transport selectors as bytes), size (the exponent of the TPDU size,
-- 7 to 13), refused (a disconnect reason instead of the confirm), port, and what tcp.new takes.
function cotp.connect(w, options)
  options.port = options.port or cotp.PORT
  arp.resolve(w, options.client, options.server)
  local self = setmetatable({ world = w, options = options, size = options.size or 10 }, link)
  self.tcp = tcp.new(w, options)
  self.tcp:open()
  local ours, theirs = 0x0001, w:chance_of("cotp references"):range(2, 0xffff)
  self.references = { client = ours, server = theirs }
  self.tcp:send("client", cotp.tpkt(connect(CONNECT_REQUEST, 0, ours, self.size, options.calling, options.called)))
  self:tell("client", "CR")
  w:sleep(0.002)
  if options.refused then
    self.tcp:send("server", cotp.tpkt(disconnect(ours, 0, options.refused)))
    self:tell("server", "DR")
    return self
  end
  self.tcp:send("server", cotp.tpkt(connect(CONNECT_CONFIRM, ours, theirs, self.size, options.calling, options.called)))
  self:tell("server", "CC")
  w:sleep(0.0005)
  return self
end

-- One TSDU, cut into TPDUs of the agreed size. options: piece (bytes of a TPDU instead), together (all TPDUs at once),
-- fault (then, see tcp.send).
function link:send(side, tsdu, options)
  options = options or {}
  local piece, tpdus = options.piece or (1 << self.size) - 3, {}
  for at = 1, math.max(#tsdu, 1), piece do
    tpdus[#tpdus + 1] = cotp.tpkt(data(tsdu:sub(at, at + piece - 1), at + piece > #tsdu))
    self:tell(side, "DT")
  end
  self.world.truth:add("cotp_data", { client = self.options.client.ip, server = self.options.server.ip, from = side },
    { tsdus = 1, bytes = #tsdu })
  if options.together then return self.tcp:send(side, table.concat(tpdus), options.fault) end
  for _, tpdu in ipairs(tpdus) do
    self.tcp:send(side, tpdu, options.fault)
    self.world:sleep(0.0003)
  end
end

function link:disconnect(side)
  local other = side == "client" and "server" or "client"
  self.tcp:send(side, cotp.tpkt(disconnect(self.references[other], self.references[side], 0x80)))
  self:tell(side, "DR")
end

return cotp
