-- Where weeks of a plant happen: one clock for what Lua writes frame by frame (rare things, through the makers of the
-- protocols) and for what the writer plays from templates (all that repeats itself).
--
-- Owns the order of both: the writer is always brought to the moment before Lua acts. Knows hosts, no behaviour.

local plant = require "plant"
local record = require "factory.record"
local world = require "world"

local stage = {}
stage.__index = stage

local SECOND <const> = 1000000000

-- options: seed, start (ns), length (s), writer (the C side, or a table that behaves like it).
function stage.new(options)
  local w = world.new { seed = options.seed, start = options.start, duration = options.length }
  w.truth = record.deaf_truth()
  local writer = options.writer
  w.write_packet = function(_, time, frame) writer.frame(time, frame) end
  return setmetatable({ w = w, rng = w.rng, writer = writer, start = options.start, length = options.length,
    templates = {}, seed = options.seed }, stage)
end

function stage:now() return self.w.schedule.now end

-- Seconds since the start.
function stage:clock() return (self.w.schedule.now - self.start) / SECOND end

function stage:at(seconds, call)
  local time = self.start + math.floor(seconds * 1e6) * 1000
  if seconds < self.length and time >= self.w.schedule.now then self.w.schedule:put(time, call) end
end

function stage:after(seconds, call) self:at(self:clock() + seconds, call) end

-- A process that may sleep.
function stage:process(seconds, body)
  self:at(seconds, function()
    local ok, fault = xpcall(function() self.w:at((self:now() - self.start) / SECOND, body) end, debug.traceback)
    if not ok then error(fault, 0) end
  end)
end

-- spec: as world.host; hops: how many routers lie between it and the mirror port.
function stage:host(spec)
  local host = self.w:host(spec)
  local seen = spec.beyond or host
  host.id = self.writer.host(seen.mac_bytes, host.ip_bytes, spec.hops or (spec.beyond and 1 or 0),
    spec.beyond and spec.beyond.id or spec.silent and -1 or -2)
  return host
end

-- A group or a broadcast address as a destination.
function stage:group(ip)
  local g = self.w.group(ip)
  g.id = self.writer.host(g.mac_bytes, g.ip_bytes, 0, -1)
  g.name = ip
  return g
end

-- Another address for a host.
function stage:move(host, ip, mac)
  host.ip, host.ip_bytes = ip, require("wire").ip(ip)
  if mac then host.mac, host.mac_bytes = mac, require("wire").mac(mac) end
  self.writer.move(host.id, (host.beyond or host).mac_bytes, host.ip_bytes)
end

-- The template of a key, made when first asked for.
function stage:template(key, make)
  local id = self.templates[key]
  if not id then
    local piece = make()
    id = self.writer.template(piece[1], piece[2], piece[3])
    self.templates[key] = id
  end
  return id
end

local OS_NAME <const> = { [plant.OS.windows] = "windows", [plant.OS.linux] = "linux", [plant.OS.controller] = "controller" }

-- A conversation of two hosts of these kinds, whoever they are. body(w, client, server).
function stage:talk(key, client, server, body, patch)
  local kinds = OS_NAME[client.os] .. " " .. (server.os and OS_NAME[server.os] or "group")
  return self:template(key .. " " .. kinds, function()
    local c = record.actor("client", client.os, "10.255.255.1")
    local s = server.os and record.actor("server.", server.os, "10.255.255.2") or server
    return record.whole(c, s, body, patch)
  end)
end

-- Plays a template now. options: port (the client's), params.
function stage:play(template, client, server, options)
  local port = options and options.port or plant.next_port(client)
  self.writer.play(template, self:now(), client.id, server.id, port, 0, options and options.params)
end

-- Everything up to the end; PROGRESS is called once an hour of the plant's time.
function stage:run(progress)
  local schedule, stop = self.w.schedule, self.start + math.floor(self.length * 1e6) * 1000
  local hour = self.start
  while schedule.size > 0 and schedule.heap[1].time <= stop do
    local time = schedule.heap[1].time
    self.writer.advance(time)
    schedule:step()
    if time >= hour then
      progress(hour)
      hour = hour + 3600 * SECOND
    end
  end
  self.writer.advance(stop)
end

return stage
