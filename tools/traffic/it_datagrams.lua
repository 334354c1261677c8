-- What hosts say in single datagrams about themselves and to find each other: DHCP (RFC 2131) and DHCPv6 (RFC 8415), NTP (RFC 5905), syslog
-- (RFC 3164, RFC 5424), TFTP (RFC 1350), SSDP (UPnP), WS-Discovery, and NetBIOS datagrams (RFC 1002) with the browser service. Messages,
-- and the truth's counts of them.

local dns = require "dns"
local wire = require "wire"
local world = require "world"

local it = {}
local pack = string.pack

local function count(w, protocol, host, kind)
  w.truth:add(protocol, { host = host.ip or host.ip6 or host.mac, kind = kind }, { messages = 1 })
end

-- A host that has no address yet, or sends from another one.
local function as(host, ip) return setmetatable({ ip = ip, ip_bytes = wire.ip(ip) }, { __index = host }) end

-- DHCP ---------------------------------------------------------------------------------------------------------------

it.DHCP = { discover = 1, offer = 2, request = 3, decline = 4, ack = 5, nak = 6, release = 7, inform = 8, leasequery = 10,
  leaseactive = 13 }
local COOKIE <const> = "\x63\x82\x53\x63"

function it.option(code, value) return pack("Bs1", code, value) end

-- message: type (a word of DHCP; none is BOOTP), xid, client (host), ciaddr, yiaddr, siaddr, giaddr, options (bytes),
-- reply, sname, file, broadcast, without_end.
function it.dhcp_message(m)
  local function address(ip) return wire.ip(ip or "0.0.0.0") end
  local head = pack(">BBBBI4I2I2", m.reply and 2 or 1, 1, 6, m.giaddr and 1 or 0, m.xid, m.secs or 0, m.broadcast and 0x8000 or 0)
    .. address(m.ciaddr) .. address(m.yiaddr) .. address(m.siaddr) .. address(m.giaddr)
    .. m.client.mac_bytes .. ("\0"):rep(10) .. pack("c64c128", m.sname or "", m.file or "")
  if not m.type then return head .. ("\0"):rep(64) end
  return head .. COOKIE .. it.option(53, string.char(it.DHCP[m.type])) .. (m.options or "") .. (m.without_end and "" or "\xff")
end

-- from, to: hosts or groups; addresses say where the datagram goes.
function it.dhcp(w, from, to, message, sport, dport)
  w:udp(from, sport, to, dport, it.dhcp_message(message))
  w.truth:add("dhcp", { mac = message.client.mac, xid = message.xid, type = message.type or "bootp" }, { messages = 1 })
end

local EVERYBODY <const> = "255.255.255.255"

-- A whole conversation. options: xid, ip, wanted (options of the client, bytes), given (of the server, bytes), renew.
function it.dhcp_lease(w, client, server, options)
  local nobody, all = as(client, "0.0.0.0"), world.group(EVERYBODY)
  local id = it.option(54, server.ip_bytes)
  local given = id .. it.option(51, pack(">I4", options.lease or 3600)) .. (options.given or "")
  local function ask(kind, extra)
    it.dhcp(w, nobody, all, { type = kind, xid = options.xid, client = client, options = extra .. options.wanted }, 68, 67)
  end
  local function answer(kind)
    it.dhcp(w, server, all, { type = kind, xid = options.xid, client = client, reply = true, yiaddr = options.ip,
      options = given }, 67, 68)
  end
  if not options.renew then
    ask("discover", "")
    w:sleep(0.02)
    answer("offer")
    w:sleep(0.01)
  end
  ask("request", it.option(50, wire.ip(options.ip)) .. (options.renew and "" or id))
  w:sleep(0.01)
  answer(options.refuse and "nak" or "ack")
end

-- DHCPv6 -------------------------------------------------------------------------------------------------------------

it.DHCPV6 = { solicit = 1, advertise = 2, request = 3, renew = 5, reply = 7, release = 8, information_request = 11,
  relay_forward = 12, relay_reply = 13 }

function it.option6(code, value) return pack(">I2s2", code, value) end

function it.duid(host) return "\0\1\0\1\x2a\x01\x02\x03" .. host.mac_bytes end

function it.association(addresses, valid)
  local inside = {}
  for i, ip in ipairs(addresses) do inside[i] = it.option6(5, wire.ip(ip) .. pack(">I4I4", valid, valid)) end
  return it.option6(3, pack(">I4I4I4", 1, 1800, 2880) .. table.concat(inside))
