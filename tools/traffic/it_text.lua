-- Protocols that hosts speak over TCP in lines and small messages: FTP, SMTP, SSH, MQTT and SQL Server's TDS. The
-- messages, and a conversation that is written as a list of who says what. Formats: RFC 959, RFC 5321, RFC 4253, MQTT
-- 3.1.1 and 5.0, MS-TDS.

local tcp = require "tcp"
local arp = require "arp"

local it_text = {}
local pack = string.pack

-- UTF-16 of ASCII.
function it_text.wide(text) return (text:gsub(".", "%0\0")) end

-- options: those of tcp.new, and joined: there is no handshake. Counts what is said in the truth under KIND.
function it_text.talk(w, kind, options, said)
  arp.resolve(w, options.client, options.server)
  local link = tcp.new(w, options)
  if not options.joined then link:open() end
  for _, line in ipairs(said) do
    local side, bytes, fault = line[1], line[2], line[3]
    link:send(side, bytes, fault)
    w:sleep(0.002)
    if line.meanwhile then line.meanwhile() end
  end
  w.truth:add(kind, { client = options.client.ip, server = options.server.ip, port = options.port },
    { connections = 1, said = #said })
  if options.reset then link:reset("client") else link:close(options.closes) end
  return link
end

-- A connection that carries BYTES from SIDE and ends: FTP's data.
function it_text.carry(w, options, side, bytes, fault)
  local link = tcp.new(w, options)
  link:open()
  link:send(side, bytes, fault)
  w:sleep(0.001)
  link:close(side)
end

-- SSH ----------------------------------------------------------------------------------------------------------------

local function ssh_string(text) return pack(">s4", text) end

-- A packet in clear (RFC 4253 6).
function it_text.ssh_packet(payload)
  local padding = 8 - (#payload + 5) % 8
  if padding < 4 then padding = padding + 8 end
  return pack(">I4B", #payload + padding + 1, padding) .. payload .. ("\0"):rep(padding)
end

function it_text.ssh_kexinit(lists)
  local names = {}
  for i = 1, 10 do names[i] = ssh_string(lists[i] or "") end
  return it_text.ssh_packet("\20" .. ("\x5a"):rep(16) .. table.concat(names) .. "\0\0\0\0\0")
end

function it_text.ssh_reply(message, key) return
  it_text.ssh_packet(pack("B", message) .. ssh_string(key) .. ssh_string("f") .. ssh_string("signature")) end

it_text.ssh_newkeys = it_text.ssh_packet "\21"

local function ssh1_number(text) return pack(">I2", #text * 8) .. text end

-- SSH 1.5: a packet is padded in front and ends with a check.
local function ssh1_packet(kind, body)
  local n = 1 + #body + 4
  return pack(">I4", n) .. ("\0"):rep(8 - n % 8) .. pack("B", kind) .. body .. "\0\0\0\0"
end

it_text.ssh1_public_key = ssh1_packet(2, ("\1"):rep(8) .. pack(">I4", 768) .. ssh1_number "\x23"
  .. ssh1_number(("\x8d"):rep(96)) .. pack(">I4", 1024) .. ssh1_number "\x23" .. ssh1_number(("\xc7"):rep(128))
  .. pack(">I4I4I4", 2, 0x48, 0x2c))
it_text.ssh1_session_key = ssh1_packet(3, "\3" .. ("\1"):rep(8) .. ssh1_number(("\x6b"):rep(128)) .. pack(">I4", 2))

-- MQTT ---------------------------------------------------------------------------------------------------------------

local function varint(n)
  local out = ""
  repeat
    out, n = out .. string.char(n % 128 | (n > 127 and 128 or 0)), n // 128
  until n == 0
  return out
end

local function text(s) return pack(">s2", s) end

function it_text.mqtt(first, body) return string.char(first) .. varint(#body) .. body end

-- options: level, id, user, password, will (a topic), will_payload, properties.
function it_text.mqtt_connect(o)
  local flags = 2 | (o.will and 0x2c or 0) | (o.user and 0x80 or 0) | (o.password and 0x40 or 0)
  local five = o.level == 5
  return it_text.mqtt(0x10, text(o.level == 3 and "MQIsdp" or "MQTT") .. pack(">BBI2", o.level, flags, 30)
    .. (five and varint(#(o.properties or "")) .. (o.properties or "") or "") .. text(o.id)
    .. (o.will and (five and "\0" or "") .. text(o.will) .. text(o.will_payload or "gone") or "")
    .. (o.user and text(o.user) or "") .. (o.password and text(o.password) or ""))
end

-- options: qos, id, retain, dup, properties (with their length, in version 5).
function it_text.mqtt_publish(topic, payload, o)
  o = o or {}
  local first = 0x30 | (o.qos or 0) << 1 | (o.retain and 1 or 0) | (o.dup and 8 or 0)
  return it_text.mqtt(first, text(topic) .. ((o.qos or 0) > 0 and pack(">I2",
    o.id) or "") .. (o.properties or "") .. payload)
end

function it_text.mqtt_ack(first, id, rest) return it_text.mqtt(first, pack(">I2", id) .. (rest or "")) end

function it_text.mqtt_subscribe(id, topics, properties)
  local body = pack(">I2", id) .. (properties or "")
  for _, t in ipairs(topics) do body = body .. text(t[1]) .. pack("B", t[2]) end
  return it_text.mqtt(0x82, body)
end

function it_text.mqtt_unsubscribe(id, topics, properties)
  local body = pack(">I2", id) .. (properties or "")
  for _, t in ipairs(topics) do body = body .. text(t) end
  return it_text.mqtt(0xa2, body)
end

-- TDS ----------------------------------------------------------------------------------------------------------------

-- A message in packets of at most SIZE bytes of content.
function it_text.tds(kind, content, size)
  local out, at, number = "", 1, 1
  size = size or 4088
  repeat
    local part = content:sub(at, at + size - 1)
    at = at + size
    out = out .. pack(">BBI2I2BB", kind, at > #content and 1 or 0, #part + 8, 0, number, 0) .. part
    number = number + 1
  until at > #content
  return out
end

-- PRELOGIN: version (six bytes), encryption, instance.
function it_text.tds_prelogin(version, encryption, instance)
  local values, head, offset = { version, string.char(encryption), (instance or "") .. "\0" }, "", 16
  for i, value in ipairs(values) do
    head = head .. pack(">BI2I2", i - 1, offset, #value)
    offset = offset + #value
  end
  return head .. "\255" .. table.concat(values)
end

-- LOGIN7. o: host, user, password, app, server, library, database, integrated, version.
function it_text.tds_login(o)
  local names = { o.host or "", o.user or "", o.password or "", o.app or "", o.server or "", "", o.library or "ODBC",
    "",
    o.database or "" }
  local places, texts, at = "", "", 94
  for i, name in ipairs(names) do
    local wide = it_text.wide(name)
    if i == 3 then -- as clients hide it (2.2.6.4)
      wide = wide:gsub(".", function(c)
        local b = c:byte()
        return string.char(((b << 4 | b >> 4) & 255) ~ 0xa5)
      end)
    end
    places = places .. pack("<I2I2", at, #name)
    texts, at = texts .. wide, at + #wide
  end
  local body = pack("<I4I4I4I4I4BBBBI4I4", o.version or 0x74000004, 4096, 7, 4711, 0, 0xe0,
    o.integrated and 0x83 or 3, 0, 0, 0,
    1033) .. places .. "\2\0\0\0\0\x20" .. pack("<I2I2", at, 0) .. pack("<I2I2", at, 0) .. pack("<I2I2", at, 0)
    .. pack("<I4", 0) .. texts
  return pack("<I4", #body + 4) .. body
end

-- Headers in front of statements since version 7.2: a transaction descriptor.
it_text.tds_headers = pack("<I4I4I2I8I4", 22, 18, 2, 0, 1)

function it_text.tds_token(token, body) return pack("<Bs2", token, body) end

function it_text.tds_login_ack(program, major, minor, build)
  return it_text.tds_token(0xad, "\1" .. pack(">I4B", 0x74000004, #program) .. it_text.wide(program)
    .. pack(">BBI2", major, minor, build))
end

function it_text.tds_error(number, words)
  return it_text.tds_token(0xaa, pack("<I4BBI2", number, 1, 14, #words) .. it_text.wide(words) .. "\0\0\1\0\0\0")
end

function it_text.tds_database(now, before)
  return it_text.tds_token(0xe3, "\1" .. pack("B", #now) .. it_text.wide(now) .. pack("B",
    #before) .. it_text.wide(before))
end

it_text.tds_done = "\xfd" .. pack("<I2I2I8", 0, 0, 0)

return it_text
