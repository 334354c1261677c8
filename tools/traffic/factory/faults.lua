-- What goes wrong without anybody's ill will: controllers that stop, slow down, restart; a mirror port that loses packets, a
-- clock that jumps; and what looks like an attack and is none (kinds that begin with "benign-").

local arp = require "arp"
local dns = require "dns"
local grammar = require "factory.grammar"
local habits = require "factory.habits"
local it_text = require "it_text"
local small = require "factory.small"
local tcp = require "tcp"

local kind = grammar.kind

local function steady(l) return l.link.period <= 30 end

kind { name = "polling-stops", what = "a master stops asking", source = "master", target = "link", link = steady, p = { minutes = { 15,
  120 } },
  act = function(a)
    a.link.link:pause()
    a.sleep(a.p.minutes * 60)
    a.link.link:resume()
  end }

local function changed(a, what, back)
  a.link.link:change(what)
  a.sleep(a.p.minutes * 60)
  a.link.link:change(back)
end

kind { name = "polling-slows", what = "a master asks more seldom", source = "master", target = "link", link = steady,
  p = { minutes = { 20, 120 }, factor = { 3, 8 } },
  act = function(a)
    local period = a.link.link.period
    changed(a, { period = period * a.p.factor }, { period = period })
  end }

kind { name = "polling-quickens", what = "a master asks more often", source = "master", target = "link",
  link = function(l) return l.link.period >= 2 and l.link.period <= 60 end,
  p = { minutes = { 20, 120 }, factor = { 3, 6 } }, act = function(a)
    local period = a.link.link.period
    changed(a, { period = math.max(0.3, period / a.p.factor) }, { period = period })
  end }

kind { name = "polling-jitters", what = "a master asks unevenly", source = "master", target = "link", link = steady,
  p = { minutes = { 20, 120 } },
  act = function(a)
    local jitter = a.link.link.jitter
    changed(a, { jitter = 0.95 }, { jitter = jitter })
  end }

kind { name = "answers-missing", what = "a controller leaves requests unanswered", source = "master", target = "link", link = steady,
  p = { minutes = { 10, 60 }, share = { 0.3, 1, "log" } },
  act = function(a) changed(a, { mute = a.p.share }, { mute = 0 }) end }

kind { name = "answers-slow", what = "a controller answers late", source = "master", target = "link",
  link = function(l) return l.link.period >= 2 and l.link.period <= 30 end,
  p = { minutes = { 10, 60 }, delay = { 0.15, 0.8, "log" } }, act = function(a) changed(a, { slow = a.p.delay }, { slow = 0 }) end }

kind { name = "plc-restart", what = "a controller restarts; its masters knock until it is back", source = "nobody", target = "link",
  p = { seconds = { 20, 180 }, times = { 1, 4 } },
  act = function(a)
    for n = 1, a.p.times do
      local links = a.life:links_to(a.target)
      for _, l in ipairs(links) do
        l.busy = true
        l.link:stop(false)
      end
      local tries = math.max(1, a.p.seconds // 10)
      for _ = 1, tries do
        for _, l in ipairs(links) do
          if not l.link.protocol.udp then tcp.probe(a.w, l.client, a.target, l.link.protocol.port, true) end
        end
        a.sleep(a.p.seconds / tries)
      end
      arp.gratuitous(a.w, a.target)
      a.sleep(2)
      for _, l in ipairs(links) do
        l.link:start()
        l.busy = l == a.link or nil
        a.sleep(0.5)
      end
      if n < a.p.times then a.sleep(a.rng:range(120, 400)) end
    end
  end }

kind { name = "mirror-loss", what = "the mirror port loses a share of the packets", source = "nobody", p = { share = { 0.03, 0.4,
  "log" }, minutes = { 10, 60 } },
  act = function(a)
    a.stage.writer.capture(a.p.share, 0)
    a.sleep(a.p.minutes * 60)
    a.stage.writer.capture(0, 0)
  end }

kind { name = "clock-jump", what = "the sensor's clock is wrong for a while", source = "nobody", p = { seconds = { 30, 240 },
  minutes = { 10, 60 }, way = { "forward", "back" } },
  act = function(a)
    a.stage.writer.capture(0, (a.p.way == "forward" and 1 or -1) * a.p.seconds * 1000000000)
    a.sleep(a.p.minutes * 60)
    a.stage.writer.capture(0, 0)
  end }

-- Look-alikes ----------------------------------------------------------------------------------------------------------

kind { name = "benign-new-printer", what = "a printer that was announced", source = "stranger", target = "machine", p = { prints = { 3,
  15 } }, hours = "work",
  act = function(a)
    for _ = 1, a.p.prints do
      dns.mdns_answer(a.w, a.source, { { name = "_ipp._tcp.local", type = "PTR", ttl = 4500, target = a.source.name
        .. "._ipp._tcp.local" } })
      local client = a.rng:pick(a.site.pc)
      it_text.talk(a.w, "print", { client = client, server = a.source, port = 9100 }, small.print_job(a.rng, a.rng:range(1, 6)))
      a.sleep(a.rng:range(60, 900))
    end
  end }

kind { name = "benign-new-machine", what = "a machine of someone new, announced", source = "stranger", p = { lookups = { 3, 20 } },
  hours = "work",
  act = function(a)
    a.source.dhcp = true
    habits.boot(a.stage, a.source, a.site, a.rng)
    for _ = 1, a.p.lookups do
      dns.lookup(a.w, a.source, a.site.dc, { name = "intranet.works.example", answers = { { name = "intranet.works.example",
        type = "A", address = "10.1.2.3" } } })
      a.sleep(a.rng:range(30, 600))
    end
  end }

kind { name = "benign-lease-moves", what = "a machine comes back from a holiday with another address", source = "machine",
  p = { hours = { 4, 9 } }, hours = "work",
  act = function(a)
    local host, before = a.source, a.source.ip
    a.row.parameters.before = before
    a.stage:move(host, a.site:next_lease())
    a.row.parameters.after = host.ip
    habits.boot(a.stage, host, a.site, a.rng)
    a.sleep(a.p.hours * 3600)
  end }

kind { name = "benign-visit", what = "the engineer looks at a controller outside of the usual days", source = "engineer",
  target = "plc", hours = "work", p = { reads = { 2, 10 } },
  act = function(a)
    grammar.session(a, a.source, a.target, function(raw, protocol)
      protocol.identify(raw, a.target)
      for i = 1, a.p.reads do
        protocol.read(raw, a.target, i % 4 + 1)
        a.sleep(a.rng:range(1, 30))
      end
    end)
  end }
