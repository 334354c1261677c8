-- Conversations that poll: a program asks a controller the same things again and again for weeks, writes a set point now
-- and then, and begins anew after a restart. Recorded once per pair, played by the writer.

local controllers = require "factory.controllers"
local plant = require "plant"
local record = require "factory.record"

local polling = {}
polling.__index = polling

local function actor(host)
  return { name = host.name, ip = host.ip, ip_bytes = host.ip_bytes, mac_bytes = host.mac_bytes, os = host.os, ip_id = 0,
    port = 50000 }
end

-- Pieces of a conversation of this pair; EXTRA(raw, plc) is said after the opening, as piece "extra".
local function record_pieces(self, extra)
  local protocol, plc, options = self.protocol, self.plc, self
  return record.pieces(actor(self.client), actor(self.server), function(w, c, s, cut)
    local raw = protocol.connect(w, c, s, plc, self.kind)
    cut "open"
    if extra then
      extra(raw, plc, w)
      return cut "extra"
    end
    for i = 1, options.polls do
      protocol.read(raw, plc, options.first + i)
      cut("poll" .. i)
    end
    for i = 1, options.polls do
      protocol.read(raw, plc, options.first + i, { no_answer = "device is silent" })
      cut("mute" .. i)
    end
    protocol.write(raw, plc, 0)
    cut "write"
    if raw.close then raw:close() end
    cut "close"
  end, protocol.patch)
end

local function put(self, piece) return piece and self.stage.writer.template(piece[1], piece[2], piece[3]) or -1 end

-- options: stage, rng, client, server (with protocol), period (s), jitter, polls (how many requests a cycle), first (which).
function polling.new(options)
  local rng = options.rng
  local self = setmetatable({ stage = options.stage, client = options.client, server = options.server, plc = options.server,
    protocol = controllers[options.server.protocol], period = options.period, jitter = options.jitter, polls = options.polls,
    first = options.first or 0, kind = options.kind, mute = 0, slow = 0 }, polling)
  local pieces = record_pieces(self)
  self.open, self.close, self.write = put(self, pieces.open), put(self, pieces.close), put(self, pieces.write)
  self.cycle = {}
  for i = 1, self.polls do
    local piece = assert(pieces["poll" .. i], "a poll says nothing")
    self.cycle[i] = { put(self, piece), i == 1 and 1 or rng:pick { 1, 1, 2, 5 }, put(self, pieces["mute" .. i]) }
  end
  self.slots, self.set_point = {}, { 1000 + 10 * rng:below(50), 25 * rng:range(4, 20) }
  for i = 1, controllers.SET_POINT do
    local low = 50 * rng:range(2, 200)
    local span = 10 * rng:range(2, 60)
    self.slots[i] = { low + span // 2, low, low + span, math.max(1, span // rng:range(8, 40)) }
  end
  local low, span = self.set_point[1], self.set_point[2]
  self.slots[controllers.SET_POINT + 1] = { low + span // 2, low, low + span, span // 4 }
  return self
end

local SECOND <const> = 1000000000

local function apply_rhythm(self)
  self.stage.writer.rhythm(self.id, math.floor(self.period * SECOND), self.jitter, self.mute, math.floor(self.slow * SECOND))
end

-- Opens the connection (over UDP there is nothing to open) and polls from then on.
function polling:start()
  local writer, now = self.stage.writer, self.stage:now()
  self.id = writer.conversation(self.client.id, self.server.id, self.protocol.same_port and 0 or plant.next_port(self.client), 0)
  for _, slot in ipairs(self.slots) do writer.value(self.id, table.unpack(slot)) end
  if self.open >= 0 then writer.say(self.id, self.open, now) end
  writer.poll(self.id, self.cycle, now + SECOND // 2)
  apply_rhythm(self)
  -- what is being opened finds the rhythm already set
end

function polling:change(what)
  for name, value in pairs(what) do self[name] = value end -- order does not matter: fields
  if self.id then apply_rhythm(self) end
end

function polling:pause()
  if self.id then self.stage.writer.rhythm(self.id, 0, 0, 0, 0) end
end

function polling:resume()
  if not self.id then return end
  apply_rhythm(self)
  self.stage.writer.resume(self.id, self.stage:now() + 1000000)
end

-- Ends it. politely: by closing the connection; else it is just over.
function polling:stop(politely)
  if not self.id then return end
  local id, writer = self.id, self.stage.writer
  self.id = nil
  writer.rhythm(id, 0, 0, 0, 0)
  if politely and self.close >= 0 then
    writer.say(id, self.close, self.stage:now())
    self.stage:after(5, function() writer.stop(id) end)
  else
    writer.stop(id)
  end
end

function polling:restart()
  self:stop(false)
  self:start()
end

-- Writes the set point as operators do.
function polling:write_set_point()
  if self.id and self.write >= 0 then self.stage.writer.say(self.id, self.write, self.stage:now()) end
end

-- Something else in the same connection: EXTRA(raw, plc, w).
function polling:insert(extra)
  if not self.id then return end
  local piece = record_pieces(self, extra).extra
  if piece then self.stage.writer.say(self.id, put(self, piece), self.stage:now()) end
end

-- Writes this value where operators write theirs.
function polling:write_value(value)
  local protocol, patch = self.protocol, self.protocol.patch
  self.protocol = setmetatable({ patch = function(payload, from)
    local kept = {}
    for _, p in ipairs(patch(payload, from)) do
      if p[3] ~= "value" and p[3] ~= "value_le" then kept[#kept + 1] = p end
    end
    return kept
  end }, { __index = protocol })
  self:insert(function(raw, plc) protocol.write(raw, plc, value) end)
  self.protocol = protocol
end

return polling
