-- The world a recipe writes its traffic in: hosts, a clock, processes, the medium that carries packets, and the
-- mirror port that captures them.
--
-- A conversation is a process, a coroutine that says what happens and sleeps in between; the schedule merges them by
-- time, so frames leave in order and nothing needs sorting, however long the run. Owns the truth of the run.
-- Knows Ethernet and IP; protocols above are modules that recipes call.

local wire = require "wire"
local plant = require "plant"
local prng = require "prng"
local schedule = require "schedule"
local truth = require "truth"

local world = {}
world.__index = world

-- "10m", "1.5s", "250ms", "20us" or a number of seconds, in seconds.
local UNITS <const> = { us = 1e-6, ms = 1e-3, s = 1, m = 60, h = 3600, d = 86400 }

function world.seconds(text)
  if type(text) == "number" then return text end
  local number, unit = text:match("^([%d.]+)(%a*)$")
  local scale = UNITS[unit == "" and "s" or unit]
  if not (tonumber(number) and scale) then error("not a duration: " .. text .. " (write 10m, 1.5s, 250ms)", 0) end
  return tonumber(number) * scale
end

-- The carrier of most recipes: Ethernet, tagged when the sender's host has a VLAN.
function world.ethernet(packet, ethertype, hop)
  if hop.vlan then packet, ethertype = wire.vlan(hop.vlan, ethertype, packet), wire.ETHERTYPE.vlan end
  return wire.ethernet(hop.dst_mac, hop.src_mac, ethertype, packet)
end

