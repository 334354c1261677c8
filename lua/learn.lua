-- learn.lua - learning lists: what is normal on this network, learned, then held against what happens.
--
--   local learn = require "learn"
--   learn.list {
--     name = "ot_behaviour", doc = "Who uses which function of which controller.",
--     on = "ot.operation", where = { ... }, key = { "client", "server", "protocol", "func" },
--     severity = "high", category = "unauthorized operation", attack = { "T0855" }, en = { ... }, ja = { ... },   -- as alert.kind
--   }
--
-- While it learns, each new key becomes a row. While it detects, each key that no row covers is one alert. Rows may be edited, may have
-- wildcards (rows.lua) and say who made them, when and why. Known keys cost no Lua: events are counted by key in C (tally.new).
--
-- More of learn.list: columns (names of the row's values, the first of the key's; the rest of the key only hooks see), loose (a field of
-- the key, such as the port that a client got by chance: once a row covers what settles, its other values cost no Lua), also (more events:
-- list of { on =, where =, key = }, where a key may have false for
-- what these do not have), period (how long it learns by itself; "14d"), source and target (columns), and hooks, each given the
-- values of the key and the event:
--   skip(list, values, e)   true: nothing for this list
--   shape(values)           changes values in place before they become a row
--   mirror(values, e)       another key that is as good; true behind it: better, to be told of instead (e is nil where none is at hand)
--   any(values)             the column of their row that is *, whatever it is in these values
--   widen(list, values, text, e)   while learning: the row to add instead
--   settles(values, row, own)   true: whatever the field `loose` of the key is, that row covers it (own: the one that row() makes of these)
--   same(values, e)         what makes two alerts equal; else all columns
--   tell(values, e)         more for the alert's texts
--
-- Detections that learn something else than rows take learn.detection { name =, doc = }: the same modes, shown in the same table. They
-- call learn.changed(name) when they learned something, or give news(), which says when they did last since it was asked.

local alert = require "alert"
local rows = require "rows"

local learn = {}

-- ------------------------------------------------------------------------------------------------ what is kept

local lists = state.map { name = "learn.lists", key = "string", max = 1000 }
local modes = state.map { name = "learn.modes", key = "string", max = 1000 }
learn.store = { lists = lists, modes = modes }

event.new { name = "learn.edited", doc = "A learning list or its mode was edited.", { "list", "string", "which" } }

-- The stores of a list; any script may open them by its name.
function learn.open(name)
  return {
    rows = state.map { name = "learn.rows." .. name, key = "string" },     -- text -> who, when, why, how, wide
    gone = state.map { name = "learn.gone." .. name, key = "string" },     -- removed rows: who, when, why
    seen = state.count { name = "learn.seen." .. name, key = "string" },   -- how often, and when last
    told = state.map { name = "learn.told." .. name, key = "string", expire = "90d" }, -- keys told of -> alert
  }
end

-- True when the row has wildcards; who knows already says so.
function learn.put(store, text, how, who, why, when, wide)
  if wide == nil then wide = rows.is_wide(text) end
  store.rows:set(text, { how = how, who = who, why = why, when = when or alert.now(), wide = wide or nil })
  store.gone:remove(text)
  return wide
end

function learn.drop(store, text, who, why, when)
  if not store.rows:remove(text) then return false end
  store.gone:set(text, { who = who, why = why, when = when or alert.now() })
  return true
end

-- ------------------------------------------------------------------------------------------------ modes

local DAYS = "14d"

-- A learning time that has not begun or is over means detecting.
local function in_force(m, at)
  if not m then return "learning" end
  local t = m.mode == "learning" and (at or alert.now())
  if t and (m.from and t < m.from or m.till and t >= m.till) then return "detecting" end
  return m.mode
end

-- When that may be another, if nobody says more; nil: soon.
local function changes(m, t)
  if not m then return nil end
  local learns = m.mode == "learning"
  return learns and m.from and t < m.from and m.from or learns and m.till and t < m.till and m.till or t + interval "3650d"
end

-- What was said of modes: read when it is asked for, as rules do for each event, and again once somebody said more, or while nothing was
-- said of one after a minute. There are many who require this and never ask: what nobody waits for has no timer here.
local said = {}

