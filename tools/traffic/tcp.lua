-- A TCP conversation as a mirror port sees it: handshake, segments by the MSS, acknowledgements, and an end; whole or
-- joined in the middle, both directions or one, clean or with every fault that reassembly must survive (RFC 9293).
--
-- A fault changes what the capture shows, never what the two ends believe: they got everything, or sent it again.

local wire = require "wire"
local plant = require "plant"

local tcp = {}
tcp.__index = tcp

local FLAG <const> = wire.FLAG
local OTHER <const> = { client = "server", server = "client" }
local DELAYED_ACK <const> = 0.04
local SEGMENT_TIME <const> = 0.000012 -- 1500 bytes at 1 Gbit/s

-- options: client, server, port; optional sport, isn (client's), server_isn, mss, ip6, see ("client" or "server": only
-- that side's segments are captured), quiet_ack (no acknowledgement without data), time (of the handshake's answer, s).
function tcp.new(w, options)
  local self = setmetatable({ world = w, options = options, see = options.see }, tcp)
  local client, server = options.client, options.server
  local rng = w:chance_of("tcp " .. client.name .. " " .. server.name)
  local function side(host, port, isn)
    return { host = host, port = port, seq = isn or rng:u32(), acked = 0, clock = rng:u32() >> 4,
      window = host.os.window }
  end
  self.sides = {
    client = side(client, options.sport or plant.next_port(client), options.isn),
    server = side(server, options.port, options.server_isn),
  }
  self.timestamps = client.os.timestamps and server.os.timestamps
  self.mss = (options.mss or math.min(client.os.mss, server.os.mss)) - (self.timestamps and 12 or 0)
    - (options.ip6 and 20 or 0)
  local address = options.ip6 and "ip6" or "ip"
  self.row = w.truth:add("connections", {
    proto = "tcp", orig = client[address], orig_port = self.sides.client.port, resp = server[address],
    resp_port = options.port,
  }, { orig_packets = 0, resp_packets = 0, orig_bytes = 0, resp_bytes = 0 })
  if self.see then w:fault("one_sided", { orig = client[address], resp = server[address], seen = self.see }) end
  return self
end

-- One segment of SIDE as given; the low level that the faults are made with. segment: flags, seq, ack, window,
-- payload, options, bad_checksum. fate: see world.emit. True if the capture shows it.
function tcp:segment(side, segment, fate)
  local from, to = self.sides[side], self.sides[OTHER[side]]
  if self.see and self.see ~= side then return false end
  local options = segment.options
  if not options and self.timestamps then
    local option, ticks = wire.tcp_option, (self.world.schedule.now - self.world.start) // 1000000
    options = option.nop .. option.nop .. option.timestamps(from.clock + ticks, to.clock + ticks)
  end
  local header = self.world.ip_header(from.host, to.host, wire.PROTO.tcp, self.options)
  local bytes = wire.tcp(header.src, header.dst, {
    sport = from.port, dport = to.port, seq = segment.seq or from.seq, flags = segment.flags,
    ack = segment.flags & FLAG.ack ~= 0 and (segment.ack or to.seq) or 0,
    window = segment.window or self:window(from, segment.flags), options = options,
    payload = segment.payload, bad_checksum = segment.bad_checksum,
  })
  local shown = self.world:ip_out(from.host, to.host, header, bytes, fate)
  if shown then
    local count = side == "client" and "orig_packets" or "resp_packets"
    self.row[count] = self.row[count] + 1
  end
  return shown
end

-- A window is scaled in every segment but the SYN, when both sides said so in theirs (RFC 7323).
function tcp:window(from, flags)
  local scaled = self.timestamps and flags & FLAG.syn == 0
  return scaled and from.window >> from.host.os.scale or from.window
end

local function advance(from, n) from.seq = (from.seq + n) & 0xffffffff end

function tcp:open()
  local client, server = self.sides.client, self.sides.server
  local function syn(side, other, echo)
    local ours, theirs = side.host.os, other.host.os
    if echo and not (ours.timestamps and theirs.timestamps) then
      return wire.tcp_option.mss(ours.mss) .. (ours.sack and theirs.sack and
        wire.tcp_option.nop .. wire.tcp_option.nop .. wire.tcp_option.sack_permitted or "")
    end
    return ours:syn(side.clock, echo)
  end
  self:segment("client", { flags = FLAG.syn, options = syn(client, server) })
  advance(client, 1)
  self.world:sleep(self.options.time or 0.0004)
  self:segment("server", { flags = FLAG.syn | FLAG.ack, options = syn(server, client, client.clock) })
  advance(server, 1)
  self.world:sleep(0.0001)
  self:ack("client")
  self.world:sleep(0.0002)
  return self