end

function it.labels(name)
  return (name:gsub("([^.]+)%.?", function(label) return pack("s1", label) end)) .. "\0"
end

function it.dhcpv6_message(kind, xid, options) return pack(">BI3", it.DHCPV6[kind], xid) .. table.concat(options) end

function it.relay6(kind, link, peer, message)
  return pack("BB", it.DHCPV6[kind], 0) .. wire.ip(link) .. wire.ip(peer) .. it.option6(18, "eth1") .. it.option6(9, message)
end

function it.dhcpv6(w, from, to, kind, payload, sport, dport)
  w:udp(from, sport, to, dport, payload, { ip6 = true, ttl = 1 })
  w.truth:add("dhcpv6", { host = from.ip6, type = kind }, { messages = 1 })
end

-- NTP ----------------------------------------------------------------------------------------------------------------

it.NTP = { active = 1, passive = 2, client = 3, server = 4, broadcast = 5, control = 6, private = 7 }

function it.ntp_time(seconds)
  if not seconds then return ("\0"):rep(8) end
  local whole = math.floor(seconds)
  return pack(">I4I4", (whole + 2208988800) & 0xffffffff, math.floor((seconds - whole) * 4294967296))
end

-- message: mode, version, leap, stratum, poll, precision, delay, dispersion (seconds), id (four bytes), set, org, rec,
-- xmt (seconds), extensions, mac (bytes).
function it.ntp_message(m)
  local function short(seconds) return math.floor((seconds or 0) * 65536) end
  return pack(">BBbbI4I4c4", (m.leap or 0) << 6 | (m.version or 4) << 3 | it.NTP[m.mode], m.stratum or 0, m.poll or 6,
    m.precision or -20, short(m.delay), short(m.dispersion), m.id or "") .. it.ntp_time(m.set) .. it.ntp_time(m.org)
    .. it.ntp_time(m.rec) .. it.ntp_time(m.xmt) .. (m.extensions or "") .. (m.mac or "")
end

function it.ntp(w, from, sport, to, dport, kind, payload)
  w:udp(from, sport, to, dport, payload)
  count(w, "ntp", from, kind)
end

-- A question and its answer; the server's clock is `ahead` seconds before the capture's.
function it.ntp_exchange(w, client, server, options)
  local port = options.port or 123
  local asked = w:time()
  it.ntp(w, client, port, server, 123, "client", it.ntp_message { mode = "client", xmt = asked, version = options.version })
  w:sleep(0.004)
  local now = w:time() + (options.ahead or 0)
  it.ntp(w, server, 123, client, port, "server", it.ntp_message { mode = "server", version = options.version,
    stratum = options.stratum, id = options.id, delay = 0.012, dispersion = 0.03, set = now - 60, org = asked, rec = now,
    xmt = now + 0.0001, extensions = options.extensions, mac = options.mac })
end

