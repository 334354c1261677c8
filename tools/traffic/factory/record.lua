-- Records a conversation once, so that the writer can play it a million times: what the makers of the protocols say
-- between two hosts, as frames with their times, cut into pieces (opening, one poll, closing), sequence numbers
-- counted from 0 on each side.

local wire = require "wire"
local world = require "world"

local record = {}

record.PATCH = { count = 0, count_le = 1, param = 2, value = 3, chance = 4, value_le = 5 }

local function nothing() return 0 end

-- Counts of the makers, which nobody reads here.
local function deaf_truth()
  local row = setmetatable({}, { __index = nothing, __newindex = nothing })
  setmetatable(row, { __index = function() return 0 end, __newindex = function() end })
  return { hosts = {}, add = function() return row end, note = function(_, _, r) return r end }
end
record.deaf_truth = deaf_truth

-- Where the payload of a frame of IPv4 begins, and its protocol; nil for others.
local function payload_of(frame)
  if #frame < 34 or string.unpack(">I2", frame, 13) ~= 0x0800 then return nil end
  local proto, length = frame:byte(24), string.unpack(">I2", frame, 17)
  if proto == 6 then return 34 + (frame:byte(47) >> 4) * 4, proto, 14 + length end
  return 42, proto, 14 + length
end

-- The frame with the numbers of its own side and the other's counted from BASE; the end of what it sends.
local function renumber(frame, from, base)
  local at, proto, stop = payload_of(frame)
  if proto ~= 6 then return frame, 0 end
  local seq, ack = string.unpack(">I4I4", frame, 39)
  local flags = frame:byte(48)
  local acks = flags & 0x10 ~= 0
  base[from] = base[from] or seq
  if acks then base[1 - from] = base[1 - from] or ack end
  local own = seq - base[from] & 0xffffffff
  local other = acks and ack - base[1 - from] & 0xffffffff or 0
  local carried = stop - at + (flags & 2 ~= 0 and 1 or 0) + (flags & 1 ~= 0 and 1 or 0)
  return frame:sub(1, 38) .. string.pack(">I4I4", own, other) .. frame:sub(47), own + carried, own, other
end

local function shift_numbers(frame, own, other)
  local _, proto = payload_of(frame)
  if proto ~= 6 then return frame end
  local seq, ack = string.unpack(">I4I4", frame, 39)
  ack = frame:byte(48) & 0x10 ~= 0 and ack - other & 0xffffffff or 0
  return frame:sub(1, 38) .. string.pack(">I4I4", seq - own & 0xffffffff, ack) .. frame:sub(47)
end

-- Patches of one frame in the writer's form: those that PATCH gives for its payload are counted from the payload.
local function patches_of(frame, from, patch)
  local at, _, stop = payload_of(frame)
  local list = {}
  if not (at and patch and stop > at) then return list end
  for i, p in ipairs(patch(frame:sub(at + 1, stop), from) or {}) do
    list[i] = { at + p[1], p[2], record.PATCH[p[3]], p[4] or 0 }
  end
  return list
end

-- A piece as the writer takes it: { frames, client's bytes, server's bytes }.
local function piece_of(raw, begun, patch, base, sent)
  local frames, advance = {}, { [0] = 0, [1] = 0 }
  local first = raw[1] and raw[1].time or begun
  for i, r in ipairs(raw) do
    local bytes, reached = renumber(r.bytes, r.from, base)
    advance[r.from] = math.max(advance[r.from], reached - sent[r.from])
    bytes = shift_numbers(bytes, sent[r.from], sent[1 - r.from])
    frames[i] = { r.time - first, r.from, bytes, patches_of(r.bytes, r.from, patch) }
  end
  for side = 0, 1 do
    advance[side] = math.max(advance[side], 0)
    sent[side] = sent[side] + advance[side]
  end
  return { frames, advance[0], advance[1] }
end

-- Runs BODY(world, client, server, cut) in a world of its own; cut(name) ends a piece. Returns the pieces by name.
-- hosts: client and server (of world.host or alike). patch(payload, from): see patches_of.
function record.pieces(client, server, body, patch)
  local w = world.new { seed = 1, start = 0, duration = 1e9 }
  w.truth, w.speaks_arp = deaf_truth(), false
  local raw, order, begun = {}, {}, 0
  w.write_packet = function(_, time, frame)
    raw[#raw + 1] = { time = time, bytes = frame, from = frame:sub(7, 12) == client.mac_bytes and 0 or 1 }
  end
  local function cut(name)
    w:sleep(0.06) -- what is acknowledged late belongs to this piece
    order[#order + 1] = { name, raw, begun }
    raw, begun = {}, w.schedule.now
  end
  w:at(0, function() body(w, client, server, cut) end)
  w.schedule:run()
  if #raw > 0 then order[#order + 1] = { "rest", raw, begun } end
  local out, base, sent = {}, {}, { [0] = 0, [1] = 0 }
  for _, piece in ipairs(order) do
    if #piece[2] > 0 then out[piece[1]] = piece_of(piece[2], piece[3], patch, base, sent) end
  end
  return out
end

-- A whole conversation as one piece.
function record.whole(client, server, body, patch)
  local pieces = record.pieces(client, server, function(w, c, s, cut)
    body(w, c, s)
    cut "whole"
  end, patch)
  return pieces.whole or error "nothing was said"
end

-- A host that stands for any of its kind.
function record.actor(name, os, ip)
  return { name = name, ip = ip, ip_bytes = wire.ip(ip), mac_bytes = wire.mac("02:00:00:00:00:" .. ("%02x"):format(#name)),
    os = os, ip_id = 0, port = 50000 }
end

return record
