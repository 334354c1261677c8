-- Attacks on controllers in their own protocols: who should not programs, stops, writes, looks around, or does it in an
-- unheard-of way.

local grammar = require "factory.grammar"
local it = require "it_datagrams"
local polling = require "factory.polling"

local kind = grammar.kind
local session = grammar.session

-- A verb of the protocol, said in a session by whoever it is.
local function verb(name, what, needs, source, more)
  more = more or {}
  kind { name = name, what = what, needs = needs, source = source, target = "plc", p = more.p, hours = more.hours,
    act = function(a)
      session(a, a.source, a.target, function(raw, protocol) (more.say or function(_, r, p) p[needs](r, a.target) end)(a, raw,
        protocol) end)
    end }
end

verb("plc-stop", "a controller is stopped by a machine that never programs", "stop", "not_engineer")
verb("plc-stop-engineer", "a controller is stopped by its engineer's machine at night", "stop", "engineer", { hours = "night" })
verb("plc-reset", "a controller is reset", "reset", "not_engineer")
verb("plc-mode", "a controller's mode is changed", "mode", "not_engineer")
verb("program-download", "a program is loaded by a machine that never programs", "download", "not_engineer", { p = { blocks = { 2, 8 } },
  say = function(a, raw, protocol) protocol.download(raw, a.rng, 256 * a.p.blocks) end })
verb("program-download-night", "a program is loaded by the engineer's machine at night", "download", "engineer", { hours = "night",
  p = { blocks = { 2, 8 } },
  say = function(a, raw, protocol) protocol.download(raw, a.rng, 256 * a.p.blocks) end })
verb("program-upload", "a program is read by a machine that never programs", "upload", "not_engineer", { p = { blocks = { 2, 8 } },
  say = function(a, raw, protocol) protocol.upload(raw, a.rng, 256 * a.p.blocks) end })

kind { name = "firmware-write", what = "firmware is sent to a device by TFTP", source = "inside", target = "controller",
  p = { kilobytes = { 60, 300 } },
  act = function(a)
    it.tftp(a.w, a.source, a.target, { op = "write", name = "firmware_v4.bin", data = ("\x7fELF"):rep(256 * a.p.kilobytes),
      port = a.rng:range(50000, 60000),
      server_port = a.rng:range(30000, 40000) })
  end }

kind { name = "write-by-stranger", what = "a machine writes to a controller that it never wrote to", source = "inside", target = "plc",
  p = { writes = { 1, 12 }, value = { 0, 3000 } },
  act = function(a)
    session(a, a.source, a.target, function(raw, protocol)
      for _ = 1, a.p.writes do
        protocol.write(raw, a.target, a.p.value)
        a.sleep(a.rng:range(1, 20))
      end
    end)
  end }

local function operated(l) return l.operators and l.link.write >= 0 end

kind { name = "value-out-of-range", what = "the panel writes a set point that it never wrote", source = "master", target = "link",
  link = operated,
  p = { times = { 2, 12 }, writes = { 1, 5 } }, act = function(a)
    local low, span = a.link.link.set_point[1], a.link.link.set_point[2]
    a.row.parameters.normal = { low, low + span }
    a.row.parameters.value = math.min(30000, low + span * (1 + a.p.times))
    for _ = 1, a.p.writes do
      a.link.link:write_value(a.row.parameters.value)
      a.sleep(a.rng:range(5, 120))
    end
  end }

kind { name = "set-point-creep", what = "the panel's set point rises in small steps out of its range", source = "master",
  target = "link", link = operated,
  p = { steps = { 15, 50 }, pause = { 60, 400 }, beyond = { 0.5, 1.5, "log" } }, act = function(a)
    local low, span = a.link.link.set_point[1], a.link.link.set_point[2]
    a.row.parameters.normal = { low, low + span }
    for i = 1, a.p.steps do
      a.link.link:write_value(math.floor(low + span / 2 + (0.5 + a.p.beyond) * span * i / a.p.steps))
      a.sleep(a.p.pause * (0.7 + 0.6 * a.rng:float()))
    end
  end }

kind { name = "new-function", what = "a known master uses a function that it never used", source = "master", target = "link",
  p = { times = { 1, 6 } },
  act = function(a)
    for _ = 1, a.p.times do
      a.link.link:insert(function(raw, plc) a.link.link.protocol.new_function(raw, plc) end)
      a.sleep(a.rng:range(5, 120))
    end
  end }

kind { name = "new-range", what = "a known master reads where it never read", source = "master", target = "link", p = { at = { 20000,
  50000 }, times = { 1, 20 } },
  act = function(a)
    for _ = 1, a.p.times do
      a.link.link:insert(function(raw, plc) a.link.link.protocol.new_range(raw, plc, a.p.at) end)
      a.sleep(a.rng:range(5, 60))
    end
  end }

kind { name = "new-master", what = "a machine begins to poll a controller", source = "inside", target = "plc", p = { period = { 1,
  30 }, minutes = { 10, 120 } },
  act = function(a)
    local link = polling.new { stage = a.stage, rng = a.rng, client = a.source, server = a.target, period = a.p.period, jitter = 0.05,
      polls = 1, kind = 3, first = 1 }
    link:start()
    a.sleep(a.p.minutes * 60)
    link:stop(true)
  end }

kind { name = "function-scan", what = "one function after the other is tried at a controller", needs = "function_scan",
  source = "inside", target = "plc",
  p = { functions = { 30, 120 }, pause = { 0.01, 2, "log" } }, act = function(a)
    session(a, a.source, a.target, function(raw, protocol) protocol.function_scan(raw, a.p.functions, a.w, a.p.pause) end)
  end }

kind { name = "unit-scan", what = "one unit after the other is tried behind a gateway", needs = "unit_scan", source = "inside",
  target = "plc",
  p = { units = { 30, 247 }, pause = { 0.01, 1, "log" } }, act = function(a)
    session(a, a.source, a.target, function(raw, protocol) protocol.unit_scan(raw, a.p.units, a.w, a.p.pause) end)
  end }

kind { name = "controller-survey", what = "every controller is asked who it is", source = "inside", p = { pause = { 0.2, 20, "log" } },
  act = function(a)
    for _, plc in ipairs(a.site.plc) do
      session(a, a.source, plc, function(raw, protocol) protocol.identify(raw, plc) end)
      a.sleep(a.p.pause)
    end
  end }

kind { name = "exception-series", what = "a known master asks for what is not there, again and again", source = "master",
  target = "link", p = { requests = { 15, 120 },
    pause = { 0.2, 5, "log" } }, act = function(a)
    for _ = 1, a.p.requests // 5 do
      a.link.link:insert(function(raw, _, w) a.link.link.protocol.exceptions(raw, 5, w, math.min(a.p.pause, 1)) end)
      a.sleep(5 * a.p.pause + 1)
    end
  end }

kind { name = "malformed-requests", what = "requests that a parser stumbles over, as exploits begin", needs = "malformed",
  source = "inside", target = "plc",
  p = { requests = { 5, 60 }, pause = { 0.05, 3, "log" } }, act = function(a)
    session(a, a.source, a.target, function(raw, protocol) protocol.malformed(raw, a.p.requests, a.w, a.p.pause, a.rng) end)
  end }
