-- Attacks that are seen below the protocols: new machines, false addresses, scans, floods.

local arp = require "arp"
local dns = require "dns"
local grammar = require "factory.grammar"
local it = require "it_datagrams"
local tcp = require "tcp"
local wire = require "wire"
local world = require "world"

local kind = grammar.kind
local FLAG <const> = wire.FLAG

local COMMON_PORTS <const> = { 21, 22, 23, 25, 53, 80, 102, 110, 111, 135, 139, 143, 161, 389, 443, 445, 502, 512, 513, 514, 548, 554,
  587, 631,
  789, 993, 1089, 1433, 1521, 1723, 1883, 1911, 1962, 2049, 2222, 2404, 3306, 3389, 4000, 4840, 5000, 5007, 5060, 5432, 5900, 5985,
    6379, 8000,
  8080, 8443, 8883, 9100, 9600, 18245, 20000, 20547, 27017, 34964, 44818, 47808, 50000 }

-- What listens on a machine of this plant, as far as a scan would find out.
local function listens(host, port)
  local ports = { plc = { [80] = true }, server = { [80] = true, [443] = true, [445] = true }, pc = { [445] = true, [135] = true },
    switch = { [22] = true, [80] = true } }
  return (ports[host.role] or {})[port]
end

local function probe(a, target, port, style)
  if style == "syn" then
    local c = tcp.new(a.w, { client = a.source, server = target, port = port })
    c:segment("client", { flags = FLAG.syn, options = a.source.os:syn(c.sides.client.clock) })
    a.sleep(0.0004)
    if listens(target, port) then
      c.sides.client.seq = c.sides.client.seq + 1 & 0xffffffff
      c:segment("server", { flags = FLAG.syn | FLAG.ack, options = "\2\4\5\xb4" })
      c.sides.server.seq = c.sides.server.seq + 1 & 0xffffffff
      a.sleep(0.0002)
      c:reset("client")
    else
      c.sides.client.seq, c.sides.server.seq = c.sides.client.seq + 1 & 0xffffffff, 0
      c:segment("server", { flags = FLAG.rst | FLAG.ack, window = 0, options = "" })
    end
    return
  end
  local flags = ({ fin = FLAG.fin, null = 0, xmas = FLAG.fin | FLAG.psh | FLAG.urg })[style]
  grammar.segment(a, a.source, target, a.rng:range(33000, 60000), port, flags)
end

kind { name = "new-terminal", what = "a machine that was never here speaks", source = "stranger", p = { names = { 1, 6 } },
  act = function(a)
    for _ = 1, a.p.names do
      dns.lookup(a.w, a.source, a.site.dc, { name = "files.plant.example", answers = { { name = "files.plant.example", type = "A",
        address = a.site.files.ip } } })
      a.sleep(a.rng:range(5, 120))
    end
  end }

kind { name = "rogue-dhcp", what = "a second server gives out leases", source = "inside", target = "machine", p = { answers = { 1, 5 } },
  act = function(a)
    local all, nobody = world.group "255.255.255.255", setmetatable({ ip = "0.0.0.0", ip_bytes = "\0\0\0\0" }, { __index = a.target })
    for i = 1, a.p.answers do
      local xid = a.rng:u32()
      it.dhcp(a.w, nobody, all, { type = "discover", xid = xid, client = a.target, options = it.option(55, "\1\3\6") }, 68, 67)
      a.sleep(0.01)
      local given = it.option(54, a.source.ip_bytes) .. it.option(51, "\0\0\x0e\x10") .. it.option(1, "\255\255\240\0")
        .. it.option(3, a.source.ip_bytes) .. it.option(6, a.source.ip_bytes)
      for _, answer in ipairs { "offer", "ack" } do
        it.dhcp(a.w, a.source, all, { type = answer, xid = xid, client = a.target, reply = true, yiaddr = a.target.ip,
          options = given }, 67, 68)
        a.sleep(0.02)
        if answer == "offer" then
          it.dhcp(a.w, nobody, all, { type = "request", xid = xid, client = a.target, options = it.option(50, a.target.ip_bytes)
            .. it.option(54, a.source.ip_bytes) .. it.option(55, "\1\3\6") }, 68, 67)
          a.sleep(0.01)
        end
      end
      if i < a.p.answers then a.sleep(a.rng:range(60, 600)) end
    end
  end }

