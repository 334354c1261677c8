-- The grammar of attacks and faults: each kind says who does it to whom, between which bounds its parameters are drawn,
-- when it happens, and what then goes over the wire. An occurrence is a draw from it after the learning period, and a row
-- of the truth.
--
-- A kind: name, what, source and target (words of CAST), p (bounds by name), hours ("work", "night" or nil), act(a). In act,
-- a has: p (what was drawn), source, target, life, site, stage, w, rng, and sleeps as any process of the maker.

local wire = require "wire"

local grammar = { KINDS = {}, by_name = {} }
package.loaded["factory.grammar"] = grammar -- the files of kinds add to it while it loads

function grammar.kind(spec)
  table.insert(grammar.KINDS, spec)
  grammar.by_name[spec.name] = spec
end

-- Drawing ------------------------------------------------------------------------------------------------------------

-- Bounds: { low, high } whole numbers, { low, high, "log" } a number with its logarithm even, or a list of words.
function grammar.draw(bounds, rng)
  if bounds[3] == "log" then return bounds[1] * (bounds[2] / bounds[1]) ^ rng:float() end
  if type(bounds[1]) == "number" and #bounds == 2 then return rng:range(bounds[1], bounds[2]) end
  return rng:pick(bounds)
end

local function sorted(t)
  local names = {}
  for name in next, t do names[#names + 1] = name end
  table.sort(names)
  return names
end

function grammar.parameters(kind, rng)
  local out = {}
  for _, name in ipairs(sorted(kind.p or {})) do out[name] = grammar.draw(kind.p[name], rng) end
  return out
end

-- The cast -----------------------------------------------------------------------------------------------------------

local MAKERS <const> = { "raspberry_pi", "tplink", "intel", "dell" }

-- A machine that was never here.
function grammar.stranger(a, spec)
  spec = spec or {}
  local life = a.life
  life.strangers = (life.strangers or 0) + 1
  spec.name = spec.name or "stranger-" .. life.strangers
  spec.role = "stranger"
  spec.ip = spec.ip or a.site:free_address()
  spec.vendor = spec.vendor or a.rng:pick(MAKERS)
  spec.os = spec.os or a.rng:pick { "linux", "windows" }
  local host = a.stage:host(spec)
  host.role, a.new = "stranger", host
  return host
end

-- A place on the Internet that nobody here spoke with before.
function grammar.outside(a)
  local rng = a.rng
  return grammar.stranger(a, { name = "outside-" .. rng:u32(), ip = ("%d.%d.%d.%d"):format(rng:pick { 45, 91, 146, 185, 193 },
    rng:range(1, 250),
    rng:range(1, 250), rng:range(1, 250)), vendor = "cisco", os = "linux", beyond = a.site.router, hops = rng:range(8, 15) })
end

local function link_of(a, wanted)
  local list = {}
  for _, l in ipairs(a.life.links) do
    if l.link.id and not l.busy and (not wanted or wanted(l)) then list[#list + 1] = l end
  end
  return #list > 0 and a.rng:pick(list) or nil
end

local function controller(a)
  local list = {}
  for _, plc in ipairs(a.site.plc) do
    if not a.needs or a.controllers[plc.protocol][a.needs] then list[#list + 1] = plc end
  end
  return #list > 0 and a.rng:pick(list) or nil
end

-- Words for who takes part. A word that finds nobody lets the occurrence not happen.
local CAST <const> = {
  stranger = grammar.stranger,
  outside = grammar.outside,
  inside = function(a) return a.rng:chance(0.3) and grammar.stranger(a) or a.rng:pick(a.rng:chance(0.7) and a.site.pc
    or a.site.engineering) end,
  machine = function(a) return a.rng:pick(a.site.pc) end,
  local_machine = function(a) return a.rng:pick(a.rng:chance(0.5) and a.site.pc or a.site.panel) end,
  engineer = function(a) return a.target and a.target.engineer or a.rng:pick(a.site.engineering) end,
  not_engineer = function(a) return a.rng:pick(a.rng:chance(0.5) and a.site.pc or a.site.panel) end,
  plc = controller,
  controller = function(a) return a.rng:pick(a.rng:chance(0.6) and a.site.plc or a.site.io) end,
  server = function(a) return a.rng:pick { a.site.historian, a.site.files, a.site.mes, a.site.dc } end,
  files = function(a) return a.site.files end,
  broker = function(a) return a.site.broker end,
  dc = function(a) return a.site.dc end,
  router = function(a) return a.site.router end,
  switch = function(a) return a.rng:pick(a.site.switch) end,
  camera = function(a) return a.rng:pick(a.site.camera) end,
  panel = function(a) return a.rng:pick(a.site.panel) end,
  printer = function(a) return a.rng:pick(a.site.printer) end,
  windows = function(a) return a.rng:pick(a.rng:chance(0.5) and a.site.panel or a.site.pc) end,
  link = function(a)
    a.link = link_of(a, a.kind.link)
    return a.link and a.link.server
  end,
  master = function(a) return a.link and a.link.client end,
  nobody = function() return nil end,
}

local function cast(a)
  for _, part in ipairs { "target", "source" } do -- the target first: who programs it depends on it
    local word = a.kind[part]
    if word then
      a[part] = CAST[word](a)
      if not a[part] and word ~= "nobody" then return false end
    end
  end
  if a.source and a.source == a.target then return false end
  return true
end

-- An occurrence ------------------------------------------------------------------------------------------------------

local function happen(a)
  local row = a.life.note { kind = a.kind.name, what = a.kind.what, source = a.source, target = a.target, parameters = a.p,
    length = 365 * 86400 }
  a.row = row
  if a.new then row.parameters.new_ip, row.parameters.new_mac = a.new.ip, (a.new.beyond or a.new).mac end
  if a.target and a.target.protocol then row.parameters.protocol = a.target.protocol end
  if a.link then a.link.busy = true end
  if a.new and not a.new.beyond and a.new == a.source then
    a.w:sleep(0.2)
    require("arp").gratuitous(a.w, a.new)
    a.w:sleep(a.rng:range(1, 30))
  end
  a.kind.act(a)
  row["end"] = a.stage:now() / 1e9
  if a.link then a.link.busy = nil end
end

function grammar.occurrence(life, kind, rng)
  local a = { life = life, site = life.site, stage = life.stage, w = life.stage.w, rng = rng, kind = kind, needs = kind.needs,
    controllers = require "factory.controllers" }
  a.p = grammar.parameters(kind, rng)
  function a.sleep(seconds) a.w:sleep(seconds) end
  for _ = 1, 5 do -- source and target may fall on the same machine
    if cast(a) then return a end
  end
  return nil
end

-- When ---------------------------------------------------------------------------------------------------------------

local function hour_fits(life, kind, at)
  if not kind.hours then return true end
  local office = life.calendar:office(at)
  if kind.hours == "work" then return office >= 0.5 end
  return office < 0.1
end

-- Kinds that the options ask for.
local function chosen(options)
  local list = {}
  for _, kind in ipairs(grammar.KINDS) do
    local wanted = not options.only or options.only[kind.name]
    if wanted and not (options.without and options.without[kind.name]) then
      for _ = 1, options.times or 1 do list[#list + 1] = kind end
    end
  end
  return list
end

-- The first name among the options that no kind has.
function grammar.unknown(options)
  for _, set in ipairs { options.only or {}, options.without or {} } do
    for _, name in ipairs(sorted(set)) do
      if name ~= "none" and not grammar.by_name[name] then return name end
    end
  end
end

-- One occurrence a slot: the time after learning is cut into as many slots as there are occurrences, in a drawn order.
function grammar.start(life, options)
  local rng, list = life.rng:fork "attacks", chosen(options)
  for i = #list, 2, -1 do
    local j = rng:range(1, i)
    list[i], list[j] = list[j], list[i]
  end
  local from = life.learn + math.min(3600, 0.02 * (life.length - life.learn))
  local slot = (life.length - from) / math.max(1, #list)
  for i, kind in ipairs(list) do
    local at = from + (i - 1 + 0.6 * rng:float()) * slot
    for _ = 1, 48 do -- the next hour that fits the kind, before the end
      if hour_fits(life, kind, at) or at + 3600 > life.length - 1800 then break end
      at = at + 3600
    end
    local stream = rng:fork(kind.name .. " " .. i)
    life.stage:at(at, function()
      local a = grammar.occurrence(life, kind, stream)
      if a then life.stage.w:at(life.stage:clock(), function() happen(a) end) end
    end)
  end
end

-- Helpers of several kinds -------------------------------------------------------------------------------------------

-- A frame of IPv4 from one host to another, whatever is in it.
function grammar.raw(a, src, dst, proto, payload, spoil)
  local header = a.w.ip_header(src, dst, proto)
  local packet, ethertype = wire.ip_packet(header, payload)
  if spoil then packet = spoil(packet) end
  a.w:emit(a.w.medium(packet, ethertype, a.w.hop(src, dst), src, dst))
end

-- A TCP segment that belongs to nothing.
function grammar.segment(a, src, dst, sport, dport, flags)
  grammar.raw(a, src, dst, wire.PROTO.tcp, wire.tcp(src.ip_bytes, dst.ip_bytes, { sport = sport, dport = dport, seq = a.rng:u32(),
    flags = flags,
    window = 1024 }))
end

-- An engineer's kind of session with a controller, by whoever it is.
function grammar.session(a, client, plc, body)
  local protocol = a.controllers[plc.protocol]
  local raw = protocol.connect(a.w, client, plc, plc, 1)
  a.w:sleep(0.2)
  body(raw, protocol)
  a.w:sleep(0.3)
  if raw.close then raw:close() end
end

require "factory.attacks_network"
require "factory.attacks_it"
require "factory.attacks_ot"
require "factory.faults"

return grammar
