-- TLS, DTLS and SSL 2: handshakes whole and in pieces, resumed, refused, lost, joined, old, and messages that lie.

local tcp = require "tcp"
local tls = require "tls"

local w = ...
w:title "TLS 1.0 to 1.3, SSL 2 and 3, DTLS: whole, in pieces, damaged; certificates good and bad"
w:duration "60s"

local pack = string.pack
local hmi = w:host { name = "hmi", role = "hmi", ip = "10.6.0.21", vendor = "advantech", os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.6.0.31", vendor = "siemens" }
local broker = w:host { name = "broker", role = "server", ip = "10.6.0.5", vendor = "dell", os = "linux" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.6.0.99", vendor = "raspberry_pi", os = "linux" }
local rng = w:chance_of "certificates"

local root <const> = tls.certificate({ subject = { "C", "JP", "O", "Example Works, Inc.", "CN", "Example Root" }, ca = true, path = 1,
  serial = "\0\xf1\x69" }, rng)
local leaf <const> = tls.certificate({ subject = { "O", "Example Works", "CN", "broker.plant.example" },
  issuer = { "O", "Example Works, Inc.", "CN", "Example Root" }, ca = false, names = { "dns", "broker.plant.example", "dns",
    "*.mqtt.plant.example", "ip", "\10\6\0\5", "ip", ("\xfd" .. ("\0"):rep(14) .. "\5"), "uri", "urn:plant.example:broker",
    "email", "it@plant.example" } }, rng)
local machine <const> = tls.certificate({ subject = { "O", "Example Machines", "OU", "S7-EX", "CN", "PLC-7", "serialNumber", "EX-0042-17" },
  from = "100101000000Z", to = "200101000000Z", bits = 1024, signature = "2a864886f70d010105" }, rng)
local future <const> = tls.certificate({ subject = { "CN", "clock.plant.example" }, from = "450101000000Z", to = "480101000000Z",
  curve = "2a8648ce3d030107", signature = "2a8648ce3d040302" }, rng)

local function talk(o)
  o.client, o.server, o.port = o.client or hmi, o.server or broker, o.port or 8883
  o.chain = o.chain or (o.name == "broker.plant.example" and not o.piece and { leaf, root } or { leaf })
  return tls.connection(w, o)
end

-- Handshakes ---------------------------------------------------------------------------------------------------------

w:at(1, function() talk { name = "broker.plant.example", protocols = { "mqtt" }, protocol = "mqtt", status = true } end)
w:at(2, function() talk { name = "edge.mqtt.plant.example", port = 20883 } end)
w:at(3, function() talk { name = "10.6.0.5", client_chain = { machine } } end)
w:at(4, function() talk { name = "broker.plant.example", session = ("s"):rep(32) } end)
w:at(5, function() talk { server = plc, port = 443, chain = { machine }, version = 0x0301, cipher = 0x002f, no_exchange = true } end)
w:at(6, function()
  talk { server = plc, port = 443, chain = { future }, version = 0x0300, cipher = 0x0005, no_exchange = true, extensions = {} }
end)
w:at(7, function() talk { name = "broker.plant.example", alert = "\2\x46" } end)
w:at(8, function() talk { name = "broker.plant.example", alert = "\1\x70" } end)

-- In pieces: records that cut messages and their headers, segments that cut records.
w:at(9, function() talk { name = "broker.plant.example", piece = 50 } end)
w:at(10, function() talk { name = "broker.plant.example", piece = 3, chain = { future } } end)
w:at(11, function() talk { name = "broker.plant.example", cut = { 1, 2, 3, 1, 1, 40, 7, 300 } } end)

-- Data: large records, one with a segment lost inside, one with its header lost.
w:at(12, function()
  talk { name = "broker.plant.example", data = { 40, 4000, 20, 5000, 30, 4000, 60 }, loss = { [4] = { lose = { [3] = true, [4] = true } },
    [6] = { lose = { [1] = true } } } }
  w:fault("lost", { orig = hmi.ip, resp = broker.ip })
end)
w:at(13, function() talk { name = "one.plant.example", see = "client" } end)
w:at(14, function() talk { name = "one.plant.example", see = "server" } end)

-- Joined in the middle, on a port that says so and on another one.
for i, port in ipairs { 443, 20443 } do
  w:at(14 + i, function()
    local c = tcp.new(w, { client = hmi, server = broker, port = port })
    for n = 1, 4 do
      c:send(n % 2 == 1 and "client" or "server", tls.record(tls.DATA, rng:bytes(100 * n)) .. tls.record(tls.DATA, rng:bytes(90)))
      w:sleep(0.1)
    end
    c:close()
  end)
end

-- TLS 1.3: accepted, with a retry, with a key shared before and early data, a draft, without changes of cipher.
local function share(group) return tls.extension(51, pack(">I2s2", group, rng:bytes(group == 29 and 32 or 97))) end
local function shares(group) return tls.extension(51, pack(">s2", pack(">I2s2", group, rng:bytes(group == 29 and 32 or 97)))) end
local GREASE <const> = 0x2a2a

local function talk_13(o)
  local client = o.client or hmi
  local c = tcp.new(w, { client = client, server = broker, port = o.port or 443 }):open()
  local session = o.bare and "" or ("x"):rep(32)
  local chosen = o.chosen or 0x0304
  local function hello(group)
    local more = { tls.versions { GREASE, chosen, 0x0303 }, tls.extension(45, "\1\1"), shares(group), tls.extension(GREASE, "\0") }
    if o.psk then
      more[#more + 1] = tls.extension(42, "")
      more[#more + 1] = tls.extension(41, pack(">s2s2", pack(">s2I4", rng:bytes(60), 7), pack("s1", rng:bytes(32))))
    end
    return tls.message("client_hello", tls.client_hello { random = rng:bytes(32), session = session,
      ciphers = { GREASE, 0x1301, 0x1302, 0x1303 }, extensions = tls.offer(o.name, o.protocols, more) })
  end
  local function answer(fields)
    fields.random, fields.session, fields.cipher = rng:bytes(32), session, 0x1301
    return tls.record(tls.HANDSHAKE, tls.message("server_hello", tls.server_hello(fields)))
  end
  local supported = tls.extension(43, pack(">I2", chosen))
  local change = o.bare and "" or tls.record(tls.CHANGE, "\1")
  c:send("client", tls.record(tls.HANDSHAKE, hello(29), 0x0301) .. (o.psk and change .. tls.record(tls.DATA, rng:bytes(80)) or ""))
  w:sleep(0.001)
  if o.retry then
    c:send("server", answer { retry = true, extensions = { supported, tls.extension(51, pack(">I2", 24)) } } .. change)
    w:sleep(0.001)
    c:send("client", change .. tls.record(tls.HANDSHAKE, hello(24)))
    w:sleep(0.001)
  end
  local extensions = { supported, share(o.retry and 24 or 29), o.psk and tls.extension(41, "\0\0") or nil }
  c:send("server", answer { extensions = extensions } .. (o.retry and "" or change) .. tls.record(tls.DATA, rng:bytes(700)))
  w:sleep(0.001)
  if o.refused then
    c:send("client", tls.record(tls.ALERT, "\2\x30"))
  else
    c:send("client", ((o.retry or o.psk) and "" or change) .. tls.record(tls.DATA, rng:bytes(58)) .. tls.record(tls.DATA, rng:bytes(100)))
    w:sleep(0.01)
    c:send("server", tls.record(tls.DATA, rng:bytes(600)))
  end
  w:sleep(0.01)
  c:close()
end
w:at(17, function() talk_13 { name = "cloud.plant.example", protocols = { "h2", "http/1.1" } } end)
w:at(18, function() talk_13 { name = "cloud.plant.example", retry = true } end)
w:at(19, function() talk_13 { name = "cloud.plant.example", psk = true } end)
w:at(20, function() talk_13 { name = "cloud.plant.example", chosen = 0x7f1c } end)
w:at(21, function() talk_13 { bare = true, protocols = { "\xba\xad" } } end)
w:at(22, function() talk_13 { name = "cloud.plant.example", refused = true } end)

-- SSL 2: its hello for SSL 3, and SSL 2 itself.
local function ssl2(data) return pack(">I2", 0x8000 | #data) .. data end
local function ssl2_hello(version)
  local ciphers = "\x01\0\x80\x07\0\xc0\0\0\x2f\0\0\5"
  return ssl2(pack(">BI2I2I2I2", 1, version, #ciphers, 0, 16) .. ciphers .. rng:bytes(16))
end
w:at(23, function()
  local c = tcp.new(w, { client = hmi, server = plc, port = 443 }):open()
  c:send("client", ssl2_hello(0x0300))
  w:sleep(0.001)
  c:send("server", tls.record(tls.HANDSHAKE, tls.message("server_hello", tls.server_hello { version = 0x0300, random = rng:bytes(32),
    session = rng:bytes(32), cipher = 5 }) .. tls.message("certificate", tls.chain { machine }) .. tls.message("done", ""), 0x0300))
  w:sleep(0.001)
  c:reset "client"
end)
w:at(24, function()
  local c = tcp.new(w, { client = hmi, server = plc, port = 443 }):open()
  c:send("client", ssl2_hello(0x0002))
  w:sleep(0.001)
  c:send("server", ssl2(pack(">BBBI2I2I2I2", 4, 0, 1, 2, #machine, 3, 16) .. machine .. "\x01\0\x80" .. rng:bytes(16)))
  w:sleep(0.001)
  c:send("client", ssl2(pack(">BI3I2I2I2", 2, 0x010080, 0, 128, 0) .. rng:bytes(128)))
  w:sleep(0.001)
  c:send("server", ssl2(rng:bytes(33)))
  c:send("client", ssl2(rng:bytes(33)))
  w:sleep(0.001)
  c:close()
end)

-- DTLS ---------------------------------------------------------------------------------------------------------------

local function dtls(o)
  local number = { [hmi] = 0, [broker] = 0 }
  local port = o.port or 5684
  local function send(from, to, records)
    w:udp(from, from == hmi and o.sport or port, to, to == hmi and o.sport or port, records)
    w:sleep(0.002)
  end
  local function record(from, kind, epoch, data)
    number[from] = number[from] + 1
    return tls.datagram_record(kind, epoch, number[from] - 1, data, o.version)
  end
  local client, server = hmi, broker
  local function hello(cookie)
    return tls.client_hello { version = o.version or 0xfefd, random = rng:bytes(32), cookie = cookie, ciphers = { 0xc02b, 0x002f },
      extensions = tls.offer(o.name) }
  end
  if o.flipped then
    client, server = broker, hmi
    send(hmi, broker, "\0\1\0\0\x21\x12\xa4\x42" .. rng:bytes(12)) -- STUN
  end
  send(client, server, record(client, tls.HANDSHAKE, 0, tls.fragment("client_hello", 0, hello "")))
  send(server, client, record(server, tls.HANDSHAKE, 0, tls.fragment("hello_verify", 0, "\xfe\xff" .. pack("s1", "cookie"))))
  send(client, server, record(client, tls.HANDSHAKE, 0, tls.fragment("client_hello", 1, hello "cookie")))
  local answer = tls.server_hello { version = o.version or 0xfefd, random = rng:bytes(32), session = "", cipher = 0xc02b, extensions = {} }
  local chain = tls.chain { leaf }
  send(server, client, record(server, tls.HANDSHAKE, 0, tls.fragment("server_hello", 1, answer)))
  local parts = {}
  for from = 0, #chain - 1, 300 do parts[#parts + 1] = tls.fragment("certificate", 2, chain, from, math.min(300, #chain - from)) end
  for _, i in ipairs(o.order or { 1, 2, 3, 4, 5, 6, 7, 8 }) do
    if parts[i] then send(server, client, record(server, tls.HANDSHAKE, 0, parts[i])) end
  end
  local rest = record(server, tls.HANDSHAKE, 0, tls.fragment("key_exchange", 3, tls.key_exchange(29, rng)))
    .. record(server, tls.HANDSHAKE, 0, tls.fragment("done", 4, ""))
  send(server, client, rest)
  if o.again then send(server, client, rest) end
  send(client, server, record(client, tls.HANDSHAKE, 0, tls.fragment("client_key", 2, rng:bytes(66))) .. record(client, tls.CHANGE, 0, "\1")
    .. record(client, tls.HANDSHAKE, 1, rng:bytes(40)))
  send(server, client, record(server, tls.CHANGE, 0, "\1") .. record(server, tls.HANDSHAKE, 1, rng:bytes(40)))
  send(client, server, record(client, tls.DATA, 1, rng:bytes(100)))
  send(server, client, record(server, tls.DATA, 1, rng:bytes(100)))
end
w:at(26, function() dtls { name = "broker.plant.example", sport = 50001 } end)
w:at(27, function() dtls { name = "broker.plant.example", sport = 50002, order = { 3, 1, 1, 4, 2, 8, 7, 6, 5 }, again = true } end)
w:at(28, function() dtls { name = "broker.plant.example", sport = 50003, port = 20684, version = 0xfeff } end)
w:at(29, function() dtls { name = "media.plant.example", sport = 50004, port = 20685, flipped = true } end)
w:at(30, function() -- an alert for a hello; a lying fragment; a message that is far too long
  local function from_hmi(data) w:udp(hmi, 50005, broker, 5684, data) w:sleep(0.01) end
  local hello = tls.client_hello { version = 0xfefd, random = rng:bytes(32), cookie = "", ciphers = { 0xc0a8 }, extensions = tls.offer() }
  from_hmi(tls.datagram_record(tls.HANDSHAKE, 0, 0, tls.fragment("client_hello", 0, hello)))
  w:udp(broker, 5684, hmi, 50005, tls.datagram_record(tls.ALERT, 0, 0, "\2\40"))
  w:sleep(0.01)
  from_hmi(tls.datagram_record(tls.HANDSHAKE, 0, 1, pack(">BI3I2I3I3", 1, 10, 1, 8, 8) .. rng:bytes(8)))
  from_hmi(tls.datagram_record(tls.HANDSHAKE, 0, 2, pack(">BI3I2I3I3", 1, 0xfffff0, 1, 0, 8) .. rng:bytes(8)))
end)

-- What lies ---------------------------------------------------------------------------------------------------------

local function lie(time, send)
  w:at(time, function()
    local c = tcp.new(w, { client = stranger, server = broker, port = 443 }):open()
    local hello = tls.client_hello { random = rng:bytes(32), ciphers = tls.MODERN, extensions = tls.offer "broker.plant.example" }
    send(c, hello)
    w:sleep(0.05)
    c:close()
  end)
end
local function handshake(kind, body, length) return tls.record(tls.HANDSHAKE, tls.message(kind, body, length)) end
local good_answer <const> = tls.message("server_hello", tls.server_hello { random = rng:bytes(32), session = "", cipher = 0xc02f,
  extensions = {} })

lie(40, function(c, hello) c:send("client", handshake("client_hello", hello:sub(1, 60))) end) -- ends inside
lie(41, function(c) c:send("client", handshake("client_hello", "\3\3" .. rng:bytes(32) .. "\0\0\0\1\0")) end) -- no ciphers
lie(42, function(c, hello) -- longer than anything: 16 MB
  c:send("client", handshake("client_hello", hello, 0xffffff))
  for _ = 1, 3 do c:send("client", tls.record(tls.HANDSHAKE, rng:bytes(300))) end
end)
lie(43, function(c, hello) c:send("client", handshake("client_hello", hello .. "\0\xff")) end) -- something behind it
lie(44, function(c, hello) -- certificates: no certificate at all, cut, a length that lies, seventeen of them
  c:send("client", handshake("client_hello", hello))
  w:sleep(0.001)
  local many = {}
  for i = 1, 17 do many[i] = future end
  c:send("server", tls.record(tls.HANDSHAKE, good_answer .. tls.message("certificate", tls.chain { "this is no certificate" })
    .. tls.message("certificate", tls.chain { leaf:sub(1, 300) }) .. tls.message("certificate", "\0\xff\xff\0\0\3abc")))
  w:sleep(0.001)
  c:send("server", tls.records(tls.HANDSHAKE, tls.message("certificate", tls.chain(many))))
end)
lie(45, function(c, hello) -- a handshake type and an alert nobody knows, a record of another version, one that is too long
  c:send("client", handshake("client_hello", hello))
  w:sleep(0.001)
  c:send("server", handshake(99, "what") .. tls.record(tls.ALERT, "\2\xee") .. tls.record(tls.ALERT, "\9\9"))
  w:sleep(0.001)
  c:send("server", pack(">BI2I2", 22, 0x0303, 0xffff) .. rng:bytes(40))
end)
lie(46, function(c, hello) -- asks for 16 KB and brings three octets
  c:send("client", handshake("client_hello", hello))
  w:sleep(0.001)
  c:send("server", tls.record(tls.HANDSHAKE, good_answer .. tls.message("certificate", tls.chain { leaf }) .. tls.message("done", "")))
  w:sleep(0.001)
  w:attack("heartbleed", stranger, broker, { port = 443 })
  c:send("client", tls.record(tls.HEARTBEAT, "\1\x40\0abc"))
  w:sleep(0.001)
  c:send("server", tls.record(tls.HEARTBEAT, "\2\x40\0" .. rng:bytes(400)))
end)
lie(47, function(c, hello) -- weak: what export rules once allowed, without authentication
  c:send("client", handshake("client_hello", hello))
  w:sleep(0.001)
  c:send("server", tls.record(tls.HANDSHAKE, tls.message("server_hello", tls.server_hello { version = 0x0301, random = rng:bytes(32),
    session = "", cipher = 0x0017 }) .. tls.message("done", "")))
end)
lie(48, function(c) c:send("client", "\x16\3\1\0\5HELLO, this is not TLS at all, it only begins so\r\n") end)
lie(49, function(c, hello) -- asked to begin again
  c:send("client", handshake("client_hello", hello))
  w:sleep(0.001)
  c:send("server", handshake("hello_request", ""))
  w:sleep(0.001)
  c:send("client", handshake("client_hello", hello))
end)