-- What was worked out of that, and till when it holds: packet time never goes back.
local worked_out = {}

local function forget_said()
  said, worked_out = {}, {}
  echo.forget()
end
on("learn.edited", forget_said)

local function said_of(name)
  local m = said[name]
  if m == nil then
    m = modes:get(name) or false
    said[name] = m
    if not m then after("1m", function() said[name] = nil end) end
  end
  return m
end

-- The mode in force now.
function learn.mode(name)
  local t, last = now(), worked_out[name]
  if last and t < last.till then return last.mode end
  local m = said_of(name)
  local mode = in_force(m)
  if m and t:ns() > 0 then worked_out[name] = { mode = mode, till = changes(m, t) } end
  return mode
end

-- With all that was said of it.
function learn.told_mode(name)
  local m = modes:get(name)
  return in_force(m), m
end

-- Is it the same for so long, if nobody says more?
function learn.stays(name, span)
  local m = said_of(name)
  return in_force(m, alert.now() + span) == in_force(m)
end

function learn.set_mode(name, mode, from, till)
  local m = modes:get(name) or {}
  forget_said()
  modes:set(name, { mode = mode, since = alert.now(), from = from, till = till, stable = m.stable, first = m.first })
  raise("learn.edited", { list = name })
end

local function began(l)
  if not modes:get(l.name) then
    local t = now()
    modes:set(l.name, { mode = "learning", since = t, first = t, till = t + interval(l.period or DAYS) })
    forget_said()
  end
end

-- When something was learned last. It is written when somebody may look: while much is learned, it is so all the time.
local changed, askable, at_end = {}, {}, false

local function write_changed()
  for _, d in ipairs(askable) do changed[d.name] = d.news() or changed[d.name] end
  for name, t in sorted(changed) do
    local m = modes:get(name)
    if m and m.stable ~= t then
      m.stable = t
      modes:set(name, m)
    end
  end
  changed = {}
end
on("question", write_changed)

function learn.changed(name)
  changed[name] = now()
  if at_end then write_changed() end
end

on("finish", function()
  at_end = true
  write_changed()
end)

local function publish(l)
  local shown = { doc = l.doc, columns = l.columns or {}, kind = l.kind and l.kind.name, model = l.model }
  local known = lists:get(l.name)
  if not known or known.doc ~= shown.doc or #known.columns ~= #shown.columns then lists:set(l.name, shown) end
end

-- Keeps d.mode at the mode in force, which changes when it is edited, and with time: at the end of a minute. Calls d.turned when it changed
-- or something was edited.
local function follow(d)
  local m
  local function look(turned)
    if turned or not m then m = modes:get(d.name) end
    local mode = in_force(m)
    if mode ~= d.mode or turned then
      d.mode = mode
      if d.turned then d.turned(d) end
    end
  end
  d.mode = learn.mode(d.name)
  after("0s", function() began(d) look() end)
  local timer = every("1m", function(t)
    look()
    return changes(m, t)
  end)
  on("learn.edited", { list = d.name }, function()
    look(true)
    timer:wake()
  end)
  return d
end

