-- Messages of small IT protocols that a plant is full of and no other file makes: SNMP (RFC 1157), LLDP (IEEE 802.1AB),
-- RTSP (RFC 2326), Telnet (RFC 854), VNC (RFC 6143), raw printing.

local small = {}
local pack = string.pack

-- SNMP ---------------------------------------------------------------------------------------------------------------

local function tlv(tag, content)
  local n = #content
  local length = n < 128 and pack("B", n) or n < 256 and pack("BB", 0x81, n) or pack(">BI2", 0x82, n)
  return string.char(tag) .. length .. content
end

local function integer(n)
  local bytes = pack(">i4", n)
  while #bytes > 1 and (bytes:byte() == 0 and bytes:byte(2) < 128 or bytes:byte() == 255 and bytes:byte(2) > 127) do
    bytes = bytes:sub(2)
  end
  return tlv(2, bytes)
end

local function identifier(text)
  local numbers = {}
  for n in text:gmatch("%d+") do numbers[#numbers + 1] = math.tointeger(tonumber(n)) end
  local out = { string.char(numbers[1] * 40 + numbers[2]) }
  for i = 3, #numbers do
    local n, bytes = numbers[i], string.char(numbers[i] & 127)
    n = n >> 7
    while n > 0 do bytes, n = string.char(n & 127 | 128) .. bytes, n >> 7 end
    out[#out + 1] = bytes
  end
  return tlv(6, table.concat(out))
end

-- KIND: 0xa0 get, 0xa1 get-next, 0xa2 response, 0xa3 set. bindings: { oid, value } with a text or a number; request ids
-- have four bytes, so that they can be patched.
function small.snmp(kind, community, id, bindings)
  local list = {}
  for i, b in ipairs(bindings) do
    local v = b[2]
    local value = type(v) == "number" and integer(v) or v and tlv(4, v) or "\5\0"
    list[i] = tlv(0x30, identifier(b[1]) .. value)
  end
  local pdu = tlv(2, pack(">I4", id)) .. integer(0) .. integer(0) .. tlv(0x30, table.concat(list))
  return tlv(0x30, integer(1) .. tlv(4, community) .. tlv(kind, pdu))
end

-- Where the request id's bytes are in a message made by small.snmp.
function small.snmp_id_at(message)
  local at = message:find("\2\4", 1, true)
  return at + 1
end

-- LLDP ---------------------------------------------------------------------------------------------------------------

-- about: mac (bytes), port, name, description.
function small.lldp(about)
  local function part(kind, value) return pack(">I2", kind << 9 | #value) .. value end
  return part(1, "\4" .. about.mac) .. part(2, "\5" .. about.port) .. part(3, pack(">I2", 120)) .. part(5, about.name)
    .. part(6, about.description) .. part(7, "\0\4\0\4") .. "\0\0"
end

-- Talks for it_text.talk: lists of { side, bytes } -------------------------------------------------------------------

function small.rtsp(uri)
  return {
    { "client", ("OPTIONS %s RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: recorder\r\n\r\n"):format(uri) },
    { "server", "RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY\r\n\r\n" },
    { "client", ("GET_PARAMETER %s RTSP/1.0\r\nCSeq: 2\r\nSession: 4711\r\n\r\n"):format(uri) },
    { "server", "RTSP/1.0 200 OK\r\nCSeq: 2\r\nSession: 4711\r\n\r\n" },
  }
end

-- tries: { user, password } each; the last one is let in when OPEN.
function small.telnet(banner, tries, open)
  local said = { { "server", "\xff\xfd\x18\xff\xfd\x20" }, { "client", "\xff\xfc\x18\xff\xfc\x20" },
    { "server", banner .. "\r\nlogin: " } }
  for i, try in ipairs(tries) do
    said[#said + 1] = { "client", try[1] .. "\r\n" }
    said[#said + 1] = { "server", "Password: " }
    said[#said + 1] = { "client", try[2] .. "\r\n" }
    said[#said + 1] = { "server", i == #tries and open and "\r\nWelcome\r\n$ " or "\r\nLogin incorrect\r\nlogin: " }
  end
  return said
end

-- commands: what is said after the login.
function small.ftp(user, password, accepted, commands)
  local said = { { "server", "220 FTP server ready.\r\n" }, { "client", "USER " .. user .. "\r\n" },
    { "server", "331 Password required.\r\n" }, { "client", "PASS " .. password .. "\r\n" },
    { "server", accepted and "230 User logged in.\r\n" or "530 Login incorrect.\r\n" } }
  for _, pair in ipairs(commands or {}) do
    said[#said + 1] = { "client", pair[1] .. "\r\n" }
    said[#said + 1] = { "server", pair[2] .. "\r\n" }
  end
  said[#said + 1] = { "client", "QUIT\r\n" }
  said[#said + 1] = { "server", "221 Goodbye.\r\n" }
  return said
end

-- VNC authentication: a challenge, its answer, and whether it was right.
function small.vnc(rng, accepted)
  return { { "server", "RFB 003.008\n" }, { "client", "RFB 003.008\n" }, { "server", "\1\2" }, { "client", "\2" },
    { "server", rng:bytes(16) }, { "client", rng:bytes(16) },
    { "server", accepted and "\0\0\0\0" or pack(">I4s4", 1, "Authentication failure") } }
end

function small.print_job(rng, pages)
  local said = { { "client", "\27%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PCL\r\n" } }
  for _ = 1, pages do said[#said + 1] = { "client", rng:bytes(600) .. "\12" } end
  said[#said + 1] = { "client", "\27%-12345X@PJL EOJ\r\n\27%-12345X" }
  return said
end

return small
