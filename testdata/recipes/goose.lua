-- GOOSE of a substation: two protection devices, a fault that is cleared, a restart, lost repetitions, a test, a changed
-- data set; a stranger sends in a device's name, and an old message is replayed; damaged messages.

local goose = require "goose"

local w = ...
w:title "GOOSE of a substation"
w:duration "40s"
w.speaks_arp = false

local bay = w:host { name = "bay", role = "ied", ip = "10.15.0.11", vendor = "siemens" }
local feeder = w:host { name = "feeder", role = "ied", ip = "10.15.0.12", vendor = "siemens" }
local stranger = w:host { name = "stranger", role = "attacker", ip = "10.15.0.99", vendor = "raspberry_pi", os = "linux" }

local GOOD <const> = goose.bits("\0\0", 3)
local function position(closed, current)
  return { goose.bool(closed), GOOD, goose.bits(closed and "\x80" or "\x40", 6), goose.structure(goose.int(7), goose.real(current)),
    goose.text "bay 1" }
end
local breaker = goose.publisher { src = bay, appid = 0x3001, group = 1, gocb = "BAY1LD0/LLN0$GO$gcbPos", dataset = "BAY1LD0/LLN0$Pos",
  go_id = "bay1", values = position(true, 412.5) }
local trip = goose.publisher { src = feeder, appid = 0x3002, group = 2, gocb = "FDR2PROT/LLN0$GO$gcbTrip",
  dataset = "FDR2PROT/LLN0$Trip", go_id = "feeder2", values = { goose.bool(false), GOOD } }

w:every("1s", { from = "0.5s", to = "9s" }, function() goose.send(w, breaker) end)
w:every("1s", { from = "0.7s", to = "38s" }, function() goose.send(w, trip) end)

-- A fault: the feeder trips, the breaker opens, and closes again.
w:at("4.2s", function()
  goose.change(w, trip, { goose.bool(true), GOOD })
  goose.change(w, breaker, position(false, 0))
end)
w:at("7.3s", function() goose.change(w, breaker, position(true, 398.25)) end)

-- Repetitions are lost, then a state; the bay is silent for some seconds and starts anew.
w:at("10s", function()
  breaker.sq = breaker.sq + 3
  goose.send(w, breaker)
  w:sleep(0.5)
  breaker.st, breaker.sq = breaker.st + 2, 0
  goose.send(w, breaker)
  w:sleep(5)
  breaker.st, breaker.sq = 1, 0
  goose.send(w, breaker)
end)

-- A test; a data set that was changed, and is not yet set up.
w:at("17s", function()
  goose.send(w, breaker, { simulation = true })
  w:sleep(0.5)
  goose.send(w, breaker)
  w:sleep(0.5)
  breaker.conf_rev, breaker.dataset = 2, "BAY1LD0/LLN0$PosNew"
  goose.send(w, breaker, { nds_com = true })
  w:sleep(0.5)
  goose.send(w, breaker)
end)

-- A stranger trips the feeder in its name; the feeder's own messages go on. Later he sends with its MAC address, and replays.
w:at("25s", function()
  w:attack("goose_spoofed", stranger, feeder, { gocb = trip.gocb })
  local values = trip.values
  trip.values = { goose.bool(false), GOOD }
  goose.send(w, trip, { src = stranger, st = trip.st + 1, sq = 0 })
  trip.values = values
  w:sleep(4)
  w:attack("goose_state", stranger, feeder, { gocb = trip.gocb })
  goose.send(w, trip, { src = feeder, st = trip.st + 9, sq = 0 })
  w:sleep(4)
  w:attack("goose_replay", stranger, feeder, { gocb = trip.gocb })
  goose.send(w, trip, { src = feeder, sq = 2 })
end)

-- What no parser should believe.
w:at("36s", function()
  w:fault("missing_field", { source = bay.mac })
  goose.send(w, breaker, { leave_out = 5 })
  w:fault("unknown_field", { source = bay.mac })
  goose.send(w, breaker, { tail = "\x8f\1\0" })
  w:fault("unknown_pdu", { source = stranger.mac })
  w:frame(stranger, nil, 0x88b8, "\x30\1\0\x0a\0\0\0\0\x60\0" .. ("\0"):rep(36))
  w:fault("truncated", { source = stranger.mac })
  w:frame(stranger, nil, 0x88b8, "\x30\1\0\x90\0\0\0\0\x61\x20" .. ("\0"):rep(36))
end)
