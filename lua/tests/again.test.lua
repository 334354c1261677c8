-- What is told again and again is counted in C (echo.write): what people say meanwhile holds for the next of it all the same.
local telling = dofile(folder .. "/telling.lua")

-- Ten a second from the second `from` to the second `to`, of this host.
local function requests(from, to, host)
  local packets = {}
  for i = 0, (to - from) * 10 - 1 do packets[#packets + 1] = { telling.arp(host or "10.0.0.1", "10.0.0.2"), at = from + i / 10 } end
  return packets
end

local function rule(more)
  return [[
    local alert = require "alert"
    local store = alert.store
    require "rule" {
      name = "asked", severity = "low", category = "scan", attack = "T0846", on = "arp.request", per = { "sender_mac" },
      en = { "Asked", "{sender_mac} asks {value}" }, ]] .. more .. [[
    }
    on("finish", function()
      for id, a in store.alerts:pairs() do
        print(("%s %d in %.1f s"):format(a.key, store.counts:get(id), (store.counts:when(id) - a.first):seconds()))
      end
    end)
    local function change(id, how)
      store.states:set(id, how)
      raise("alert.state", { id = id, state = how.state })
    end
    local function each(f) for id in store.alerts:pairs() do f(id) end end
  ]]
end

local function counted(packets, more, code)
  return replay({ packets = packets, code = rule(more or "") .. (code or "") }).lines
end

local HOST, OTHER = "02:00:0a:00:00:01 ", "02:00:0a:00:00:03 "

it("counts each", function()
  local both = requests(1, 201)
  table.move(requests(1, 6, "10.0.0.3"), 1, 50, #both + 1, both)
  table.sort(both, function(a, b) return a.at < b.at end)
  assert.same({ HOST .. "2000 in 199.9 s", OTHER .. "50 in 4.9 s" }, counted(both))
  assert.same({ HOST .. "1991 in 199.0 s" }, counted(requests(1, 201), "many = 10, within = '1m'"))
end)

it("begins anew when it was quiet, or is closed", function()
  local twice = requests(1, 6)
  table.move(requests(10, 12), 1, 20, #twice + 1, twice)
  assert.same({ HOST .. "50 in 4.9 s", HOST .. "20 in 1.9 s" }, counted(twice, "settings = { quiet = '3s' }"))
  local close = "after('5s', function() each(function(id) change(id, { state = 'closed' }) end) end)"
  local lines = counted(requests(1, 11), "", close)
  assert.equal(2, #lines)
  assert.equal(100, lines[1]:match " (%d+) " + lines[2]:match " (%d+) ")
end)

it("counts no more when it is switched off, and where it was muted all the same", function()
  local off = "after('5s', function() store.settings:set({ 'asked', 'on' }, false) raise('alert.changed', { kind = 'asked' }) end)"
  assert.same({ HOST .. "50 in 4.9 s" }, counted(requests(1, 11), "", off))
  local mute = "after('5s', function() each(function(id) change(id, { state = 'muted' }) end) end)"
  assert.same({ HOST .. "100 in 9.9 s" }, counted(requests(1, 11), "", mute))
end)

it("knows what is usual from when it is learned", function()
  local mode = "local learn = require 'learn' after('5s', function() learn.set_mode('ot_behaviour', 'detecting') end)"
  local both = requests(1, 11)
  table.move(requests(8, 11, "10.0.0.3"), 1, 30, #both + 1, both)
  table.sort(both, function(a, b) return a.at < b.at end)
  assert.same({ HOST .. "50 in 4.9 s", OTHER .. "30 in 2.9 s" }, counted(both, "usual = true", mode))
  assert.same({ OTHER .. "30 in 2.9 s" }, counted(both, "usual = 'untold'", mode))
end)

it("counts what is among others, and while all is captured", function()
  local both = requests(1, 31)
  table.move(requests(1, 31, "10.0.0.3"), 1, 300, #both + 1, both)
  table.sort(both, function(a, b) return a.at < b.at end)
  local seen = "local seen = state.set { name = 'seen', key = { 'mac', 'addr' } } "
    .. "after('10s', function() seen:add { mac '02:00:0a:00:00:01', addr '10.0.0.2' } end) "
  local many = "many = 10, within = '5s'"
  local asked = { "among = { seen, 'sender_mac', 'who_has' }", "when = function(e) return seen:has { e.sender_mac, e.who_has } end" }
  for _, how in ipairs(asked) do
    local lines = replay({ packets = both, code = seen .. rule(many .. ", " .. how) }).lines
    assert.same({ HOST .. "191 in 19.0 s" }, lines)
  end
  local lossy = "local coverage = require 'coverage' "
    .. "for _, s in ipairs { 20, 100 } do after(s, function() raise('capture.lossy', { share = 0.5 }) end) end "
  local whole = {}
  for i, how in ipairs { "whole = true", "when = function() return coverage.is_whole() end" } do
    whole[i] = replay({ packets = requests(1, 801), code = lossy .. rule(many .. ", " .. how) }).lines
  end
  assert.equal(1, #whole[1])
  assert.same(whole[2], whole[1])
end)

it("has settings in the conditions of a rule", function()
  local set = "after('5s', function() store.settings:set({ 'asked', 'least' }, 91) raise('alert.changed', { kind = 'asked' }) end)"
  local lines = counted(requests(1, 11), "settings = { least = 21 }, where = 'who_has and packet >= {least}'", set)
  assert.same({ HOST .. "40 in 7.9 s" }, lines)
end)
