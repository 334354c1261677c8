-- TLS, DTLS and SSL 2 as far as anybody on the path can read them: records, handshake messages, hellos with their extensions, certificates
-- (RFC 8446, RFC 5246, RFC 6347, RFC 5280). What is encrypted is chance. Keys and signatures are chance, too: nobody checks them here.

local tcp = require "tcp"

local tls = {}
local pack = string.pack

tls.CHANGE, tls.ALERT, tls.HANDSHAKE, tls.DATA, tls.HEARTBEAT = 20, 21, 22, 23, 24
tls.TYPE = { hello_request = 0, client_hello = 1, server_hello = 2, hello_verify = 3, ticket = 4, certificate = 11, key_exchange = 12,
  certificate_request = 13, done = 14, verify = 15, client_key = 16, finished = 20, status = 22 }
local RETRY <const> = "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91"
  .. "\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"

-- Messages -----------------------------------------------------------------------------------------------------------

function tls.message(kind, body, length) return pack(">BI3", tls.TYPE[kind] or kind, length or #body) .. body end

function tls.record(kind, data, version) return pack(">BI2s2", kind, version or 0x0303, data) end

-- DATA in records of PIECE bytes.
function tls.records(kind, data, version, piece)
  local out = {}
  for at = 1, math.max(#data, 1), piece or 16384 do out[#out + 1] = tls.record(kind, data:sub(at, at + (piece or 16384) - 1), version) end
  return table.concat(out)
end

function tls.words(values)
  local out = {}
  for i, value in ipairs(values) do out[i] = pack(">I2", value) end
  return table.concat(out)
end

function tls.extension(code, data) return pack(">I2s2", code, data) end

function tls.server_name(name) return tls.extension(0, pack(">s2", "\0" .. pack(">s2", name))) end

function tls.alpn(names)
  local out = {}
  for i, name in ipairs(names) do out[i] = pack("s1", name) end
  return tls.extension(16, pack(">s2", table.concat(out)))
end

function tls.groups(values) return tls.extension(10, pack(">s2", tls.words(values))) end
function tls.signatures(values) return tls.extension(13, pack(">s2", tls.words(values))) end
function tls.versions(values) return tls.extension(43, pack("s1", tls.words(values))) end

-- h: version, random, session, cookie (DTLS), ciphers, extensions (list of texts)
function tls.client_hello(h)
  local extensions = h.extensions and pack(">s2", table.concat(h.extensions)) or ""
  return pack(">I2", h.version or 0x0303) .. h.random .. pack("s1", h.session or "") .. (h.cookie and pack("s1", h.cookie) or "")
    .. pack(">s2", tls.words(h.ciphers)) .. "\1\0" .. extensions
end

-- h: version, random, session, cipher, extensions, retry
function tls.server_hello(h)
  local extensions = h.extensions and pack(">s2", table.concat(h.extensions)) or ""
  return pack(">I2", h.version or 0x0303) .. (h.retry and RETRY or h.random) .. pack("s1", h.session or "") .. pack(">I2B", h.cipher, 0)
    .. extensions
end

function tls.chain(certificates)
  local out = {}
  for i, der in ipairs(certificates) do out[i] = pack(">s3", der) end
  return pack(">s3", table.concat(out))
end

-- Elliptic curve by name, a point, a signature.
function tls.key_exchange(group, rng) return pack(">BI2", 3, group) .. pack("s1", rng:bytes(65)) .. "\4\1" .. pack(">s2", rng:bytes(64)) end

-- Certificates -------------------------------------------------------------------------------------------------------

local function element(tag, data)
  local n = #data
  local length = n < 128 and pack("B", n) or n < 256 and pack("BB", 0x81, n) or pack(">BI2", 0x82, n)
  return string.char(tag) .. length .. data
end
tls.der = element

local function sequence(...) return element(0x30, table.concat { ... }) end

local function oid(hex) return element(6, (hex:gsub("%x%x", function(x) return string.char(tonumber(x, 16)) end))) end

local ATTRIBUTE <const> = { CN = "550403", serialNumber = "550405", C = "550406", O = "55040a", OU = "55040b", businessCategory = "55040f" }

-- parts: { "CN", "name", "O", "works", ... }
local function name_of(parts)
  local out = {}
  for i = 1, #parts, 2 do out[#out + 1] = element(0x31, sequence(oid(ATTRIBUTE[parts[i]]), element(12, parts[i + 1]))) end
  return element(0x30, table.concat(out))
end

local RSA <const>, ELLIPTIC <const> = "2a864886f70d010101", "2a8648ce3d0201"

local function key_of(c, rng)
  if c.curve then
    return sequence(sequence(oid(ELLIPTIC), oid(c.curve)), element(3, "\0\4" .. rng:bytes(64)))
  end
  local modulus = element(2, "\0\x9a" .. rng:bytes((c.bits or 2048) // 8 - 1))
  return sequence(sequence(oid(RSA), "\5\0"), element(3, "\0" .. sequence(modulus, element(2, "\1\0\1"))))
end

local NAME_TAG <const> = { email = 0x81, dns = 0x82, uri = 0x86, ip = 0x87 }

-- c: subject, issuer (parts), serial, from, to (UTCTime), bits or curve (hex of its identifier), signature (hex), names (list of kind and
-- value), ca, path
function tls.certificate(c, rng)
  local signature = sequence(oid(c.signature or "2a864886f70d01010b"), "\5\0")
  local extensions = {}
  if c.names then
    local out = {}
    for i = 1, #c.names, 2 do out[#out + 1] = element(NAME_TAG[c.names[i]], c.names[i + 1]) end
    extensions[#extensions + 1] = sequence(oid "551d11", element(4, element(0x30, table.concat(out))))
  end
  if c.ca ~= nil then
    extensions[#extensions + 1] = sequence(oid "551d13", "\1\1\xff",
      element(4, sequence(c.ca and "\1\1\xff" or "", c.path and element(2, string.char(c.path)) or "")))
  end
  local tail = #extensions > 0 and element(0xa3, element(0x30, table.concat(extensions))) or ""
  local body = sequence(element(0xa0, "\2\1\2"), element(2, c.serial or "\1"), signature, name_of(c.issuer or c.subject),
    sequence(element(23, c.from or "250101000000Z"), element(23, c.to or "350101000000Z")), name_of(c.subject), key_of(c, rng), tail)
  return sequence(body, signature, element(3, "\0" .. rng:bytes(64)))
end

-- Conversations ------------------------------------------------------------------------------------------------------

local MODERN <const> = { 0x1301, 0x1302, 0xc02b, 0xc02f, 0xc030, 0x009c, 0x002f }
tls.MODERN = MODERN

-- The extensions a client of today has.
function tls.offer(name, protocols, more)
  local out = { name and tls.server_name(name) or nil }
  out[#out + 1] = tls.groups { 29, 23, 24 }
  out[#out + 1] = tls.extension(11, "\1\0")
  out[#out + 1] = tls.signatures { 0x0403, 0x0804, 0x0401 }
  if protocols then out[#out + 1] = tls.alpn(protocols) end
  for _, extension in ipairs(more or {}) do out[#out + 1] = extension end
  return out
end

-- A connection of TLS up to its end. o: client, server, port, name, protocols, version, cipher, chain, client_chain, piece (of
-- records), cut (of TCP), data (list of sizes), session (resumed), protocol (chosen), status, alert (the server's, for a hello), see,
-- loss, client_key (its key exchange). Returns the TCP connection and its stream of chance.
function tls.connection(w, o)
  local rng = w:chance_of("tls " .. o.port .. " " .. w:time())
  local version = o.version or 0x0303
  local c = tcp.new(w, { client = o.client, server = o.server, port = o.port, see = o.see })
  local fault = o.cut and { cut = o.cut }
  c:open()
  local function say(side, kind, data) c:send(side, tls.records(kind, data, version, o.piece), fault); w:sleep(0.002) end
  local message = tls.message
  local hello = tls.client_hello { version = version, random = rng:bytes(32), session = o.session, ciphers = o.ciphers or MODERN,
    extensions = o.extensions or tls.offer(o.name, o.protocols) }
  w.truth:add("tls", { client = o.client.ip, server = o.server.ip, port = o.port, name = o.name }, { handshakes = 1 })
  say("client", tls.HANDSHAKE, message("client_hello", hello))
  if o.alert then
    say("server", tls.ALERT, o.alert)
    c:close("server")
    return c, rng
  end
  local answer = message("server_hello", tls.server_hello { version = version, random = rng:bytes(32), session = o.session or rng:bytes(32),
    cipher = o.cipher or 0xc02f, extensions = o.answer or { tls.extension(65281, "\0"), o.protocol and tls.alpn { o.protocol } or nil } })
  local function finish(side)
    say(side, tls.CHANGE, "\1")
    c:send(side, tls.record(tls.HANDSHAKE, rng:bytes(40), version), fault)
    w:sleep(0.001)
  end
  if o.session then
    say("server", tls.HANDSHAKE, answer)
    finish "server"
    finish "client"
  else
    answer = answer .. message("certificate", tls.chain(o.chain)) .. (o.status and message("status", "\1\0\0\4abcd") or "")
      .. (o.no_exchange and "" or message("key_exchange", tls.key_exchange(23, rng)))
      .. (o.client_chain and message("certificate_request", "\1\1\0\2\4\1\0\0") or "") .. message("done", "")
    say("server", tls.HANDSHAKE, answer)
    local reply = (o.client_chain and message("certificate", tls.chain(o.client_chain)) or "")
      .. message("client_key", o.client_key or rng:bytes(66))
      .. (o.client_chain and message("verify", rng:bytes(68)) or "")
    say("client", tls.HANDSHAKE, reply)
    finish "client"
    finish "server"
  end
  for i, size in ipairs(o.data or { 60, 300 }) do
    c:send(i % 2 == 1 and "client" or "server", tls.record(tls.DATA, rng:bytes(size), version), o.loss and o.loss[i] or fault)
    w:sleep(0.005)
  end
  c:close()
  return c, rng
end

-- DTLS ---------------------------------------------------------------------------------------------------------------

-- A record with its number; epoch 1 is encrypted.
function tls.datagram_record(kind, epoch, number, data, version)
  return pack(">BI2I2I6s2", kind, version or 0xfefd, epoch, number, data)
end

-- A fragment of a message: bytes FROM to FROM + LENGTH.
function tls.fragment(kind, sequence_number, body, from, length)
  from, length = from or 0, length or #body
  return pack(">BI3I2I3I3", tls.TYPE[kind] or kind, #body, sequence_number, from, length) .. body:sub(from + 1, from + length)
end

return tls