kind { name = "arp-spoof", what = "somebody tells others to be someone else", source = "inside", target = "link", p = { minutes = { 2,
  20 }, pause = { 0.5, 10, "log" } },
  act = function(a)
    local victim, plc = a.link.client, a.target
    for _ = 1, math.floor(a.p.minutes * 60 / a.p.pause) do
      arp.spoof(a.w, a.source, victim, plc)
      arp.spoof(a.w, a.source, plc, victim)
      a.sleep(a.p.pause)
    end
  end }

kind { name = "ip-conflict", what = "a second machine has an address that is in use", source = "nobody", target = "local_machine",
  p = { claims = { 2, 20 } },
  act = function(a)
    local twin = { name = "twin", ip = a.target.ip, ip_bytes = a.target.ip_bytes,
      mac_bytes = wire.mac(("b8:27:eb:%02x:%02x:%02x"):format(a.rng:below(256),
      a.rng:below(256), a.rng:below(256))), os = a.target.os, ip_id = 1, port = 50000 }
    a.row.parameters.twin = wire.mac_text(twin.mac_bytes)
    for _ = 1, a.p.claims do
      arp.gratuitous(a.w, twin)
      a.sleep(0.3)
      arp.gratuitous(a.w, a.target) -- defends its address
      a.sleep(a.rng:range(2, 60))
    end
  end }

kind { name = "port-scan", what = "one machine is asked for many ports", source = "inside", target = "plc",
  p = { ports = { 35, 600 }, pause = { 0.002, 0.5, "log" } },
  act = function(a)
    for i = 1, a.p.ports do
      probe(a, a.target, COMMON_PORTS[i] or 1000 + 7 * i, "syn")
      a.sleep(a.p.pause)
    end
  end }

kind { name = "port-scan-horizontal", what = "many machines are asked for one port", source = "inside", p = { hosts = { 30, 200 },
  pause = { 0.002, 0.5, "log" },
    port = { 502, 102, 44818, 445, 3389, 22, 23 } },
  act = function(a)
    local base = a.site.plc[1]
    for i = 1, a.p.hosts do
      local known = a.site.all[i]
      local ip = base.ip:match "^(.*)%.%d+$" .. "." .. (i % 254 + 1)
      local target = known and not known.beyond and known ~= a.source and known
      if target then
        probe(a, target, a.p.port, "syn")
      else
        arp.request(a.w, a.source, ip)
      end
      a.sleep(a.p.pause)
    end
  end }

kind { name = "port-scan-slow", what = "ports are tried one by one over hours", source = "inside", target = "server",
  p = { ports = { 40, 120 }, pause = { 15, 120, "log" } },
  act = function(a)
    for i = 1, a.p.ports do
      probe(a, a.target, COMMON_PORTS[i] or 2000 + 11 * i, "syn")
      a.sleep(a.p.pause * (0.5 + a.rng:float()))
    end
  end }

kind { name = "port-scan-stealth", what = "segments that no connection begins with", source = "inside", target = "plc",
  p = { ports = { 30, 300 },
    pause = { 0.005, 0.3, "log" }, style = { "fin", "null", "xmas" } },
  act = function(a)
    for i = 1, a.p.ports do
      probe(a, a.target, COMMON_PORTS[i] or 1000 + 7 * i, a.p.style)
      a.sleep(a.p.pause)
    end
  end }

kind { name = "port-scan-udp", what = "datagrams to many ports, most answered by ICMP", source = "inside", target = "plc",
  p = { ports = { 30, 300 }, pause = { 0.01, 0.8, "log" } },
  act = function(a)
    for i = 1, a.p.ports do
      local port = ({ 53, 67, 69, 123, 137, 161, 500, 1900, 2222, 5353, 9600, 44818, 47808 })[i] or 3000 + 13 * i
      local sport = a.rng:range(33000, 60000)
      a.w:udp(a.source, sport, a.target, port, ("\0"):rep(8))
      a.sleep(0.001)
      if i % 3 ~= 0 then
        local quoted = wire.ipv4({ src = a.source.ip_bytes, dst = a.target.ip_bytes, proto = 17, ttl = 64 },
          wire.udp(a.source.ip_bytes, a.target.ip_bytes, sport, port, ("\0"):rep(8)))
        grammar.raw(a, a.target, a.source, wire.PROTO.icmp, wire.icmp(3, 3, "\0\0\0\0" .. quoted))
      end
      a.sleep(a.p.pause)
    end
  end }

