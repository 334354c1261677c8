-- rule.lua - an alert rule in a few lines: which events, how many of them in which time, and what to say.
--
--   require "rule" {
--     name = "port_scan", severity = "high", category = "scan", attack = "T0846",  -- as of alert.kind; so en, ja, settings
--     on = "conn", where = "conn_state in {S0, REJ}", per = { "orig_h", "resp_h" }, distinct = "resp_p", many = 25, within = "2m",
--     en = { ... }, ja = { ... },
--   }

local OPTIONS = [[
name, severity, category, attack, en, ja, settings
                 as of alert.kind; attack is a text of techniques
on, where        the events, as in on(). {NAME} in it is a setting, where neither many nor once are asked for
also             a list of more { on =, where =, among =, unless = }
per              fields that make two events equal: one alert, one count for each of their values; else source, target and func
many, within     tell at so many in that time; both are settings. Counted in C unless there is a `when`
distinct         count different values of this field, not events
bulk             count in C and look at the end of each `within`, and of the run: for floods; the alert has no event then
from             of what is counted in bulk, the field whose commonest values the texts have as {sources}; more than half is the source
among, unless    { store, "field", ... }: only events whose fields are a key of that store, or all others; with `once`, or `many`
                 without `when` and `bulk`
whole            count, or tell, only while all of the capture comes (coverage.lua): what was lost is nobody's silence; not with `bulk`
when             function(e, kind): true where it is meant; a table gives the texts more to tell. kind.NAME is a setting
source, target   fields (false: none) instead of client and server, or originator and responder
once             of equal events only the first in so long a time is looked at, in C: for what goes on all day; not with `many`
usual            what is told of while the lists learn is usual: not told of later; "untold": nor then; fields: what makes it the same,
                 where that is more than `per`
off              off until people switch it on: otoscope detections set NAME on on
]]

local alert = require "alert"
local usual = require "usual"
local learn, coverage -- by rules that ask them: most have nothing to do with what is learned, nor with what is lost

local function given_of(r, e, key)
  local given = { event = e, key = key }
  for _, name in ipairs { "source", "target" } do
    if r[name] then given[name] = e[r[name]] else given[name] = r[name] end
  end
  return given
end

-- What is told, with what `when` says merged into it.
local function told(r, e, key, more)
  local given = given_of(r, e, key)
  if type(more) == "table" then
    for name, value in sorted(more) do given[name] = value end
  end
  return given
end

