-- Passwords in clear of protocols that the other captures have none of: mail boxes, directories, caches, databases, calls, cameras,
-- proxies, routers. Every one of them is a word that begins with "pwd", so that it is found wherever it gets to.

local tcp = require "tcp"
local wire = require "wire"
local world = require "world"

local w = ...
w:title "passwords in clear: mail, directories, databases, calls, cameras, proxies, routing"
w:duration "60s"

local pack = string.pack
local client = w:host { name = "client", role = "workstation", ip = "10.11.0.20", vendor = "dell", os = "linux" }
local server = w:host { name = "server", role = "server", ip = "10.11.0.5", vendor = "vmware", os = "linux" }
local router = w:host { name = "router", role = "router", ip = "10.11.0.1", vendor = "yamaha", os = "linux" }

-- BER: a tag and a short length before the contents.
local function ber(tag, contents) return string.char(tag, #contents) .. contents end
local function amqp(method) return "\1\0\0" .. pack(">s4", method) .. "\xce" end
local BASIC <const> = "am9lOnB3ZC1iYXNpYw==" -- joe:pwd-basic
local SASL <const> = "AGpvZQBwd2Qtc2FzbA==" -- joe and pwd-sasl, PLAIN
local DIGEST <const> = 'username="joe", realm="plant", nonce="84f1c1ae", uri="sip:10.11.0.5", '
  .. 'response="pwd7e5a9d0c4b3a2f1e6d8c7b6a5f4e3d2c"'

-- port, then what each says in turn, the client first unless FIRST says the server.
local streams = {
  { 110, first = "server", "+OK ready\r\n", "USER joe\r\n", "+OK\r\n", "PASS pwd-pop\r\n", "+OK\r\n" },
  { 143, first = "server", "* OK IMAP4rev1\r\n", "a1 LOGIN joe pwd-imap\r\n", "a1 OK\r\n" },
  { 143, first = "server", "* OK IMAP4rev1\r\n", "a1 AUTHENTICATE PLAIN\r\n", "+ \r\n", SASL .. "\r\n", "a1 OK\r\n" },
  { 389, ber(0x30, "\2\1\1" .. ber(0x60, "\2\1\3" .. ber(4, "cn=joe") .. ber(0x80, "pwd-ldap"))),
    ber(0x30, "\2\1\1" .. ber(0x61, "\10\1\0\4\0\4\0")) },
  { 6379, "*2\r\n$4\r\nAUTH\r\n$9\r\npwd-redis\r\n", "+OK\r\n", "AUTH pwd-inline\r\n", "+OK\r\n" },
  { 5432, pack(">I4", 18) .. "\0\3\0\0user\0joe\0\0", "R\0\0\0\8\0\0\0\3", "p" .. pack(">I4", 13) .. "pwd-psql\0", "R\0\0\0\8\0\0\0\0" },
  { 21, first = "server", "220 ready\r\n", "USER joe\r\n", "331 password\r\n", "PASS pwd-ftp\r\n", "230 in\r\n" },
  { 21, first = "server", "220 ready\r\n", "USER joe\r\n", "331 password\r\n", "pass  pwd-ftp2\r\n",
    "530 no\r\n", "ACCT pwd-acct\r\n", "230 in\r\n" },
  { 25, first = "server", "220 mail\r\n", "EHLO joe\r\n", "250 AUTH LOGIN PLAIN\r\n", "AUTH PLAIN " .. SASL .. "\r\n", "235 ok\r\n" },
  { 23, first = "server", "login: ", "joe\r\n", "Password: ", "pwd-telnet\r\n", "\r\n$ " },
  { 80, "GET /login?user=joe&password=pwd-query HTTP/1.1\r\nHost: hmi\r\nAuthorization: Basic " .. BASIC .. "\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
  { 80, "POST /login HTTP/1.1\r\nHost: hmi\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 26\r\n\r\n"
    .. "user=joe&password=pwd-form",
    "HTTP/1.1 302 Found\r\nLocation: http://joe:pwd-place@hmi/start\r\nContent-Length: 0\r\n\r\n" },
  { 80, "GET http://joe:pwd-uri@hmi/start?token=pwd-token HTTP/1.1\r\nHost: hmi\r\n"
    .. "Referer: http://joe:pwd-referer@hmi/?pass=pwd-refpass\r\n"
    .. "Cookie: session=pwd-cookie\r\nProxy-Authorization: Basic " .. BASIC .. "\r\n\r\n",
    "HTTP/1.1 200 OK\r\nSet-Cookie: session=pwd-cookie2\r\nContent-Length: 0\r\n\r\n" },
  { 5060, "REGISTER sip:10.11.0.5 SIP/2.0\r\nAuthorization: Digest " .. DIGEST .. "\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n" },
  { 554, "DESCRIBE rtsp://joe:pwd-rtsp@10.11.0.5/1 RTSP/1.0\r\nCSeq: 1\r\nAuthorization: Basic " .. BASIC .. "\r\n\r\n",
    "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n" },
  { 1080, "\5\1\2", "\5\2", "\1\3joe\9pwd-socks", "\1\0" },
  { 6667, "PASS pwd-irc\r\nNICK joe\r\nUSER joe 0 * :joe\r\n", ":irc 001 joe :hello\r\n" },
  { 5672, "AMQP\0\0\9\1", amqp("\0\10\0\10\0\9\0\0\0\0" .. pack(">s4s4", "PLAIN", "en_US")),
    amqp("\0\10\0\11\0\0\0\0" .. pack(">s1s4s1", "PLAIN", "\0joe\0pwd-amqp", "en_US")), amqp "\0\10\0\30\0\0\0\2\0\0\0\60" },
}
for i, s in ipairs(streams) do
  w:at(1 + i, function()
    local c = tcp.new(w, { client = client, server = server, port = s[1] }):open()
    local turn = s.first or "client"
    for k = 2, #s do
      c:send(turn, s[k])
      turn = turn == "client" and "server" or "client"
      w:sleep(0.01)
    end
    c:close()
  end)
end

local function udp(at, port, data, to)
  w:at(at, function()
    w:udp(client, port, to or server, port, data)
    w:sleep(0.01)
  end)
end
udp(30, 5060, "REGISTER sip:10.11.0.5 SIP/2.0\r\nAuthorization: Digest " .. DIGEST .. "\r\n\r\n")
udp(31, 161, ber(0x30, "\2\1\1" .. ber(4, "pwd-snmp")
  .. ber(0xa0, "\2\1\1\2\1\0\2\1\0" .. ber(0x30, ber(0x30, ber(6, "\x2b\6\1\2\1\1\1\0") .. "\5\0")))))
udp(32, 520, "\2\2\0\0\xff\xff\0\2" .. "pwd-rip" .. ("\0"):rep(9) .. "\0\2\0\0\10\12\0\0\xff\xff\xff\0\0\0\0\0\0\0\0\1", router)
udp(33, 1985, "\0\0\16\3\10\100\1\0" .. "pwd-hsrp" .. "\10\11\0\254", router)
-- OSPF (RFC 2328 D.3) with a simple password, VRRP 2 (RFC 2338) with one.
w:at(34, function()
  local hello = "\2\1" .. pack(">I2", 44) .. wire.ip "10.11.0.1" .. "\0\0\0\0\0\0\0\1" .. "pwdospf8"
    .. "\xff\xff\xff\0\0\10\2\1\0\0\0\40" .. ("\0"):rep(8)
  w:ip_out(router, client, world.ip_header(router, client, 89), hello)
  w:sleep(0.1)
  w:ip_out(router, client, world.ip_header(router, client, 112), "\33\1\100\1\1\1\0\0" .. wire.ip "10.11.0.254" .. "pwd-vrrp")
end)