kind { name = "arp-scan", what = "every address of the network is asked for", source = "inside", p = { hosts = { 60, 254 },
  pause = { 0.005, 1, "log" } },
  act = function(a)
    local base = (a.source.beyond and a.site.plc[1] or a.source).ip:match "^(.*)%.%d+$"
    for i = 1, a.p.hosts do
      arp.request(a.w, a.source, base .. "." .. i)
      a.sleep(a.p.pause)
    end
  end }

kind { name = "ping-sweep", what = "every address is pinged", source = "inside", p = { hosts = { 40, 200 }, pause = { 0.01, 1, "log" } },
  act = function(a)
    for i = 1, math.min(a.p.hosts, #a.site.all) do
      local host = a.site.all[i]
      if not host.beyond and host ~= a.source then a.w:ping(a.source, host, i) end
      a.sleep(a.p.pause)
    end
  end }

kind { name = "syn-flood", what = "connections are begun by the thousand and never finished", source = "inside", target = "server",
  p = { a_second = { 100, 1500 }, seconds = { 15, 60 },
    port = { 80, 443, 445, 1433 } },
  act = function(a)
    for _ = 1, a.p.a_second * a.p.seconds do
      grammar.segment(a, a.source, a.target, a.rng:range(1024, 65535), a.p.port, FLAG.syn)
      a.sleep(1 / a.p.a_second)
    end
  end }

kind { name = "icmp-flood", what = "echo requests by the thousand", source = "inside", target = "plc", p = { a_second = { 50, 800 },
  seconds = { 20, 90 } },
  act = function(a)
    for i = 1, a.p.a_second * a.p.seconds do
      grammar.raw(a, a.source, a.target, wire.PROTO.icmp, wire.icmp(8, 0, string.pack(">I2I2", 77, i & 0xffff) .. ("x"):rep(56)))
      a.sleep(1 / a.p.a_second)
    end
  end }

kind { name = "broadcast-storm", what = "a loop or a broken card: broadcasts without end", source = "controller",
  p = { a_second = { 300, 3000 }, seconds = { 10, 60 } },
  act = function(a)
    for i = 1, a.p.a_second * a.p.seconds do
      local body = wire.arp(1, a.source.mac_bytes, a.source.ip_bytes, ("\0"):rep(6), wire.ip(a.site.router.ip:match "^(.*)%.%d+$"
        .. "." .. (i % 250 + 1)))
      a.w:emit(wire.ethernet(wire.BROADCAST, a.source.mac_bytes, 0x0806, body))
      a.sleep(1 / a.p.a_second)
    end
  end }

kind { name = "other-subnet-host", what = "a machine of another network on this wire, as behind a mobile modem", source = "machine",
  p = { visits = { 5, 40 } },
  act = function(a)
    local net = ("192.168.%d"):format(a.rng:pick { 225, 42, 8, 137 })
    local modem = grammar.stranger(a, { name = "modem-" .. a.rng:u32(), ip = net .. ".1", vendor = "tplink", os = "linux" })
    local second = grammar.stranger(a, { name = "second-" .. a.rng:u32(), ip = net .. "." .. a.rng:range(20, 200), mac = a.source.mac,
      os = "windows" })
    a.row.parameters.new_ip, a.row.parameters.modem, a.row.parameters.modem_mac = second.ip, modem.ip, modem.mac
    for _ = 1, a.p.visits do
      arp.resolve(a.w, second, modem)
      dns.lookup(a.w, second, modem, { name = "connectivity.vendor.example", answers = { { name = "connectivity.vendor.example",
        type = "A",
        address = "198.51.100.77" } } })
      a.sleep(a.rng:range(5, 90))
    end
  end }

kind { name = "malformed-storm", what = "frames that no stack would send", source = "inside", target = "plc", p = { frames = { 30,
  400 }, pause = { 0.01, 0.5, "log" } },
  act = function(a)
    for i = 1, a.p.frames do
      local way = i % 4
      if way == 0 then
        grammar.raw(a, a.source, a.target, 6, a.rng:bytes(8))
      elseif way == 1 then
        grammar.raw(a, a.source, a.target, 17, string.pack(">I2I2I2I2", 4000, 502, 900, 0) .. a.rng:bytes(12))
      elseif way == 2 then
        grammar.raw(a, a.source, a.target, 6, string.pack(">I2I2I4I4BBI2I2I2", 4000, 502, 1, 0, 0x20, 2, 0, 0, 0))
      else
        grammar.raw(a, a.source, a.target, 6, a.rng:bytes(40), function(packet) return packet:sub(1, 2) .. "\5\xdc" .. packet:sub(5) end)
      end
      a.sleep(a.p.pause)
    end
  end }