local function sources(r)
  local list = { { on = r.on, where = r.where, among = r.among, unless = r.unless } }
  for _, more in ipairs(r.also or {}) do list[#list + 1] = more end
  return list
end

local OTHER_END <const> = { orig_h = "resp_h", resp_h = "orig_h" }

-- Where the first packets of a connection were lost, who opened it is a guess: the other way round is as usual.
local function is_usual(r, e, fields, key)
  if usual:has { r.name, key } then return true end
  local other = {}
  for i, name in ipairs(fields or r.per or {}) do other[i] = OTHER_END[name] or name end
  return #other > 0 and usual:has { r.name, e:joined(other) }
end

-- Usual, or becomes so and is not told of therefore. And what it became: the key in `usual`.
local function is_no_news(r, e, key)
  local fields = type(r.usual) == "table" and r.usual or not key and { "client", "server", "func" } or nil
  if fields then key = e:joined(fields) end
  if learn.mode "ot_behaviour" ~= "learning" then return is_usual(r, e, fields, key) end
  local row = { r.name, key }
  usual:add(row)
  return r.usual == "untold", row
end

-- Told, unless it is usual or but one more of what was told just now, as most are. `n`: so many were counted under this key. Returns the
-- alert and what was learned, nil or false: none.
local function tell(r, kind, e, more, n, key)
  local said = type(more) == "table" and more or {}
  key = said.key or key or r.per and e:joined(r.per)
  local no_news, learned
  if r.usual then no_news, learned = is_no_news(r, e, key) end
  if no_news then return false, learned end
  local id = key and alert.again(kind, key, said.quiet)
  if id then return id, learned end
  local given = told(r, e, key, more)
  if n then given.value, given.threshold, given.within = n, kind.many, kind.within end
  return kind(given), learned
end

-- Fields that say all of an event that tell() looks at: what it did once is done in C for those that are alike. Nil: there are none.
local function alike(r)
  return not r.when and type(r.usual) ~= "table" and r.per and #r.per > 0 and r.per or nil
end

local function tell_alike(r, kind, e, n)
  local id, learned = tell(r, kind, e, nil, n)
  local span = alert.again_for(kind)
  if id == nil or r.usual and not learn.stays("ot_behaviour", span) then return end
  local rows = id and { alert.store.counts, id } or {}
  if learned then table.move({ usual, learned }, 1, 2, #rows + 1, rows) end
  echo.write(span, table.unpack(rows))
end

local function with_settings(where, kind)
  return type(where) == "string" and where:gsub("{([%a_]+)}", function(name)
    return kind.given[name] ~= nil and tostring(kind[name]) or nil
  end) or where
end

local function is_blind(r)
  return r.whole and not coverage.is_whole()
end

local function each_event(r, kind)
  local function meet(e)
    local more = not is_blind(r) and (not r.when or r.when(e, kind))
    if more then tell(r, kind, e, more) end
  end
  local is_alike = alike(r) and not r.whole
  local function meet_alike(e) tell_alike(r, kind, e) end
  local handles = {}
  -- Who is off hears nothing.
  local function listen()
    for _, h in ipairs(handles) do h:off() end
    handles = {}
    for _, s in ipairs(kind.on and sources(r) or {}) do
      local where = with_settings(s.where, kind)
      handles[#handles + 1] = is_alike and on(s.on, where, meet_alike, r.per) or on(s.on, where, meet)
    end
  end
  listen()
  on("alert.changed", { kind = r.name }, listen)
end

-- Nothing is counted for a rule that nobody switched on.
local function once_on(kind, begin)
  local handle
  local function look()
    if not kind.on then return end
    if handle then handle:off() end
    begin()
  end
  if kind.on then begin() else handle = on("alert.changed", { kind = kind.name }, look) end
end

local function each_once(r, kind)
  local seen = tally.new { keys = #r.per, again = r.once }
  local function meet(e)
    local more = kind.on and not is_blind(r) and (not r.when or r.when(e, kind))
    if more then tell(r, kind, e, more) end
  end
  for _, s in ipairs(sources(r)) do
    seen:count { on = s.on, where = s.where, key = r.per, among = s.among, unless = s.unless, new = meet }
  end
end

-- Of equal values of r.distinct only the first counts: a tally, and the fields of its key.
local function firsts(r, kind)
  if not r.distinct then return nil end
  local key = { r.distinct }
  table.move(r.per, 1, #r.per, 2, key)
  return tally.new { keys = #key, expire = kind.within }, key
end

-- Where a function decides what counts, it sees every event.
local function counted_here(r, kind, window)
  local function meet(e)
    local more = not is_blind(r) and r.when(e, kind)
    if not more then return end
    local key = type(more) == "table" and more.key or e:joined(r.per)
    local n = window:add(key)
    if n >= kind.many then tell(r, kind, e, more, n, key) end
  end
  local first, key = firsts(r, kind)
  for _, s in ipairs(sources(r)) do
    if first then first:count { on = s.on, where = s.where, key = key, new = meet } else on(s.on, s.where, meet) end
  end
end

local NEVER <const> = 0xfffffffe

-- Else Lua hears of it when there are many.
local function counted_in_c(r, kind, window)
  local first, key = firsts(r, kind)
  local counts = {}
  for i, s in ipairs(sources(r)) do
    counts[i] = window:count {
      on = s.on, where = s.where, key = r.per, many = kind.many, among = s.among, unless = s.unless, first = first, first_key = key,
      reached = function(e, n) (alike(r) and tell_alike or tell)(r, kind, e, n) end,
    }
  end
  local is_lossy = false
  local function set_many()
    for _, c in ipairs(counts) do c:many(is_lossy and NEVER or kind.many) end
  end
  on("alert.changed", { kind = r.name }, set_many)
  if r.whole then
    coverage.on_hole(function()
      is_lossy = true
      set_many()
    end)
    coverage.on_whole(function()
      is_lossy = false
      for row in window:pairs() do window:forget(row) end
      set_many()
    end)
  end
end

local function many_events(r, kind)
  local window = state.window {
    name = "rule." .. r.name, key = "string", span = kind.within, each = math.max(2 * kind.many, 16), max = 20000,
  }
  once_on(kind, function()
    if r.when then counted_here(r, kind, window) else counted_in_c(r, kind, window) end
  end)
end

local MOST_SOURCES <const>, SHOWN <const> = 512, 3 -- those seen last: who floods is among them

-- Counts r.from beside what is counted; and a function that says, at the end of each span, which values of it were the most of a key.
local function origins(r)
  if not r.from then return nil, function() end end
  local n = #r.per
  local counted, key = tally.new { keys = n + 1, max = MOST_SOURCES }, table.move(r.per, 1, n, 1, {})
  key[n + 1] = r.from
  for _, s in ipairs(sources(r)) do counted:count { on = s.on, where = s.where, key = key } end
  return counted, function(least)
    local list, take = {}, counted:take { least = least }
    local function look(...)
      if select("#", ...) <= n + 1 then return false end
      local row = (select(n + 2, ...))
      local parts = { ... }
      for i = 1, n do parts[i] = parts[i] == nil and "-" or tostring(parts[i]) end
      list[#list + 1] = { key = table.concat(parts, " ", 1, n), value = parts[n + 1], n = row.n }
      return true
    end
    while look(take()) do end
    return list
  end
end

-- The commonest of them for one key.
local function add_origins(given, list)
  local mine, key = {}, table.concat(given.key, " ")
  for _, x in ipairs(list or {}) do
    if x.key == key then mine[#mine + 1] = x end
  end
  table.sort(mine, function(a, b) return a.n > b.n or a.n == b.n and tostring(a.value) < tostring(b.value) end)
  local shown = {}
  for i = 1, math.min(SHOWN, #mine) do shown[i] = ("%s (%d)"):format(tostring(mine[i].value), mine[i].n) end
  given.sources = #shown > 0 and table.concat(shown, ", ") or { en = "many addresses", ja = "多数のアドレス" }
  if #mine > 0 and mine[1].n * 2 > given.value then given.source = mine[1].value end
end

local function in_bulk(r, kind)
  local n = #r.per
  local counted, came_from, most_of = tally.new { keys = n }, origins(r)
  for _, s in ipairs(sources(r)) do counted:count { on = s.on, where = s.where, key = r.per } end
  local list
  local function look(...)
    if select("#", ...) <= n then return false end
    local values, row = { ... }, (select(n + 1, ...))
    local given = { value = row.n, threshold = kind.many, within = kind.within, key = {} }
    for i, name in ipairs(r.per) do given[name], given.key[i] = values[i], values[i] == nil and "-" or tostring(values[i]) end
    for _, name in ipairs { "source", "target" } do given[name] = r[name] and given[r[name]] or nil end
    if r.from then add_origins(given, list) end
    kind(given)
    return true
  end
  local function look_at_all()
    local take = counted:take { least = kind.many }
    list = most_of(kind.many // 50)
    while look(take()) do end
  end
  local timer = every(kind.within, look_at_all, { counted, came_from, least = kind.many })
  on("alert.changed", { kind = r.name }, function() timer:least(kind.many) end)
  on("finish", look_at_all)
end

local options = {}
for names in ("\n" .. OPTIONS):gmatch "\n(%l[^\n]-)%s%s" do
  for name in names:gmatch "%l+" do options[#options + 1] = name end
end

local NEEDS = { within = "many", distinct = "many", bulk = "many", from = "bulk" }

-- What is misspelt, or does nothing, must not pass silently.
local function check(r, where)
  local function wrong(what) error(where .. ": rule " .. tostring(r.name) .. what, 0) end
  local unknown = unknown_key(r, options)
  if unknown then wrong(" has " .. unknown) end
  if type(r.on) ~= "string" then wrong " needs on = the name of an event" end
  if r.many and not r.within then wrong " needs within = a time span: many in which time?" end
  if r.many and #(r.per or {}) == 0 then wrong " needs per = the fields that make two events equal: many of what?" end
  for name, other in sorted(NEEDS) do
    if r[name] and not r[other] then wrong(" has " .. name .. ", which does nothing without " .. other) end
  end
  if r.whole and r.bulk then wrong " has whole, which does nothing with bulk" end
  if r.once and r.many then wrong " has once and many: the first of equal events is told, or so many of them" end
  if (r.among or r.unless) and not r.once and (not r.many or r.when or r.bulk) then
    wrong " has among or unless, which need once, or many without when and bulk"
  end
end

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do list[#list + 1] = word end
  return list
end

return function(r)
  check(r, alert.line_of(2))
  if r.usual then learn = require "learn" end
  if r.whole then coverage = require "coverage" end
  if r.target == nil and (r.distinct == "server" or r.distinct == "resp_h") then r.target = false end
  local settings = { many = r.many, within = r.within, on = not r.off }
  for name, value in sorted(r.settings or {}) do settings[name] = value end
  local kind = alert.kind {
    name = r.name, severity = r.severity, category = r.category, attack = words(r.attack or ""), en = r.en, ja = r.ja, settings = settings,
    doc = r.en and r.en[1], script = alert.line_of(2),
  }
  if r.once then
    once_on(kind, function() each_once(r, kind) end)
  elseif not r.many then
    each_event(r, kind)
  elseif r.bulk then
    once_on(kind, function() in_bulk(r, kind) end)
  else
    many_events(r, kind)
  end
  return kind
end
