-- alert.lua - what scripts tell people: alerts with evidence, explained in English and Japanese; equal ones become one with a count.
--
-- A script declares each kind of alert it raises, once, with its texts and thresholds, and then raises it:
--
--   local alert = require "alert"
--   local stopped = alert.kind {
--     name = "controller_stop", severity = "high", category = "control", attack = { "T0858" }, settings = { quiet = "10m" },
--     en = { "Controller stopped", "{client} stops {server}: {func}", "what it means", "what to do" }, -- the last two as you like
--     ja = { the same in Japanese, as you like },
--   }
--   on("ot.operation", { op = "stop" }, function(e) stopped { event = e } end)
--
-- In texts {name} is a value given with the alert, else a field of its event. Given with an alert: event (the evidence), source, target
-- (else client and server, or originator and responder of the event), key (what makes two alerts equal; else source, target, func), quiet
-- (how long an equal one only counts), row, list (of the learning list that it broke), threshold, value, and whatever the texts name. A
-- value may be { en =, ja = }; intervals are told as people say them (words.lua).
--
-- What was raised is kept in stores that all scripts share: here are only the ways into them. scripts/alerts/alerts.lua is their face.

local words = require "words"

local alert = {}

-- ------------------------------------------------------------------------------------------------ what is kept

local alerts = state.map { name = "alerts", key = "string", max = 20000 }
local states = state.map { name = "alerts.state", key = "string", max = 20000 }
local counts = state.count { name = "alerts.count", key = "string", max = 20000 }
local open = state.map { name = "alerts.open", key = { "string", "string" }, max = 20000 }
local excluded = state.map { name = "alerts.excluded", key = { "string", "string" }, max = 10000 }
local kinds = state.map { name = "alerts.kinds", key = "string", max = 1000 }
local settings = state.map { name = "alerts.settings", key = { "string", "string" }, max = 10000 }
local packets = state.map { name = "alerts.packets", key = "string", max = 20000 } -- how many are in the capture that goes with it
local given_up = state.count { name = "alerts.given_up", key = "string", max = 1000 } -- by kind
local clock = state.map { name = "alerts.clock", key = "string", max = 1 }

alert.store = {
  alerts = alerts, states = states, counts = counts, open = open, excluded = excluded, kinds = kinds, settings = settings, clock = clock,
  packets = packets, given_up = given_up,
}

event.new {
  name = "alert", doc = "Something that people should know of. Equal alerts within their quiet time are one.",
  { "id", "string", "names it: otoscope alerts show ID" },
  { "kind", "string", "which rule or list" },
  { "severity", "string", "info, low, medium, high or critical" },
  { "category", "string", "what it is about", optional = true },
  { "source", "addr", "who does it", optional = true },
  { "target", "addr", "to whom", optional = true },
  { "title", "string", "what it is" },
  { "text", "string", "what happened" },
  { "title_ja", "string", "the same in Japanese", optional = true },
  { "text_ja", "string", "the same in Japanese", optional = true },
  { "key", "string", "what makes two alerts of the kind equal" },
  { "attack", "string[]", "techniques of MITRE ATT&CK for ICS", optional = true },
  { "event", "string", "the event that shows it", optional = true },
  { "evidence", "string", "its fields", optional = true },
  { "list", "string", "learning list that it broke", optional = true },
  { "row", "string", "what is not in that list", optional = true },
  { "threshold", "string", "what was allowed", optional = true },
  { "value", "string", "what was seen", optional = true },
  { "script", "string", "line that raised it" },
  log = { name = "alerts", doc = "What rules and learning lists told." },
}
event.new {
  name = "alert.state", doc = "Somebody did something with an alert.",
  { "id", "string", "of the alert" }, { "state", "string", "acknowledged, learned, muted, closed, assigned or says" },
  { "who", "string", "who did", optional = true }, { "comment", "string", "what there is to say", optional = true },
}
event.new { name = "alert.changed", doc = "Settings of alerts were edited.", { "kind", "string", "of which kind" } }

-- Packet time; where there is none, as in a command without captures, that of the last packet before.
local has_begun = false
function alert.now()
  local t = now()
  has_begun = has_begun or t:ns() > 0
  return has_begun and t or clock:get "packet" or t
end

-- ------------------------------------------------------------------------------------------------ texts

local MOST_TEXT = 160

local function cut(value)
  local text = tostring(value)
  return #text > MOST_TEXT and text:sub(1, MOST_TEXT - 3) .. "..." or text
end

local function told(value, language)
  if type(value) == "table" then value = value[language] end
  return type_of(value) == "interval" and words.span(value, language) or cut(value)
end

local known = {} -- template -> what stands before a name, the name, and so on; what stands behind the last