-- options: seed, start (ns since the epoch), duration (s, overrides the recipe's), nanoseconds.
function world.new(options)
  local rng = prng.new(options.seed or 1)
  return setmetatable({
    seed = options.seed or 1,
    rng = rng,
    schedule = schedule.new(options.start),
    start = options.start,
    asked_duration = options.duration,
    length = options.duration or 60,
    interfaces = {},
    hosts = {},
    truth = truth.new(),
    medium = world.ethernet,
    resolved = {},
    streams = {},
    speaks_arp = true,
    packets = 0,
    bytes = 0,
    format = {},
  }, world)
end

-- What a recipe says of itself ---------------------------------------------------------------------------------------

function world:title(text) self.titled = text end

-- How long new things begin to happen, unless the command line says otherwise.
function world:duration(text) self.length = self.asked_duration or world.seconds(text) end

-- The file's own properties: format ("pcap", "pcapng"), big_endian, nanoseconds, snaplen.
function world:file(format) self.format = format end

function world:interface(name, linktype)
  table.insert(self.interfaces, { name = name, linktype = linktype })
  return #self.interfaces
end

function world:host(spec)
  local host = plant.host(spec, self.rng:fork("host " .. spec.name))
  table.insert(self.hosts, host)
  table.insert(self.truth.hosts, {
    name = host.name, role = host.role, ip = host.ip, ip6 = host.ip6, mac = host.mac, vendor = host.vendor,
    vlan = host.vlan, facts = host.facts,
  })
  return host
end

-- The chance of one speaker: a stream of numbers that goes on from call to call.
function world:chance_of(name)
  self.streams[name] = self.streams[name] or self.rng:fork(name)
  return self.streams[name]
end

-- Time and processes -------------------------------------------------------------------------------------------------

-- Seconds since the epoch: what the truth file says of a moment.
function world:time() return self.schedule.now / 1e9 end

local function nanoseconds(self, seconds)
  if self.format.nanoseconds then return math.floor(seconds * 1e9 + 0.5) end
  return math.floor(seconds * 1e6 + 0.5) * 1000
end

local function resume(process)
  local ok, fault = coroutine.resume(process)
  if not ok then error(debug.traceback(process, fault), 0) end
end

-- A process that starts at a time counted from the start of the capture. Nothing begins after the duration.
function world:at(time, body)
  time = world.seconds(time)
  if time > self.length then return end
  self.schedule:put(self.start + nanoseconds(self, time), function()
    resume(coroutine.create(body))
  end)
end

-- A plain call DELAY seconds from now; it cannot sleep.
function world:after(delay, call)
  self.schedule:put(self.schedule.now + nanoseconds(self, delay), call)
end

function world:sleep(delay)
  local process, main = coroutine.running()
  assert(not main, "sleep() belongs inside a process: w:at(time, function() ... end)")
  self.schedule:put(self.schedule.now + nanoseconds(self, world.seconds(delay)), function() resume(process) end)
  coroutine.yield()
end

-- Repeats BODY, each time as a process of its own, until the duration is over. options: jitter (fraction of the
-- period), from (default: now), to. The ticks stand on a grid, so that jitter does not add up to drift.
function world:every(period, options, body)
  period = world.seconds(period)
  local rng = self.rng:fork("every " .. self.schedule.number)
  local from = options.from and world.seconds(options.from) or (self.schedule.now - self.start) / 1e9
  local to = options.to and world.seconds(options.to) or self.length
  local function tick(n)
    local time = from + (n + rng:float() * (options.jitter or 0)) * period
    if time >= to then return end
    self:at(time, function()
      tick(n + 1)
      body(n)
    end)
  end
  tick(0)
end

-- The mirror port ----------------------------------------------------------------------------------------------------

-- Hands one frame to the capture. fate: interface, delay (s), lost (sent, but the capture missed it), twice (the
-- mirror port gives a copy after that many seconds).
function world:emit(frame, fate)
  fate = fate or {}
  if fate.lost then return false end
  if fate.delay and fate.delay > 0 then
    self:after(fate.delay, function() self:capture(fate.interface, frame) end)
  else
    self:capture(fate.interface, frame)
  end
  local twice = fate.twice or self.mirror_twice
  if twice then
    self.copies = (self.copies or 0) + 1
    self:after((fate.delay or 0) + twice, function() self:capture(fate.interface, frame) end)
  end
  return true
end

function world:capture(interface, frame)
  self.packets = self.packets + 1
  self.bytes = self.bytes + #frame
  self.write_packet(interface or 1, self.schedule.now, frame)
end

-- IP -----------------------------------------------------------------------------------------------------------------

-- The MAC addresses a packet bears at the mirror port: a host behind a router is seen through it.
function world.hop(src, dst)
  local function seen_as(host) return (host.beyond or host).mac_bytes end
  return { src_mac = seen_as(src), dst_mac = seen_as(dst), vlan = src.vlan or dst.vlan }
end

-- A destination that is a group and no host: multicast, or the broadcast of the segment.
function world.group(ip)
  local bytes = wire.ip(ip)
  local mac = wire.is_multicast(bytes) and wire.multicast_mac(bytes) or wire.BROADCAST
  return { ip = #bytes == 4 and ip or nil, ip6 = #bytes == 16 and ip or nil, mac_bytes = mac,
    ip_bytes = #bytes == 4 and bytes or nil, ip6_bytes = #bytes == 16 and bytes or nil, group = true }
end

function world.ip_header(src, dst, proto, options)
  local v6 = not dst.ip_bytes or (options and options.ip6)
  local ttl = options and options.ttl or src.os.ttl
  if src.beyond then ttl = ttl - 1 end
  return {
    src = v6 and src.ip6_bytes or src.ip_bytes, dst = v6 and dst.ip6_bytes or dst.ip_bytes, proto = proto, ttl = ttl,
    id = not v6 and plant.next_ip_id(src) or nil,
    dont_fragment = src.os ~= plant.OS.controller and not dst.group,
    bad_checksum = options and options.bad_ip_checksum,
  }
end

function world:ip_out(src, dst, header, payload, fate)
  local packet, ethertype = wire.ip_packet(header, payload)
  return self:emit(self.medium(packet, ethertype, world.hop(src, dst), src, dst), fate)
end

-- options: ip6, ttl, bad_checksum, bad_ip_checksum and the fate of the frame.
function world:udp(src, sport, dst, dport, payload, options)
  local header = world.ip_header(src, dst, wire.PROTO.udp, options)
  local datagram = wire.udp(header.src, header.dst, sport, dport, payload, options and options.bad_checksum)
  return self:ip_out(src, dst, header, datagram, options)
end

-- A frame of any EtherType between two hosts; to everybody when DST is nil.
function world:frame(src, dst, ethertype, payload, fate)
  local hop = { src_mac = src.mac_bytes, dst_mac = dst and dst.mac_bytes or wire.BROADCAST, vlan = src.vlan }
  self.truth:add("ethertypes", { src_mac = wire.mac_text(hop.src_mac), dst_mac = wire.mac_text(hop.dst_mac),
    ethertype = ("0x%04x"):format(ethertype) }, { frames = 1 })
  return self:emit(self.medium(payload, ethertype, hop, src, dst), fate)
end

-- An echo request and its reply.
function world:ping(src, dst, number)
  local rest = string.pack(">I2I2", src.ip_id, number or 1) .. ("abcdefghijklmnopqrstuvwabcdefghi")
  self:ip_out(src, dst, world.ip_header(src, dst, wire.PROTO.icmp), wire.icmp(8, 0, rest))
  self:sleep(0.0006)
  self:ip_out(dst, src, world.ip_header(dst, src, wire.PROTO.icmp), wire.icmp(0, 0, rest))
  self.truth:add("icmp", { client = src.ip, server = dst.ip }, { requests = 1, replies = 1 })
end

-- Attacks and faults -------------------------------------------------------------------------------------------------

function world:attack(kind, source, target, details)
  return self.truth:note("attacks", { kind = kind, time = self:time(), source = source and source.ip,
    source_mac = source and source.mac, target = target and target.ip, details = details })
end

function world:fault(kind, details)
  return self.truth:note("faults", { kind = kind, time = self:time(), details = details })
end

return world
