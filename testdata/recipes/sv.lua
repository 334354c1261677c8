-- Sampled values of a substation: two merging units, samples that are lost, a clock that is lost, a restart, a fault, a test beside
-- the real stream, another revision; a stranger sends in a unit's name; damaged messages.

local sv = require "sv"

local w = ...
w:title "Sampled values of a substation"
w:duration "9s"
w.speaks_arp = false

local bay = w:host { name = "bay_mu", role = "ied", ip = "10.16.0.11", vendor = "siemens" }
local line = w:host { name = "line_mu", role = "ied", ip = "10.16.0.12", vendor = "siemens" }
local stranger = w:host { name = "stranger", role = "attacker", ip = "10.16.0.99", vendor = "raspberry_pi", os = "linux" }

local current = sv.stream { src = bay, appid = 0x4000, group = 1, id = "BAY1MU01" }
-- Five sets in a frame, named and told in full; what the values are stands in no frame.
local power = sv.stream { src = line, appid = 0x4001, group = 2, id = "LINE2MU01", sets = 5, dataset = "LINE2MU01/LLN0$PhsMeas",
  smp_rate = 100, smp_mod = 1, synch = 7, identity = "\0\27\27\255\254\1\2\3", refr_tm = 1715587200 }

w:every("0.01s", { from = "0.1s", to = "8.2s" }, function(n)
  if n >= 300 and n < 305 then -- not captured
    current.count = (current.count + 1) % current.rate
    return
  end
  if n == 430 then current.count = 0 end -- started anew
  local copied = n == 60 and current.count -- over both ways of a redundant network
  local fault = n >= 500 and n < 520
  sv.send(w, current, { synch = n >= 450 and 1 or 2, current = fault and 8000 or 400, quality = fault and 3 or 0 })
  if copied then sv.send(w, current, { count = copied }) end
end)
w:every("0.05s", { from = "0.12s", to = "8.2s" }, function(n)
  if n == 80 then power.conf_rev = 2 end
  if n == 100 then power.smp_rate, power.smp_mod = 80, 0 end
  power.refr_tm = 1715587200 + n // 20
  sv.send(w, power, { sample = string.pack(">ffff", 400.5, 401.25, 399.75, 49.98), signature = n >= 120 and "\1\2\3\4" })
end)

-- A tester's samples beside the real ones: marked, they disturb nobody.
w:at("6.005s", function()
  for i = 0, 4 do
    sv.send(w, current, { count = i, simulation = true })
    w:sleep(0.01)
  end
end)

-- A stranger tells of a quiet line, first by his own address, then by the unit's.
w:at("7.004s", function()
  w:attack("sv_spoofed", stranger, bay, { sv_id = current.id })
  for i = 1, 5 do
    sv.send(w, current, { src = stranger, count = (current.count + 30 + i) % 100, synch = 1, current = 0 })
    w:sleep(0.01)
  end
  w:attack("sv_spoofed", stranger, bay, { sv_id = current.id })
  for _ = 1, 5 do
    sv.send(w, current, { count = (current.count + 70) % 100, synch = 1, current = 0 })
    w:sleep(0.01)
  end
end)

-- What no parser should believe.
w:at("8.5s", function()
  w:fault("asdu_count", { source = bay.mac })
  sv.send(w, current, { synch = 1, says = 3 })
  w:fault("unknown_field", { source = bay.mac })
  sv.send(w, current, { synch = 1, tail = "\x8f\1\0" })
  w:fault("bad_length", { source = bay.mac })
  sv.send(w, current, { synch = 1, short = 4 })
  w:fault("missing_field", { source = bay.mac })
  sv.send(w, current, { synch = 1, sample = "" })
  sv.send(w, current, { synch = 3 })
  sv.send(w, current, { synch = 0 })
  w:fault("unknown_pdu", { source = stranger.mac })
  w:frame(stranger, nil, 0x88ba, "\x40\0\0\x0a\0\0\0\0\x61\0" .. ("\0"):rep(36))
  w:fault("truncated", { source = stranger.mac })
  w:frame(stranger, nil, 0x88ba, "\x40\0\0\x90\0\0\0\0\x60\x20" .. ("\0"):rep(36))
end)