local function split(template)
  local parts, at = {}, 1
  for from, name, to in template:gmatch "(){([%w_]+)}()" do
    parts[#parts + 1] = template:sub(at, from - 1)
    parts[#parts + 1] = name
    at = to
  end
  parts[#parts + 1] = template:sub(at)
  known[template] = parts
  return parts
end

local function fill(template, values, e, language)
  local parts, out = known[template] or split(template), {}
  for i = 1, #parts, 2 do
    local name = parts[i + 1]
    local value = name and values[name]
    if name and value == nil and e then value = e:value_of(name) or nil end
    out[i] = parts[i]
    out[i + 1] = name and (value ~= nil and told(value, language) or "-")
  end
  return table.concat(out)
end

-- Short, the same in every run, and different for what differs: FNV-1a.
local function name_of(text)
  local h = 0xcbf29ce484222325
  for _, byte in ipairs { text:byte(1, -1) } do h = (h ~ byte) * 0x100000001b3 end
  return string.format("%08x", (h ~ (h >> 32)) & 0xffffffff)
end

-- The line of the script that called, `up` functions above.
local function line_of(up)
  local _, where = pcall(error, "", up + 3)
  local file = where:match "^.*/([^/]*/[^/]*)$" or where -- from its end: each script that loads asks
  return (file:match "^[^/]*/[^/]*%.lua:%d+" or where:gsub(":%s*$", ""))
end
alert.line_of = line_of

-- ------------------------------------------------------------------------------------------------ what is not told

local function covers(pattern, source)
  if pattern == "*" or pattern == tostring(source) then return true end
  return pattern:find("/", 1, true) and type(source) == "userdata" and source:within(pattern) or false
end

local function is_excluded(kind, source)
  for k, pattern in excluded:pairs() do
    if (k == "*" or k == kind) and covers(pattern, source) then return true end
  end
  return false
end

-- The equal alert that is open and takes this one in.
local function counted(kind, key, quiet)
  local id = open:get { kind, key }
  local how = id and states:get(id)
  if not how or how.state == "closed" then return nil end
  local muted = how.state == "learned" or how.state == "muted" and (not how.till or alert.now() < how.till)
  if not muted and alert.now() - counts:when(id) > quiet then return nil end
  counts:add(id)
  return id
end

-- Those that were raised or counted lately: the same again is but one more. Forgotten when anybody says something of any alert.
local lately, MOST_LATELY = {}, 20000
local n_lately = 0

local function forget_lately()
  lately, n_lately = {}, 0
end

local function ask_again()
  forget_lately()
  echo.forget()
end
on("alert.state", ask_again)
on("alert.changed", ask_again)

local function remember_lately(kind, key, id)
  if n_lately >= MOST_LATELY then forget_lately() end
  local of_kind = lately[kind] or {}
  lately[kind] = of_kind
  if not of_kind[key] then n_lately = n_lately + 1 end
  of_kind[key] = { id = id, last = alert.now() }
end

local function counted_lately(kind, key, quiet)
  local a = lately[kind] and lately[kind][key]
  local t = a and alert.now()
  if not a or t - a.last > quiet then return nil end
  a.last = t
  counts:add(a.id)
  return a.id
end

-- ------------------------------------------------------------------------------------------------ room

-- A kind that floods the store takes the place of its own oldest alerts, not of what others tell. What people learned or muted stays.
local MOST_OF_KIND = 4000
-- kind -> its alerts, the oldest first, from place `first` to place `last`; nil while there cannot be so many of it
local in_order = {}
local bound = {} -- kind -> there are no more of it

local function note_in_order(kind, id)
  local ids = in_order[kind]
  if not ids then return end
  ids.last = ids.last + 1
  ids[ids.last] = id
end

local function read_order(kind)
  local list = {}
  for id, a in alerts:pairs() do
    if a.kind == kind then list[#list + 1] = { id = id, first = a.first, place = #list } end
  end
  table.sort(list, function(a, b)
    if a.first ~= b.first then return a.first < b.first end
    return a.place < b.place
  end)
  in_order[kind] = { first = 1, last = 0 }
  for _, a in ipairs(list) do note_in_order(kind, a.id) end
end

local function give_up(id, a)
  if lately[a.kind] then lately[a.kind][a.key] = nil end
  if open:get { a.kind, a.key } == id then open:forget { a.kind, a.key } end
  for _, store in ipairs { alerts, states, counts, packets } do store:forget(id) end
  given_up:add(a.kind)
end

local function make_room(kind)
  local most = bound[kind] or #alerts
  bound[kind] = most + 1
  if most >= MOST_OF_KIND and not in_order[kind] then read_order(kind) end
  local ids = in_order[kind]
  while ids and ids.last - ids.first + 1 >= MOST_OF_KIND do
    local id = ids[ids.first]
    local a, how = alerts:get(id), states:get(id)
    ids[ids.first], ids.first = nil, ids.first + 1
    if a and not (how and (how.state == "learned" or how.state == "muted")) then give_up(id, a) end
  end
end

-- ------------------------------------------------------------------------------------------------ kinds and their settings

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for k, v in sorted(a) do if not same(v, b[k]) then return false end end
  for k in sorted(b) do if a[k] == nil then return false end end
  return true
end

-- What was set by people, else what the script says; spans as intervals.
local function read_settings(k)
  for name, value in sorted(k.given) do
    local set = settings:get { k.name, name }
    if set ~= nil then value = set end
    local is_span = type(value) == "string" and value:match "^[%d.]+[a-z]+$"
    k[name] = is_span and interval(value) or value
  end
end

local severities = { info = true, low = true, medium = true, high = true, critical = true }

-- Who has no more to say than what happened leaves the rest out, and who writes for one language the other.
local function check(k)
  local function wrong(what) error(k.script .. ": alert " .. tostring(k.name) .. ": " .. what, 0) end
  if type(k.name) ~= "string" then wrong "name = a word that names this kind" end
  k.severity = k.severity or "medium"
  if not severities[k.severity] then wrong "severity is info, low, medium, high or critical" end
  for _, language in ipairs { "en", "ja" } do
    k[language] = k[language] or k.en
    local texts = k[language]
    if type(texts) ~= "table" or #texts < 2 or #texts > 4 then
      wrong(language .. ' = { "title", "text", "what it means", "what to do" }, the last two as you like')
    end
    for i = 1, 4 do texts[i] = texts[i] or "" end
  end
end

local function publish(k)
  local shown = {
    severity = k.severity, category = k.category, attack = k.attack, en = k.en, ja = k.ja, settings = k.given, doc = k.doc,
    script = k.script, list = k.list,
  }
  if not same(kinds:get(k.name), shown) then kinds:set(k.name, shown) end
end

local raise_alert

-- A kind of alert: to be called with what to tell; its settings are its fields.
function alert.kind(k)
  k.script = k.script or line_of(2)
  check(k)
  k.given = { on = true, quiet = "1h" }
  for name, value in sorted(k.settings or {}) do k.given[name] = value end
  publish(k)
  read_settings(k)
  on("alert.changed", { kind = k.name }, function() read_settings(k) end)
  return setmetatable(k, { __call = function(_, given) return raise_alert(k, given) end })
end

-- ------------------------------------------------------------------------------------------------ raising

-- The first of these fields that is an address: some protocols have names there.
local function address(e, ...)
  for _, name in ipairs { ... } do
    local value = e and e:value_of(name)
    if type(value) == "userdata" then return value end
  end
end

-- False given for one of them: there is none.
local function ends(e, given)
  local source, target = given.source, given.target
  if source == nil then source = address(e, "client", "orig_h", "orig_mac") end
  if target == nil then target = address(e, "server", "resp_h", "resp_mac") end
  return source or nil, target or nil
end

local function key_text(key)
  if type(key) ~= "table" then return tostring(key) end
  local texts = {}
  for i = 1, #key do texts[i] = tostring(key[i]) end
  return table.concat(texts, " ")
end

local function default_key(e, source, target)
  return key_text { source or "-", target or "-", e and e:value_of "func" or "-" }
end

local function optional_text(value)
  return value ~= nil and tostring(value) or nil
end

-- Whether an alert of this kind and key was told so lately that this is but one more of it, which counts: who has much to tell asks before
-- he gathers it. The alert, or nil.
function alert.again(k, key, quiet)
  return k.on and counted_lately(k.name, key_text(key), quiet and interval(quiet) or k.quiet) or nil
end

-- For how long that is certain to be so, if nobody says anything (echo.write).
local CERTAIN = interval "1m"

function alert.again_for(k)
  return k.quiet < CERTAIN and k.quiet or CERTAIN
end

-- Returns the identifier of the alert, which may be an equal one that it was counted with; nil when it is not wanted.
function raise_alert(k, given)
  if not k.on then return nil end
  local e, quiet = given.event, given.quiet and interval(given.quiet) or k.quiet
  local key = given.key and key_text(given.key)
  local again = key and counted_lately(k.name, key, quiet)
  if again then return again end
  local source, target = ends(e, given)
  key = key or default_key(e, source, target)
  local equal = counted(k.name, key, quiet)
  if equal then remember_lately(k.name, key, equal) end
  if equal or is_excluded(k.name, source) then return equal end
  local values = setmetatable({ source = source, target = target }, { __index = given })
  local id = name_of(k.name .. "\n" .. key .. "\n" .. alert.now():ns())
  local shown = {
    id = id, kind = k.name, severity = given.severity or k.severity, category = k.category, source = source, target = target, key = key,
    title = fill(k.en[1], values, e, "en"), text = fill(k.en[2], values, e, "en"),
    title_ja = fill(k.ja[1], values, e, "ja"), text_ja = fill(k.ja[2], values, e, "ja"),
    attack = k.attack, event = e and e:event_name(), evidence = e and e:shown(), list = given.list, row = given.row,
    threshold = optional_text(given.threshold), value = optional_text(given.value), script = given.script or k.script,
  }
  raise("alert", shown)
  for name, language in sorted { en = k.en, ja = k.ja } do
    if (language[3] .. language[4]):find("{", 1, true) then
      shown["advice_" .. name] = { fill(language[3], values, e, name), fill(language[4], values, e, name) }
    end
  end
  shown.id, shown.uid, shown.first = nil, e and e:value_of "uid", alert.now()
  make_room(k.name)
  note_in_order(k.name, id)
  alerts:set(id, shown)
  states:set(id, { state = "new" })
  counts:add(id)
  open:set({ k.name, key }, id)
  remember_lately(k.name, key, id)
  return id
end

return alert
