-- The pieces of a made plant that need no writer: the calendar, what a recording holds, the grammar's draws, the truth's
-- lines, and a whole short life against a writer that only counts.
-- luacheck: std +busted

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
package.path = here .. "/?.lua;" .. package.path

local calendar = require "factory.calendar"
local controllers = require "factory.controllers"
local grammar = require "factory.grammar"
local life = require "factory.life"
local plant = require "plant"
local prng = require "prng"
local record = require "factory.record"
local small = require "factory.small"
local tcp = require "tcp"
local truth = require "factory.truth"

local MONDAY <const> = 1772409600 -- 2026-03-02T00:00:00Z

local function a_calendar(options)
  options = options or {}
  return calendar.new { rng = prng.new(3), start = MONDAY, days = 28, learn = 14, zone = options.zone or 0 }
end

describe("the calendar", function()
  it("knows the day, the second and the weekday in the plant's zone", function()
    assert.same({ 0, 0, 1 }, { a_calendar():moment(0) })
    assert.same({ 5, 3600, 6 }, { a_calendar():moment(5 * 86400 + 3600) })
    assert.same({ 1, 8 * 3600, 2 }, { a_calendar({ zone = 9 }):moment(23 * 3600) })
  end)
  it("has busy offices at ten in the morning, and empty ones at night and on Sunday", function()
    local c = a_calendar()
    assert.equal(1, c:office(10 * 3600))
    assert.is_true(c:office(3 * 3600) < 0.1)
    assert.is_true(c:office(6 * 86400 + 10 * 3600) < 0.1)
    assert.is_true(c:office(c.lunch + 60) < 0.5)
  end)
  it("has a window a week when there are weeks, in the weekend, and more often when there are not", function()
    local windows = a_calendar():windows(14)
    assert.equal(4, #windows)
    for i, window in ipairs(windows) do
      assert.is_true(window[1] // 86400 % 7 >= 5)
      assert.is_true(window[2] > window[1])
      if i > 1 then assert.equal(7 * 86400, window[1] - windows[i - 1][1]) end
    end
    assert.is_true(#a_calendar():windows(2) > 10)
  end)
end)

describe("a recording", function()
  local client, server = record.actor("client", plant.OS.windows, "10.0.0.1"), record.actor("server.", plant.OS.linux, "10.0.0.2")
  local function talk(w, c, s, cut)
    local link = tcp.new(w, { client = c, server = s, port = 4000 }):open()
    cut "open"
    link:send("client", "question")
    w:sleep(0.002)
    link:send("server", "answers")
    cut "poll"
    link:close()
    cut "close"
  end
  local pieces = record.pieces(client, server, talk, function(_, from) return from == 0 and { { 2, 1, "count" } } or nil end)

  it("counts each side's numbers from the beginning of the piece", function()
    assert.same({ 1, 1 }, { pieces.open[2], pieces.open[3] })
    assert.same({ 8, 7 }, { pieces.poll[2], pieces.poll[3] })
    assert.same({ 1, 1 }, { pieces.close[2], pieces.close[3] })
    local question, answer = pieces.poll[1][1][3], pieces.poll[1][2][3]
    assert.equal(("\0"):rep(8), question:sub(39, 46))
    assert.equal("\0\0\0\0\0\0\0\8", answer:sub(39, 46))
  end)
  it("says who speaks, when, and where its patches are", function()
    local question, answer = pieces.poll[1][1], pieces.poll[1][2]
    assert.same({ 0, 1 }, { question[2], answer[2] })
    assert.equal(0, question[1])
    assert.is_true(answer[1] >= 2000000 and answer[1] < 3000000)
    assert.same({ { 54 + 2, 1, record.PATCH.count, 0 } }, question[4])
    assert.same({}, answer[4])
  end)
  it("refuses to record silence", function()
    assert.has_error(function() record.whole(client, server, function() end) end)
  end)
end)

describe("small messages", function()
  it("tell where SNMP's request id is", function()
    local message = small.snmp(0xa0, "public", 0x01020304, { { "1.3.6.1.2.1.1.3.0" } })
    local at = small.snmp_id_at(message)
    assert.equal("\1\2\3\4", message:sub(at + 1, at + 4))
    assert.equal(#message, message:byte(2) + 2)
  end)
end)

describe("the truth", function()
  it("is a line of JSON with its fields in order", function()
    assert.equal('{"kind": "x", "id": 3, "start": 1.500000, "source": {"ip": "10.0.0.1", "mac": "\\u0022"}, '
      .. '"parameters": {"a": [1, 2], "b": true}}\n',
      truth.line { parameters = { b = true, a = { 1, 2 } }, kind = "x", start = 1.5, id = 3, source = { mac = '"', ip = "10.0.0.1" } })
  end)
end)

describe("the grammar", function()
  it("has forty kinds and more, each with a name of its own, a sense and an act", function()
    local names, attacks = {}, 0
    for _, kind in ipairs(grammar.KINDS) do
      assert.is_nil(names[kind.name])
      names[kind.name] = true
      assert.is_string(kind.what)
      assert.is_function(kind.act)
      if not kind.name:find "^benign%-" then attacks = attacks + 1 end
    end
    assert.is_true(attacks >= 40)
  end)
  it("draws between its bounds, the same with the same seed", function()
    for seed = 1, 50 do
      for _, kind in ipairs(grammar.KINDS) do
        local drawn = grammar.parameters(kind, prng.new(seed))
        assert.same(drawn, grammar.parameters(kind, prng.new(seed)))
        for name, bounds in pairs(kind.p or {}) do
          local v = drawn[name]
          if bounds[3] == "log" then
            assert.is_true(v >= bounds[1] and v <= bounds[2], kind.name)
          elseif type(bounds[1]) == "number" and #bounds == 2 then
            assert.is_true(v >= bounds[1] and v <= bounds[2] and math.type(v) == "integer", kind.name)
          end
        end
      end
    end
  end)
  it("knows what it does not know", function()
    assert.equal("nonsense", grammar.unknown { only = { nonsense = true, ["plc-stop"] = true } })
    assert.is_nil(grammar.unknown { only = { none = true }, without = { beacon = true } })
  end)
end)

describe("the protocols of controllers", function()
  it("poll, write, and say nothing when asked in vain", function()
    for _, name in ipairs(controllers.NAMES) do
      local protocol = controllers[name]
      assert.is_number(protocol.port)
      for _, verb in ipairs { "connect", "read", "write", "patch", "identify", "new_function", "new_range", "exceptions" } do
        assert.is_function(protocol[verb], name .. " " .. verb)
      end
    end
  end)
end)

-- A writer that only counts, and keeps what is said of hosts and frames.
local function counting()
  local next_id, kept = 0, { frames = 0, plays = 0, last = 0, times = {} }
  local function id()
    next_id = next_id + 1
    return next_id
  end
  local writer = { host = id, move = function() end, template = id, conversation = id, value = function() end,
    say = function() return true end,
    poll = function() return true end, rhythm = function() end, resume = function() end, stop = function() end, capture = function() end,
    advance = function(time)
      assert(time >= kept.last, "time runs backwards")
      kept.last = time
    end,
    frame = function(time, bytes)
      assert(time >= kept.last and #bytes >= 14)
      kept.frames, kept.sum = kept.frames + 1, ((kept.sum or 0) * 31 + #bytes + time) & 0xffffffffff
    end,
    play = function(_, time, client, server)
      kept.plays, kept.sum = kept.plays + 1, ((kept.sum or 0) * 31 + time + client * 7 + server) & 0xffffffffff
    end }
  return writer, kept
end

local function live(seed, only)
  local writer, kept = counting()
  local rows = {}
  local options = { seed = seed, start = MONDAY, days = 2, learn = 0.5, terminals = 40, connections = 2000, polls = 1000, zone = 0,
    writer = writer, only = only, note = function(row)
      row.parameters = row.parameters or {}
      rows[#rows + 1] = row
      return row
    end }
  local l = life.new(options)
  l:start()
  grammar.start(l, options)
  l.stage:run(function() end)
  return l, kept, rows
end

describe("a life", function()
  it("is the same with the same seed, and another with another", function()
    local none = { none = true }
    local first, kept = live(5, none)
    local _, again = live(5, none)
    local _, other = live(6, none)
    assert.is_true(kept.plays > 1000 and kept.frames > 1000)
    assert.same(kept, again)
    assert.not_same(kept, other)
    assert.is_true(math.abs(#first.site.all - 40) <= 2)
    local seen = {}
    for _, host in ipairs(first.site.all) do
      assert.is_nil(seen[host.ip])
      seen[host.ip] = true
    end
  end)
  it("has what was asked for after the learning period, and tells of it", function()
    local l, _, rows = live(5, { ["port-scan"] = true, ["plc-stop"] = true, ["new-terminal"] = true })
    local told = {}
    for _, row in ipairs(rows) do told[row.kind] = (told[row.kind] or 0) + 1 end
    assert.same({ 1, 1, 1 }, { told["port-scan"], told["plc-stop"], told["new-terminal"] })
    assert.is_true(l.learn > 0)
  end)
end)
