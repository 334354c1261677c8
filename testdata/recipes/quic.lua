-- QUIC: initial packets of versions 1, 2 and draft 29, hellos in pieces and out of order, a retry, early data, another version asked
-- for, packets that lie.

local quic = require "quic"
local tls = require "tls"

local w = ...
w:title "QUIC 1, 2 and draft 29: hellos in initial packets, whole, in pieces, retried; damaged"
w:duration "40s"

local pc = w:host { name = "office-pc", role = "workstation", ip = "10.7.0.20", ip6 = "fd00:7::20", vendor = "vmware", os = "windows" }
local cloud = w:host { name = "cloud", role = "server", ip = "198.51.100.5", ip6 = "fd00:7::5", vendor = "yamaha", os = "linux" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.7.0.99", vendor = "raspberry_pi", os = "linux" }

local function hello(rng, name, more)
  local extensions = { tls.versions { 0x0304 }, tls.extension(51, string.pack(">s2", string.pack(">I2s2", 29, rng:bytes(32)))),
    tls.extension(57, "\1\4\x80\0\x75\x30\3\2\x45\xc0") }
  for _, extension in ipairs(more or {}) do extensions[#extensions + 1] = extension end
  return tls.message("client_hello", tls.client_hello { random = rng:bytes(32), ciphers = { 0x1301, 0x1302, 0x1303 },
    extensions = tls.offer(name, { "h3" }, extensions) })
end

local function answer(rng)
  return tls.message("server_hello", tls.server_hello { random = rng:bytes(32), cipher = 0x1301, extensions = { tls.extension(43, "\3\4"),
    tls.extension(51, string.pack(">I2s2", 29, rng:bytes(32))) } })
end

-- o: version, sport, port, name, pieces (CRYPTO frames of each packet of the client: lists of { from, to }), retry, early,
-- server_version, more
local function talk(o)
  local rng = w:chance_of("quic " .. o.sport)
  local version, server_version = o.version or quic.V1, o.server_version or o.version or quic.V1
  local client, server, port = o.client or pc, cloud, o.port or 443
  local dcid, scid, theirs = rng:bytes(8), o.scid or "", rng:bytes(8)
  local function up(data) w:udp(client, o.sport, server, port, data, o.options) w:sleep(0.003) end
  local function down(data) w:udp(server, port, client, o.sport, data, o.options) w:sleep(0.003) end
  w.truth:add("quic", { client = client.ip, server = server.ip, port = port, name = o.name }, { connections = 1 })
  local token = ""
  local keys = quic.keys(version, dcid, "client in")
  local message = hello(rng, o.name, o.more)
  local function initial(number, frames)
    return quic.initial { version = version, dcid = dcid, scid = scid, token = token, number = number, keys = keys,
      frames = frames .. quic.padding(math.max(0, 1162 - #frames)) }
  end
  if o.negotiate then
    up(quic.other(quic.INITIAL, { version = 0x1a2a3a4a, dcid = dcid, scid = scid }, 1100, rng))
    down(quic.negotiation(scid, dcid, { quic.V1, quic.V2 }))
  end
  if o.retry then
    up(initial(0, quic.crypto(0, message)))
    token = rng:bytes(40)
    down(quic.retry({ version = version, dcid = scid, scid = theirs }, token, rng))
    dcid, keys = theirs, quic.keys(version, theirs, "client in")
  end
  for i, frames in ipairs(o.pieces or { { { 0, #message } } }) do
    local out = {}
    for _, piece in ipairs(frames) do
      out[#out + 1] = quic.crypto(piece[1], message:sub(piece[1] + 1, math.min(piece[2], #message))) .. quic.PING
    end
    up(initial(i, table.concat(out)))
  end
  if o.early then up(quic.other(quic.ZERO_RTT, { version = version, dcid = dcid, scid = scid }, 300, rng)) end
  local back = { version = server_version, dcid = scid, scid = theirs }
  back.number, back.keys = 0, quic.keys(server_version, dcid, "server in")
  back.frames = quic.ack(0) .. quic.crypto(0, answer(rng))
  down(quic.initial(back) .. quic.other(quic.HANDSHAKE, back, 700, rng))
  up(quic.other(quic.HANDSHAKE, { version = server_version, dcid = theirs, scid = scid }, 60, rng) .. quic.short(theirs, 40, rng))
  for _ = 1, 4 do
    down(quic.short(scid, 900, rng))
    up(quic.short(theirs, 30, rng))
  end
end

w:at(1, function() talk { sport = 50001, name = "cloud.plant.example" } end)
w:at(2, function() talk { sport = 50002, name = "cloud.plant.example", version = quic.V2, scid = "\1\2\3\4" } end)
w:at(3, function() talk { sport = 50003, name = "cloud.plant.example", version = quic.DRAFT29 } end)
w:at(4, function() talk { sport = 50004, name = "cloud.plant.example", server_version = quic.V2 } end) -- changed (RFC 9368)
w:at(5, function() -- out of order, twice, over two packets
  talk { sport = 50005, name = "pieces.plant.example", more = { tls.extension(21, ("\0"):rep(1200)) },
    pieces = { { { 900, 1100 }, { 100, 300 }, { 0, 100 }, { 250, 400 } }, { { 400, 900 }, { 1100, 9999 } } } }
end)
w:at(6, function() talk { sport = 50006, name = "cloud.plant.example", retry = true } end)
w:at(7, function() talk { sport = 50007, name = "cloud.plant.example", early = true, port = 20443 } end)
w:at(8, function() talk { sport = 50008, name = "cloud.plant.example", negotiate = true } end)
w:at(9, function() talk { sport = 50009, options = { ip6 = true } } end)

-- What lies: keys that do not fit, a length beyond the datagram, frames that have no place there, a hello that is none, one that ends
-- inside.
local rng = w:chance_of "lies"
local function lie(time, sport, make)
  w:at(time, function()
    local dcid = rng:bytes(8)
    local keys = quic.keys(quic.V1, dcid, "client in")
    local function initial(frames, other)
      return quic.initial { version = quic.V1, dcid = dcid, scid = "", number = 0, keys = other or keys,
        frames = frames .. quic.padding(1100 - #frames) }
    end
    for _, data in ipairs { make(initial) } do
      w:udp(stranger, sport, cloud, 443, data)
      w:sleep(0.01)
    end
  end)
end
lie(20, 51001, function(initial) return initial(quic.PING, quic.keys(quic.V1, "wrong", "client in")) end)
lie(21, 51002, function(initial) return initial(quic.PING), initial(quic.PING):sub(1, 200) end)
lie(22, 51003, function(initial) return initial "\8\0\0" end)
lie(23, 51004, function(initial) return initial(quic.crypto(0, "\2\0\0\5hello")), initial(quic.crypto(0, "never again")) end)
lie(24, 51005, function(initial) return initial(quic.crypto(0, "\1\0\2\0\3\3")), initial(quic.crypto(20000, "far away")) end)
lie(25, 51006, function(initial) return initial "\6\0\x7f\xff" end)
lie(26, 51007, function(initial) return initial(quic.crypto(0, "\1\xff\xff\xff")) end)
lie(27, 51008, function(initial)
  return initial(quic.crypto(0, tls.message("client_hello", "\3\3" .. rng:bytes(40)))), initial "\x1c\0\0\0"
end)
