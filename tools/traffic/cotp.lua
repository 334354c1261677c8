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

-- Sends one TPDU and counts it when the capture shows it, which is returned.
function link:tpdu(side, kind, tpdu, fault)
  local shown = self.tcp:send(side, cotp.tpkt(tpdu), fault)
  if shown then self:tell(side, kind) end
  return shown
end

-- options: client, server; calling and called (transport selectors as bytes), size (the exponent of the TPDU size,
-- 7 to 13), refused (a disconnect reason instead of the confirm), midstream (nothing of the beginning is captured), port,
-- and what tcp.new takes.
function cotp.connect(w, options)
  options.port = options.port or cotp.PORT
  arp.resolve(w, options.client, options.server)
  local self = setmetatable({ world = w, options = options, size = options.size or 10 }, link)
  self.tcp = tcp.new(w, options)
  local ours, theirs = 0x0001, w:chance_of("cotp references"):range(2, 0xffff)
  self.references = { client = ours, server = theirs }
  if options.midstream then return self end
  self.tcp:open()
  self:tpdu("client", "CR", connect(CONNECT_REQUEST, 0, ours, self.size, options.calling, options.called))
  w:sleep(0.002)
  if options.refused then
    self:tpdu("server", "DR", disconnect(ours, 0, options.refused))
    return self
  end
  self:tpdu("server", "CC", connect(CONNECT_CONFIRM, ours, theirs, self.size, options.calling, options.called))
  w:sleep(0.0005)
  return self
end

-- One TSDU, cut into TPDUs of the agreed size; true if the capture shows all of it. options: piece (bytes of a TPDU instead),
-- together (all TPDUs at once), fault (then, see tcp.send).
function link:send(side, tsdu, options)
  options = options or {}
  local piece, tpdus, whole = options.piece or (1 << self.size) - 3, {}, true
  for at = 1, math.max(#tsdu, 1), piece do
    tpdus[#tpdus + 1] = data(tsdu:sub(at, at + piece - 1), at + piece > #tsdu)
  end
  if options.together then
    local packets = {}
    for i, tpdu in ipairs(tpdus) do packets[i] = cotp.tpkt(tpdu) end
    whole = self.tcp:send(side, table.concat(packets), options.fault)
    if whole then for _ = 1, #tpdus do self:tell(side, "DT") end end
  else
    for _, tpdu in ipairs(tpdus) do
      whole = self:tpdu(side, "DT", tpdu, options.fault) and whole
      self.world:sleep(0.0003)
    end
  end
  if whole then
    self.world.truth:add("cotp_data", { client = self.options.client.ip, server = self.options.server.ip, from = side },
      { tsdus = 1, bytes = #tsdu })
  end
  return whole
end

function link:disconnect(side)
  local other = side == "client" and "server" or "client"
  self:tpdu(side, "DR", disconnect(self.references[other], self.references[side], 0x80))
end

return cotp