function learn.detection(d)
  d.model = true
  if d.news then askable[#askable + 1] = d end
  publish(d)
  return follow(d)
end

-- ------------------------------------------------------------------------------------------------ lists

local List = {}
List.__index = List

local function load_wide(l)
  l.wide = rows.wide()
  for text, row in l.store.rows:pairs() do
    if row.wide then l.wide:add(text) end
  end
end

-- The row that covers these values; nil: none. Most often it is the one that would be learned of them, which is given as well.
function List:row_of(values)
  local line = rows.text(values, #self.columns)
  local column = self.any and self.any(values)
  local own = column and tabbed.starred(line, 1 << column - 1) or line
  local known = self.store.rows
  if known:has(own) then return own, own end
  if own ~= line and known:has(line) then return line, own end
  return self.wide:covering(values, line), own
end

local fresh = { how = "learned" } -- is copied into the store

function List:learned(text)
  fresh.when, fresh.wide = alert.now(), self.wide:add(text) or nil
  self.store.rows:set(text, fresh)
  self.store.gone:remove(text)
  learn.changed(self.name)
end

-- A wider row took its place.
function List:forget(text)
  self.store.rows:remove(text)
  self.wide:remove(text)
  self.gate:unsettle()
end

-- Learned rows whose first two values concern it are others from now on: f(values as texts) gives the new ones. Each such row has one of
-- the `texts` in it.
function List:turn(concerns, texts, f)
  for _, text in ipairs(self.store.rows:keys(texts)) do
    local row = concerns(text:match "^([^\t]*)\t([^\t]*)") and self.store.rows:get(text)
    if row and row.how == "learned" then
      self:forget(text)
      self:learned(rows.text(f(rows.split(text)), #self.columns))
    end
  end
end

local function group_of(l, values, given, e)
  if l.same then return l.same(values, e) end
  local key = {}
  for i, column in ipairs(l.columns) do key[i] = given[column] == nil and "-" or given[column] end
  return key
end

local function tell(l, values, text, e)
  if l.store.told:get(text) then return end
  local given = { event = e, list = l.name, row = text, script = l.script }
  for i, column in ipairs(l.columns) do given[column] = values[i] end
  given.source, given.target = l.source and given[l.source], l.target and given[l.target]
  given.key = group_of(l, values, given, e)
  for name, value in sorted(l.tell and l.tell(values, e) or {}) do given[name] = value end
  l.store.told:set(text, l.kind(given) or "-")
end

-- Each key comes here once until something is edited. Returns the row that covers it; true: and whatever is loose in the key.
local function meet(l, values, e)
  local mode = learn.mode(l.name)
  if mode == "off" or l.skip and l.skip(l, values, e) then return nil end
  if l.shape then l.shape(values) end
  local row, text = l:row_of(values)
  if row then return row, l.settles ~= nil and l.settles(values, row, text) end
  local other, is_better
  if l.mirror then other, is_better = l.mirror(values, e) end
  if other then
    local mirrored, other_text = l:row_of(other)
    if mirrored or l.store.told:get(other_text) then return mirrored end
    if is_better then values, text = other, other_text end
  end
  if mode == "learning" then
    text = l.widen and l.widen(l, values, text, e) or text
    l:learned(text)
    return text
  end
  tell(l, values, text, e)
end

local function listen(l, source)
  local fields = source.key
  l.gate:count {
    on = source.on, where = source.where, key = fields, loose = source.loose,
    new = function(e) return meet(l, e:listed(fields), e) end,
  }
end

-- Where the row that was told of went into a wider one, the one that covers it now.
local function note(l, row, ...)
  local values = { ... }
  if l.shape then l.shape(values) end
  local other = l.mirror and l.mirror(values)
  local text = l:row_of(values) or other and l:row_of(other)
  if text then l.store.seen:add(text, row.n) end
end

local AT_ONCE = 5000 -- keys: a call may take only so long

-- When rows were last needed, and how often. True when there are more than were noted now.
local function remember(l)
  local n, taken = #l.key, 0
  local function one(...)
    if select("#", ...) <= n then return false end
    note(l, (select(n + 1, ...)), ...)
    taken = taken + 1
    return true
  end
  local take = l.gate:take { most = AT_ONCE, add_to = l.store.seen, known = l.store.rows }
  while one(take()) do end
  return taken == AT_ONCE
end

function learn.list(l)
  l.columns = l.columns or l.key
  l.store = learn.open(l.name)
  l.script = alert.line_of(2)
  l.list = l.name
  l.kind = alert.kind {
    name = l.name, severity = l.severity, category = l.category, attack = l.attack, settings = l.settings, en = l.en, ja = l.ja,
    doc = l.doc, script = l.script, list = l.name,
  }
  l.gate = tally.new { keys = #l.key, max = l.max }
  setmetatable(l, List)
  publish(l)
  load_wide(l)
  listen(l, l)
  for _, source in ipairs(l.also or {}) do listen(l, source) end
  function l.turned()
    load_wide(l)
    remember(l)
    l.gate:clear()
  end
  local function goes_on()
    if remember(l) then after("1m", goes_on) end
  end
  every("10m", goes_on)
  on("finish", function() remember(l) end)
  return follow(l)
end

return learn
