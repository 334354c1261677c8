-- TCP handshakes of several stacks, near and behind routers, over IPv4 and IPv6: what a fingerprint of systems lives on. The signatures in
-- testdata/data/p0f.fp know most of them.

local tcp = require "tcp"
local plant = require "plant"
local wire = require "wire"

local w = ...
w:title "TCP handshakes of several stacks: near, far, with quirks, refused"
w:duration "30s"

local option = wire.tcp_option
local FLAG <const> = wire.FLAG

local function stack(base, changes)
  return setmetatable(changes, { __index = plant.OS[base] })
end

local linux = w:host { name = "linux", role = "server", ip = "10.9.0.10", ip6 = "fe80::10", vendor = "dell", os = "linux" }
local windows = w:host { name = "windows", role = "workstation", ip = "10.9.0.20", ip6 = "fe80::20", vendor = "vmware", os = "windows" }
local xp = w:host { name = "xp", role = "hmi", ip = "10.9.0.21", vendor = "advantech", os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.9.0.11", ip6 = "fe80::11", vendor = "siemens" }
local odd = w:host { name = "odd", role = "unknown", ip = "10.9.0.30", vendor = "yamaha", os = "linux" }
local scanner = w:host { name = "scanner", role = "unknown", ip = "10.9.0.99", vendor = "raspberry_pi", os = "linux" }

xp.os = stack("windows", { window = 16384, scale = 0, syn = function(os)
  return option.mss(os.mss) .. option.nop .. option.nop .. option.sack_permitted
end })
-- a window of its own: the family is known, the version is not
odd.os = stack("linux", { window = 5555 })

local function talk(time, client, server, options)
  w:at(time, function()
    options = options or {}
    options.client, options.server, options.port = client, server, options.port or 502
    local c = tcp.new(w, options):open()
    c:send("client", "\0\1\0\0\0\6\1\3\0\0\0\1")
    w:sleep(0.002)
    c:send("server", "\0\1\0\0\0\5\1\3\2\0\7")
    w:sleep(0.1)
    c:close()
  end)
end

talk(1, linux, plc)
talk(2, windows, plc)
talk(3, xp, plc)
talk(4, odd, linux)
talk(5, windows, linux)
talk(6, linux, xp)
talk(7, linux, windows, { ip6 = true })
talk(8, plc, linux)
talk(9, windows, plc, { ttl = 115 }) -- thirteen routers away
talk(10, xp, plc, { ttl = 60 }) -- further than anything is
talk(11, linux, plc, { mss = 536 })

-- A SYN made by hand: its window, options and flags. quirks of headers no stack has.
local function syn(time, client, server, segment, options)
  w:at(time, function()
    options = options or {}
    options.client, options.server, options.port = client, server, options.port or 502
    local c = tcp.new(w, options)
    segment.flags = FLAG.syn | (segment.flags or 0)
    c:segment("client", segment)
    w:sleep(0.0004)
    c.sides.server.seq = 0
    c:segment("server", { flags = FLAG.rst | FLAG.ack, window = 0, options = "" })
  end)
end

for port = 1, 5 do
  syn(15 + port * 0.01, scanner, plc, { window = 1024, options = option.mss(1460) }, { port = 100 + port, ttl = 64 - port })
end
syn(16, scanner, linux, { window = 512, options = "" })
syn(17, scanner, linux, { seq = 0, window = 3, flags = FLAG.urg | FLAG.psh, options = option.mss(1460) .. "\3\3\15" .. "\0" })
syn(18, scanner, linux, { window = 4096, options = "\2\3\5\0" })
syn(19, scanner, linux, { window = 4096, options = "\8\10" .. ("\0"):rep(4) .. "\0\0\0\9" .. "\0\1" })