end

function tcp:ack(side)
  self.sides[side].acked = self.sides[OTHER[side]].seq
  return self:segment(side, { flags = FLAG.ack })
end

-- The receiver acknowledges with its next data, or alone after a while.
local function acknowledge_later(self, side)
  if self.options.quiet_ack then return end
  local me, them = self.sides[side], self.sides[OTHER[side]]
  if me.ack_pending then return end
  me.ack_pending = true
  self.world:after(DELAYED_ACK, function()
    me.ack_pending = false
    if me.acked ~= them.seq and not self.closed then self:ack(side) end
  end)
end

-- The pieces DATA is sent in: CUT gives sizes for the first ones, the MSS bounds all.
local function pieces(self, data, cut)
  local out, at, i = {}, 1, 1
  while at <= #data do
    local size = math.min(self.mss, cut and cut[i] or self.mss)
    out[#out + 1] = data:sub(at, at + size - 1)
    at, i = at + size, i + 1
  end
  return out
end

-- Sends DATA and sleeps until the last segment is out; true if the capture shows all of it.
-- fault, counting the segments of this call from 1:
--   cut { sizes }          split there            lose { [i] = true }        sent, acknowledged, not captured
--   order { 2, 1, 3 }      capture order          retransmit { [i] = delay } once more after so many seconds
--   recover { [i] = delay} first lost, then sent again: not a gap but a late segment
--   bad_checksum           spoils the first segment's     gap (s) between segments     twice: see world.emit
function tcp:send(side, data, fault)
  fault = fault or {}
  local from, to = self.sides[side], self.sides[OTHER[side]]
  local parts, place = pieces(self, data, fault.cut), {}
  for position, i in ipairs(fault.order or {}) do place[i] = position end
  local whole, seq = true, from.seq
  for i, part in ipairs(parts) do
    local segment = { seq = seq, payload = part, flags = i == #parts and FLAG.ack | FLAG.psh or FLAG.ack,
      ack = to.seq, bad_checksum = fault.bad_checksum and i == 1 }
    local delay = ((place[i] or i) - 1) * (fault.gap or SEGMENT_TIME)
    local lost = fault.lose and fault.lose[i]
    local late = fault.recover and fault.recover[i]
    local shown = self:segment(side, segment, { delay = delay + (late or 0), lost = lost, twice = fault.twice })
    whole = whole and shown
    local again = fault.retransmit and fault.retransmit[i]
    if again then self:segment(side, segment, { delay = delay + again }) end
    seq = (seq + #part) & 0xffffffff
  end
  from.seq, from.acked = seq, to.seq
  if not self.see or self.see == side then
    local count = side == "client" and "orig_bytes" or "resp_bytes"
    self.row[count] = self.row[count] + #data
  end
  acknowledge_later(self, OTHER[side])
  if #parts > 1 then self.world:sleep((#parts - 1) * (fault.gap or SEGMENT_TIME)) end
  return whole
end

-- SIDE closes first; the other one after PAUSE seconds.
function tcp:close(side, pause)
  side = side or "client"
  self.world:sleep(0.001)
  self:half_close(side)
  self.world:sleep(pause or 0.0005)
  self:half_close(OTHER[side])
  self.world:sleep(0.0003)
  self.closed = true
  self:ack(side)
end

function tcp:half_close(side)
  self:segment(side, { flags = FLAG.fin | FLAG.ack })
  advance(self.sides[side], 1)
  self.sides[side].acked = self.sides[OTHER[side]].seq
end

function tcp:reset(side)
  self.closed = true
  self:segment(side or "client", { flags = FLAG.rst | FLAG.ack, window = 0 })
end

-- A SYN to a port nobody listens on: the target resets, or says nothing when SILENT.
function tcp.probe(w, client, server, port, silent)
  local c = tcp.new(w, { client = client, server = server, port = port })
  c:segment("client", { flags = FLAG.syn, options = client.os:syn(c.sides.client.clock) })
  advance(c.sides.client, 1)
  if silent then return end
  w:after(0.0003, function()
    c.sides.server.seq = 0
    c:segment("server", { flags = FLAG.rst | FLAG.ack, window = 0, options = "" })
  end)
end

return tcp
