-- test.lua - the words of NAME.test.lua files: describe, it, before_each, assert, replay. `otoscope test` loads it into a plain state.
--
-- replay{...} runs an engine of its own and returns what came out of it as plain tables: addresses are texts, times seconds.

local host, folder

-- ------------------------------------------------------------------------------------------------ comparing and showing

local function show(v, depth)
  depth = depth or 0
  if type(v) == "string" then return string.format("%q", v) end
  if type(v) ~= "table" or depth > 3 then return tostring(v) end
  local keys, parts = {}, {}
  for k in pairs(v) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, k in ipairs(keys) do
    local name = type(k) == "string" and k:match("^[%a_][%w_]*$") or "[" .. show(k) .. "]"
    parts[#parts + 1] = (type(k) == "number" and "" or name .. " = ") .. show(v[k], depth + 1)
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for k, v in pairs(a) do if not same(v, b[k]) then return false end end
  for k in pairs(b) do if a[k] == nil then return false end end
  return true
end

-- Errors carry the line of the test, not of this file.
local function fail(message, ...)
  error(string.format(message, ...), 3)
end

local assertions = {
  equal = function(expected, actual, what)
    if expected ~= actual then fail("%sexpected %s, got %s", what and what .. ": " or "", show(expected), show(actual)) end
  end,
  same = function(expected, actual, what)
    if not same(expected, actual) then fail("%sexpected %s, got %s", what and what .. ": " or "", show(expected), show(actual)) end
  end,
  near = function(expected, actual, tolerance)
    if math.abs(expected - actual) > tolerance then fail("expected %s within %s, got %s", expected, tolerance, show(actual)) end
  end,
  is_true = function(v) if v ~= true then fail("expected true, got %s", show(v)) end end,
  is_false = function(v) if v ~= false then fail("expected false, got %s", show(v)) end end,
  is_nil = function(v) if v ~= nil then fail("expected nil, got %s", show(v)) end end,
  matches = function(pattern, text)
    if not tostring(text):find(pattern) then fail("expected a text that matches %s, got %s", show(pattern), show(text)) end
  end,
  contains = function(part, text)
    if not tostring(text):find(part, 1, true) then fail("expected a text with %s in it, got %s", show(part), show(text)) end
  end,
  has_error = function(f, part)
    local ok, message = pcall(f)
    if ok then fail("expected an error%s, there was none", part and " with " .. show(part) or "") end
    if part and not tostring(message):find(part, 1, true) then fail("expected an error with %s, got %s", show(part), show(message)) end
  end,
}

local assert = setmetatable(assertions, {
  __call = function(_, ok, message)
    if not ok then error(message or "assertion failed", 2) end
    return ok
  end,
})

-- ------------------------------------------------------------------------------------------------ JSON lines of logs

local function json_value(s, at)
  at = s:match("^%s*()", at)
  local c = s:sub(at, at)
  if c == '"' then
    local out, from = {}, at + 1
    while true do
      local stop = s:find('["\\]', from)
      out[#out + 1] = s:sub(from, stop - 1)
      if s:sub(stop, stop) == '"' then return table.concat(out), stop + 1 end
      local e = s:sub(stop + 1, stop + 1)
      if e == "u" then
        out[#out + 1] = utf8.char(tonumber(s:sub(stop + 2, stop + 5), 16))
        from = stop + 6
      else
        out[#out + 1] = ({ n = "\n", t = "\t", r = "\r", b = "\b", f = "\f" })[e] or e
        from = stop + 2
      end
    end
  elseif c == "{" or c == "[" then
    local out, close, n = {}, c == "{" and "}" or "]", 0
    at = s:match("^%s*()", at + 1)
    while s:sub(at, at) ~= close do
      local key
      if c == "{" then
        key, at = json_value(s, at)
        at = s:match("^%s*:()", at)
      else
        n = n + 1
        key = n
      end
      out[key], at = json_value(s, at)
      at = s:match("^%s*,?%s*()", at)
    end
    return out, at + 1
  end
  local word, stop = s:match("^([%w%.%+%-]+)()", at)
  if word == "true" then return true, stop elseif word == "false" then return false, stop elseif word == "null" then return nil, stop end
  return tonumber(word), stop
end

local function read_logs(path)
  local logs = {}
  for _, name in ipairs(host.list_folder(path)) do
    local rows, log = {}, name:match("^([%w_]+)")
    if log then
      for line in io.lines(path .. "/" .. name) do
        if line:sub(1, 1) == "{" then rows[#rows + 1] = json_value(line, 1) end
      end
      logs[log] = rows
    end
  end
  return logs
end

-- ------------------------------------------------------------------------------------------------ packets made by hand

local function unhex(text)
  return (text:gsub("%s", ""):gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end))
end

local function split_address(text)
  local a, b, c, d, port = text:match("^(%d+)%.(%d+)%.(%d+)%.(%d+):(%d+)$")
  if not a then error("'" .. text .. "' is not like 10.0.0.1:502", 4) end
  return string.char(a, b, c, d), tonumber(port)
end

local function mac_of(ip)
  return "\2\0" .. ip
end

local function ipv4(source, target, protocol, payload)
  return mac_of(target) .. mac_of(source) .. string.pack(">I2 BBI2 I2I2 BBI2", 0x0800, 0x45, 0, 20 + #payload, 0, 0x4000, 64, protocol, 0)
    .. source .. target .. payload
end

-- A UDP datagram as an Ethernet frame: udp("10.0.0.1:1025", "10.0.0.2:9600", payload).
local function udp(from, to, payload)
  local source, sport = split_address(from)
  local target, dport = split_address(to)
  return ipv4(source, target, 17, string.pack(">I2I2I2I2", sport, dport, 8 + #payload, 0) .. payload)
end

local function mac_bytes(text)
  return unhex((text:gsub(":", "")))
end

-- The same frame between other stations: via(frame, { src = "00:1b:1b:00:00:01", dst = "00:1b:1b:00:00:02", vlan = 10 }).
local function via(frame, link)
  local dst = link.dst and mac_bytes(link.dst) or frame:sub(1, 6)
  local src = link.src and mac_bytes(link.src) or frame:sub(7, 12)
  return dst .. src .. (link.vlan and string.pack(">I2I2", 0x8100, link.vlan) or "") .. frame:sub(13)
end

-- ARP: arp("10.0.0.1", "00:1b:1b:00:00:01", "10.0.0.2") asks for the target; with its own address it announces itself; with a fourth
-- argument, the target's MAC, it is an answer to it.
local function arp(ip, mac, target, answer_to)
  local sender, of_target = split_address(ip .. ":0"), split_address(target .. ":0")
  local body = string.pack(">I2I2BBI2", 1, 0x0800, 6, 4, answer_to and 2 or 1) .. mac_bytes(mac) .. sender
    .. (answer_to and mac_bytes(answer_to) or string.rep("\0", 6)) .. of_target
  return (answer_to and mac_bytes(answer_to) or string.rep("\xff", 6)) .. mac_bytes(mac) .. "\8\6" .. body .. string.rep("\0", 18)
end

-- A whole TCP connection as a list of frames: tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", request }, { "<", response }).
local function tcp(from, to, ...)
  local client, cport = split_address(from)
  local server, sport = split_address(to)
  local seq, frames = { [">"] = 1000, ["<"] = 2000 }, {}
  local function segment(direction, flags, payload)
    local out = direction == ">"
    local ack = flags == 2 and 0 or seq[out and "<" or ">"]
    local header = string.pack(">I2I2I4I4BBI2I2I2", out and cport or sport, out and sport or cport, seq[direction], ack, 0x50, flags,
      65535, 0, 0)
    frames[#frames + 1] = ipv4(out and client or server, out and server or client, 6, header .. payload)
    seq[direction] = seq[direction] + #payload + ((flags & 3) ~= 0 and 1 or 0)
  end
  segment(">", 2, "")
  segment("<", 18, "")
  segment(">", 16, "")
  for _, part in ipairs { ... } do segment(part[1], 24, part[2]) end
  segment(">", 17, "")
  segment("<", 17, "")
  segment(">", 16, "")
  return frames
end

-- ------------------------------------------------------------------------------------------------ replay

local function beside(path)
  return path:sub(1, 1) == "/" and path or folder .. "/" .. path
end

local function exists(path)
  local f = io.open(beside(path))
  if f then f:close() end
  return f ~= nil
end

local function join(list)
  return type(list) == "table" and table.concat(list, " ") or list
end

-- A frame, a list of frames, or { frame, at = seconds }; without a time each is a millisecond after the one before.
local function flatten(packets)
  local out, now = {}, 1767225600.0 -- 2026-01-01
  local start = now
  local function put(p)
    if type(p) == "string" then
      now = now + 0.001
      out[#out + 1] = { p, math.floor(now * 1e6 + 0.5) * 1000 }
      return
    end
    if p.at then now = start + p.at - 0.001 end
    for _, inner in ipairs(p) do put(inner) end
  end
  put(packets or {})
  return out
end

local known = { capture = true, packets = true, scripts = true, code = true, events = true, logs = true, profile = true, state = true,
  instructions = true, memory = true, analyzers = true, ask = true }

local function names_of(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, ", ")
end

local last_errors = {} -- of the latest replay: why a test fails that does not look at them

-- replay { capture = "x.pcap" | packets = {...}, scripts = {...}, code = "...", events = "modbus.*", logs = true, ... }
-- ask = { { "inventory set", who = "10.0.0.1", field = "place", value = "Hall 2" }, ... } are commands that are given at the end.
-- Paths are relative to the test file. Returns events by name, all lines printed, weirds, script errors, log rows, stats, and the answers
-- to commands: lists of rows, or the text of an error.
local function replay(options)
  for k in pairs(options) do
    if not known[k] then error("replay has no option '" .. tostring(k) .. "'; it has " .. names_of(known), 2) end
  end
  local scripts = {}
  for i, path in ipairs(options.scripts or {}) do scripts[i] = beside(path) end
  local logs = options.logs and host.temporary_folder()
  local r, message = host.engine_run {
    capture = options.capture and beside(options.capture), packets = flatten(options.packets), scripts = scripts, code = options.code,
    name = "code", logs = logs, profile = options.profile, state = options.state, instructions = options.instructions,
    memory = options.memory, analyzers = options.analyzers, ask = options.ask,
    events = options.events and join(options.events) .. " weird script.error log.*" or "*",
  }
  if logs then
    if r then r.logs = read_logs(logs) end
    host.remove_folder(logs)
  end
  if not r then error(message, 0) end
  setmetatable(r.events, { __index = function() return {} end })
  r.lines, r.weirds, r.errors = {}, {}, {}
  for line in r.printed:gmatch("([^\n]*)\n") do r.lines[#r.lines + 1] = line end
  for i, e in ipairs(r.events.weird) do r.weirds[i] = e.name end
  for i, e in ipairs(r.events["script.error"]) do r.errors[i] = e.message end
  last_errors = r.errors
  return r
end

-- ------------------------------------------------------------------------------------------------ describe, it

local SKIP = {}
local names, before, passed, failed, skipped = {}, {}, 0, 0, 0

local function skip(why)
  error(setmetatable({ why = why }, SKIP))
end

local function needs(path)
  if not exists(path) then skip(path .. " is not here") end
end

local function report(kind, name, message)
  print(kind .. " " .. table.concat(names, " > ") .. (#names > 0 and " > " or "") .. name)
  print("    " .. tostring(message):gsub("\n", "\n    "))
end

local function handler(e)
  return getmetatable(e) == SKIP and e or type(e) == "string" and e or debug.traceback(show(e), 2)
end

local function it(name, f)
  last_errors = {}
  for _, list in ipairs(before) do
    for _, prepare in ipairs(list) do prepare() end
  end
  local ok, e = xpcall(f, handler)
  if ok then
    passed = passed + 1
  elseif getmetatable(e) == SKIP then
    skipped = skipped + 1
    report("skipped", name, e.why)
  else
    failed = failed + 1
    report("FAILED", name, e)
    if last_errors[1] then print("    the first of " .. #last_errors .. " errors of the scripts: " .. last_errors[1]:gsub("\n.*", "")) end
  end
end

local function describe(name, f)
  names[#names + 1] = name
  before[#before + 1] = {}
  local ok, e = xpcall(f, handler)
  if not ok and getmetatable(e) == SKIP then
    skipped = skipped + 1
    report("skipped", "", e.why)
  elseif not ok then
    failed = failed + 1
    report("FAILED", "", e)
  end
  names[#names] = nil
  before[#before] = nil
end

local function pending(name)
  skipped = skipped + 1
  report("skipped", name, "pending")
end

local words = {
  describe = describe, context = describe, it = it, pending = pending, skip = skip, needs = needs, assert = assert, replay = replay,
  before_each = function(f) local list = before[#before] list[#list + 1] = f end,
  udp = udp, tcp = tcp, arp = arp, via = via, unhex = unhex, show = show,
}

-- Called by the program for each file; returns how many passed, failed, were skipped.
return function(services, path)
  host, folder = services, path:match("^(.*)/[^/]*$") or "."
  words.folder = folder
  local chunk, message = loadfile(path, "t", setmetatable(words, { __index = _G }))
  if not chunk then error(message, 0) end
  describe(path, chunk)
  return passed, failed, skipped
end