-- A control message (mode 6): response, error bits and opcode in one byte.
function it.ntp_control(second, sequence, data)
  local padding = ("\0"):rep(-#data % 4)
  return pack(">BBI2I2I2I2s2", 0x16, second, sequence, 0, 0, 0, data) .. padding
end

function it.ntp_private(response, request, items)
  return pack(">BBBBI2I2", response and 0x97 or 0x17, 0, 3, request, items, items > 0 and 72 or 0) .. ("\0"):rep(items * 72)
end

-- Text ---------------------------------------------------------------------------------------------------------------

function it.syslog(w, from, to, text, kind, port)
  w:udp(from, 514, to, port or 514, text)
  count(w, "syslog", from, kind)
end

-- lines: the request line, then headers.
function it.ssdp(w, from, sport, to, dport, kind, lines)
  w:udp(from, sport, to, dport, table.concat(lines, "\r\n") .. "\r\n\r\n", { ttl = 4 })
  count(w, "ssdp", from, kind)
end

local ENVELOPE <const> = '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" '
  .. 'xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsd="http://schemas.xmlsoap.org/ws/2005/04/discovery">'
  .. "<soap:Header><wsa:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</wsa:To><wsa:Action>"
  .. "http://schemas.xmlsoap.org/ws/2005/04/discovery/%s</wsa:Action><wsa:MessageID>urn:uuid:%s</wsa:MessageID>%s"
  .. "</soap:Header><soap:Body>%s</soap:Body></soap:Envelope>"

-- body: elements of the message, without its own tag. relates: the message answered.
function it.wsd(w, from, sport, to, dport, action, id, body, relates)
  local related = relates and "<wsa:RelatesTo>urn:uuid:" .. relates .. "</wsa:RelatesTo>" or ""
  local inside = ("<wsd:%s>%s</wsd:%s>"):format(action, body, action)
  w:udp(from, sport, to, dport, ENVELOPE:format(action, id, related, inside), { ttl = 1 })
  count(w, "wsd", from, action)
end

-- TFTP ---------------------------------------------------------------------------------------------------------------

function it.tftp_request(op, name, options)
  local out = pack(">I2zz", op == "read" and 1 or 2, name, "octet")
  for _, option in ipairs(options or {}) do out = out .. pack("zz", option[1], option[2]) end
  return out
end

-- A transfer. options: op, name, data, blksize, error (code, text), port (the client's), server_port, stop (after so many
-- blocks), lose (a block that the capture misses), negotiated (blksize and tsize are agreed on).
function it.tftp(w, client, server, options)
  local port, tid, size = options.port, options.server_port, options.blksize or 512
  local reading = options.op == "read"
  local source, sink = reading and server or client, reading and client or server
  local function send(from, payload, fate)
    if from == client then
      w:udp(client, port, server, tid, payload, fate)
    else
      w:udp(server, tid, client, port, payload, fate)
    end
    w:sleep(0.001)
  end
  local wanted = options.negotiated and { { "blksize", tostring(size) }, { "tsize", reading and "0" or tostring(#options.data) } }
  w:udp(client, port, server, 69, it.tftp_request(options.op, options.name, wanted))
  w.truth:add("tftp", { client = client.ip, op = options.op, file = options.name }, { requests = 1 })
  w:sleep(0.002)
  if options.error then return send(server, pack(">I2I2z", 5, options.error[1], options.error[2])) end
  if options.negotiated then
    send(server, pack(">I2zzzz", 6, "blksize", tostring(size), "tsize", tostring(#options.data)))
    if reading then send(client, pack(">I2I2", 4, 0)) end
  elseif not reading then
    send(server, pack(">I2I2", 4, 0))
  end
  for block = 1, #options.data // size + 1 do
    if options.stop == block then return end
    local bytes = options.data:sub((block - 1) * size + 1, block * size)
    send(source, pack(">I2I2", 3, block) .. bytes, options.lose == block and { lost = true } or nil)
    send(sink, pack(">I2I2", 4, block))
  end
end

-- NetBIOS datagrams --------------------------------------------------------------------------------------------------

-- MS-CIFS 2.2.4.33.1 with three words of set-up: a mailslot is written to.
function it.mailslot(name, data)
  local head = "\xffSMB\x25" .. ("\0"):rep(27)
  local at = 32 + 1 + 34 + 2 + #name + 1
  return head .. pack("<BI2I2I2I2BBI2I4I2I2I2I2I2BBI2I2I2", 17, 0, #data, 0, 0, 0, 0, 0, 1000, 0, 0, 0, #data, at, 3, 0, 1, 0, 2)
    .. pack("<I2z", #data + #name + 1, name) .. data
end

local function encoded(name, suffix) return "\x20" .. dns.netbios_name(name, suffix) .. "\0" end

-- from, to: { name, suffix }. options: type, more, offset.
function it.netbios(w, host, dst, from, to, data, options)
  options = options or {}
  local body = encoded(from[1], from[2]) .. encoded(to[1], to[2]) .. data
  local flags = (options.more and 1 or 0) | (options.offset and 0 or 2)
  w:udp(host, 138, dst, 138, pack(">BBI2", options.type or 0x11, flags, options.id or 0x8001) .. host.ip_bytes
    .. pack(">I2I2I2", 138, #body, options.offset or 0) .. body)
  count(w, "nbdgm", host, options.kind or "datagram")
end

-- host: name, major, minor, type, comment. command 1, 12 or 15.
function it.announcement(command, host)
  return pack("<BBI4c16BBI4BBI2z", command, 0, 480000, host.name, host.major, host.minor, host.type, 15, 1, 0xaa55, host.comment or "")
end

function it.utf16(text) return (text:gsub(".", "%0\0")) .. "\0\0" end

return it
