-- What FTP, SMTP, SSH, MQTT and TDS do that recordings of real programs do not show: old versions, refusals, pipelines,
-- pieces, losses, connections joined late, odd ports, TLS in the middle.

local t = require "it_text"

local w = ...
w:title "FTP, SMTP, SSH, MQTT and TDS: old versions, refusals, pipelines, pieces, losses, joined late, odd ports"
w:duration "80s"

local engineer = w:host { name = "engineering", role = "engineering", ip = "10.9.0.30", ip6 = "fd00:9::30",
  vendor = "dell", os = "windows" }
local server = w:host { name = "files", role = "server", ip = "10.9.0.5", ip6 = "fd00:9::5", vendor = "dell",
  os = "linux" }
local plc = w:host { name = "plc", role = "plc", ip = "10.9.0.11", vendor = "siemens" }

local function c(text, fault) return { "client", text, fault } end
local function s(text, fault) return { "server", text, fault } end
local function ftp(options, said)
  options.client, options.server, options.port = options.client or engineer, options.server or server,
    options.port or 21
  return t.talk(w, "ftp", options, said)
end

-- FTP: a reply in several lines, commands in one segment, a file in pieces, and one that loses a segment.
w:at(1, function()
  local said = { s "220-This is the plant's store.\r\n    220 files since 1998\r\n220 ProFTPD 1.3.5 Server (Recipes) [10.9.0.5]\r\n",
    c "USER press\r\n", s("331 Password required for press\r\n", { cut = { 1, 2, 10 }, gap = 0.001 }),
    c("PASS oil-and-water\r\n", { cut = { 3, 5 }, gap = 0.001 }), s "230 User press logged in\r\n",
    c "CWD /recipes/../recipes//dough\r\nTYPE I\r\nPASV\r\n",
    s "250 CWD command successful\r\n200 Type set to I\r\n227 Entering Passive Mode (10,9,0,5,156,65).\r\n",
    c "RETR speed.xml\r\n" }
  said[#said].meanwhile = function()
    t.carry(w, { client = engineer, server = server, port = 156 * 256 + 65 }, "server",
      '<?xml version="1.0"?><speed>12</speed>' .. (" "):rep(3000), { order = { 2, 1, 3 } })
  end
  local more = { s "150 Opening BINARY mode data connection for speed.xml (3038 bytes)\r\n226 Transfer complete\r\n",
    c "CDUP\r\n", s "250 CDUP command successful\r\n", c "EPSV\r\n",
    s "229 Entering Extended Passive Mode (|||40002|)\r\n",
    c "STOR image.bin\r\n" }
  more[#more].meanwhile = function()
    t.carry(w, { client = engineer, server = server, port = 40002 }, "client", "\x7fELF" .. ("\1"):rep(5000),
      { lose = { [3] = true } })
  end
  for _, line in ipairs(more) do said[#said + 1] = line end
  for _, line in ipairs { s "150 Ok to send data\r\n", s "426 Connection closed; transfer aborted\r\n",
    c "\255\244\255\242ABOR\r\n", s "226 Abort successful\r\n",
    c "SITE CHMOD 777 image.bin\r\nACCT second-secret\r\nFOO\r\n",
    s "200 SITE CHMOD command successful\r\n", s "202 ACCT not needed\r\n500 FOO not understood\r\n",
    c "PASSsecret\r\nX\r\n", s "500 Unknown command\r\n", c "QUIT\r\n",
    s "221 Goodbye.\r\n" } do said[#said + 1] = line end
  ftp({}, said)
end)

w:at(8, function()
  ftp({ ip6 = true }, { s "220 Microsoft FTP Service\r\n", c "USER operator\r\n", s "331 Password required\r\n",
    c "PASS wrong-one\r\n", s "530 User cannot log in.\r\n", c "SYST\r\n", s "215 Windows_NT\r\n",
    c "EPRT |2|fd00:9::30|50001|\r\n", s "200 EPRT command successful.\r\n", c "DELE C:\\logs\\old.txt\r\n",
    s "550 Access is denied.\r\n",
    c "QUIT\r\n", s "221 \r\n" })
  ftp({ port = 2100, client = engineer, server = plc }, { s "220 192.168.0.1 ready\r\n", c "USER admin\r\n",
    s "331 Send password\r\n",
    c "PASS admin\r\n", s "230 In\r\n", c "PORT 10,9,0,30,200,1\r\n", s "200 PORT ok\r\n", c "PORT 10,9,0,300,1\r\n",
    s "501 Bad port\r\n",
    c "DELE firmware.old\r\n", s "250 Deleted\r\n" })
  ftp({}, { s "220 (vsFTPd 3.0.5)\r\n", c "AUTH TLS\r\n", s "234 Proceed with negotiation.\r\n",
    c "\22\3\1\0\5\1\0\0\1\0", s "\22\3\3\0\4\2\0\0\0", c("\23\3\3\0\16" .. ("\x55"):rep(16)) })
  ftp({ joined = true }, { c "CWD upload\r\n", s "250 OK\r\n", c "RETR late.txt\r\n",
    s "550 late.txt: No such file\r\n", c "NOOP\r\n" })
  ftp({ see = "client" }, { s "220 FTP\r\n", c "USER alone\r\n", s "331 ok\r\n", c "PASS unseen\r\n", s "230 ok\r\n",
    c "PASV\r\nRETR x\r\n" })
  ftp({}, { s "220 FTP server ready\r\n", c(("NOOP\r\n"):rep(24)), s(("200 NOOP ok\r\n"):rep(24)),
    c(("A"):rep(150) .. " long\r\n"),
    s "500 What?\r\n", s "not a reply\r\n", c "PASV\r\n", s("227 (10,9,0,5,1,1)\r\n", { lose = { [1] = true } }),
    c "QUIT\r\n", s "221 Bye\r\n" })
end)

-- SMTP.
local function smtp(options, said)
  options.client, options.server, options.port = engineer, server, options.port or 25
  return t.talk(w, "smtp", options, said)
end
w:at(20, function()
  smtp({}, { s "220 mail.plant.example ESMTP Postfix (Debian/GNU)\r\n", c "EHLO engineering.plant.example\r\n",
    s "250-mail.plant.example\r\n250-PIPELINING\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n",
    c "AUTH LOGIN\r\n",
    s "334 VXNlcm5hbWU6\r\n", c "ZW5naW5lZXI=\r\n", s "334 UGFzc3dvcmQ6\r\n", c "bm90IGZvciB5b3VyIGV5ZXM=\r\n",
    s "235 2.7.0 Authentication successful\r\n",
    c "MAIL FROM:<a@plant.example>\r\nRCPT TO:<b@plant.example>\r\nDATA\r\n",
    s "250 Ok\r\n250 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n",
    c("Subject: shift\r\n\r\nQUIT\r\n..\r\nhello\r\n.\r\n", { cut = { 7, 20 } }), s "250 Ok: queued\r\n",
    c "BDAT 10\r\n0123456789BDAT 5 LAST\r\nabcde", s "250 ok\r\n250 ok\r\n", c "QUIT\r\n", s "221 Bye\r\n" })
  smtp({ port = 587 }, { s "220 mail.plant.example Microsoft ESMTP MAIL Service ready\r\n", c "EHLO [10.9.0.30]\r\n",
    s "250 STARTTLS\r\n",
    c "STARTTLS\r\n", s "220 Go ahead\r\n", c "\22\3\1\0\5\1\0\0\1\0", s "\22\3\3\0\4\2\0\0\0" })
  smtp({ port = 10025 }, { s "220 ready\r\n", c "HELO press\r\n", s "250 hello\r\n", c "AUTH PLAIN AGEAYg==\r\n",
    s "535 no\r\n", c "DATA\r\n",
    s "503 bad sequence\r\n", c "QUIT\r\n", s "221 bye\r\n" })
  smtp({ joined = true }, { c "RCPT TO:<c@plant.example>\r\n", s "250 ok\r\n", c "DATA\r\n", s "354 go\r\n",
    c(("line\r\n"):rep(600), { lose = { [2] = true } }), c ".\r\n", s "250 queued\r\n" })
end)

-- SSH: version 1, old key exchanges, lines before the version, lists that do not meet, joined at the key exchange.
local function ssh(options, said)
  options.client, options.server, options.port = engineer, server, options.port or 22
  return t.talk(w, "ssh", options, said)
end
local LISTS <const> = { "diffie-hellman-group-exchange-sha1,diffie-hellman-group14-sha1", "ssh-rsa",
  "aes128-ctr,3des-cbc", "aes128-ctr",
  "hmac-sha1", "hmac-sha1", "none,zlib", "none" }
local GSS <const> = { "gss-group14-sha1-toWM5Slw5Ew8Mqkay+al2g==", "ssh-rsa", "aes128-ctr", "aes256-ctr",
  "hmac-sha1", "hmac-md5", "none", "none" }
local RSA <const> = { "rsa2048-sha256", "ssh-rsa", "aes128-ctr", "aes128-ctr", "hmac-sha1", "hmac-sha1", "none",
  "none" }
local function encrypted(n) return ("\xa5"):rep(n) end
w:at(35, function()
  ssh({}, { s "SSH-1.5-Cisco-1.25\n", c "SSH-1.5-PuTTY_Release_0.50\n", s(t.ssh1_public_key, { cut = { 3, 40 } }),
    c(t.ssh1_session_key),
    s(encrypted(16)), c(encrypted(24)) })
  ssh({}, { s "Only for staff of the plant.\r\nSSH-1.99-OpenSSH_3.9p1\r\n", c "SSH-2.0-WinSCP_release_5.1\r\n",
    c(t.ssh_kexinit(LISTS)), s(t.ssh_kexinit(LISTS)), c(t.ssh_packet "\34\0\0\4\0\0\0\8\0\0\0\16\0"),
    s(t.ssh_packet "\31\0\0\0\1p\0\0\0\1g"),
    c(t.ssh_packet "\32\0\0\0\1e"), s(t.ssh_reply(33, "a host key of group exchange") .. t.ssh_newkeys),
    c(t.ssh_newkeys),
    c(encrypted(48)), s(encrypted(48)), c(encrypted(64)), s(encrypted(80)), c(encrypted(144)), s(encrypted(80)),
    c(encrypted(144)),
    s(encrypted(80)) })
  ssh({ port = 2222 }, { c "SSH-2.0-libssh_0.9.6\r\n", s "SSH-2.0-dropbear_2019.78\r\n", s(t.ssh_kexinit(GSS)),
    c(t.ssh_kexinit(GSS)),
    s(t.ssh_reply(33, "a host key by Kerberos")), c(t.ssh_newkeys), s(t.ssh_newkeys), c(encrypted(48)),
    s(encrypted(48)), c(encrypted(64)),
    s(encrypted(48 + 300)), s(encrypted(32)) })
  ssh({}, { c "SSH-2.0-PuTTY_Release_0.74\r\n", s "SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.1\r\n",
    s(t.ssh_kexinit(RSA)), c(t.ssh_kexinit(RSA)),
    s(t.ssh_packet("\30" .. string.pack(">s4s4", "a host key for RSA", "transient"))), c(t.ssh_newkeys),
    s(t.ssh_newkeys), c(encrypted(48)),
    s(encrypted(64)), c(encrypted(64), { lose = { [1] = true } }), s(encrypted(48)), s(encrypted(48)) })
  ssh({}, { c "SSH-2.0-OpenSSH_for_Windows_8.1\r\n", s "SSH-2.0-ROSSSH\r\n", c(t.ssh_kexinit(LISTS)),
    s(t.ssh_kexinit(RSA)) })
  ssh({}, { c "SSH-2.0-Go\r\n", s "SSH-1.5-1.2.27\r\n" })
  ssh({}, { c "GET / HTTP/1.0\r\n", s "SSH-2.0-OpenSSH_7.4p1 Debian-10+deb9u7\r\n", s(t.ssh_packet "\20short") })
  ssh({ joined = true }, { c(t.ssh_kexinit(LISTS)), s(t.ssh_kexinit(LISTS)) })
end)

-- MQTT.
local function mqtt(options, said)
  options.client, options.server, options.port = options.client or plc, server, options.port or 1883
  return t.talk(w, "mqtt", options, said)
end
w:at(50, function()
  local five = { level = 5, id = "", user = "press-7", password = "not for your eyes", will = "plant/gone",
    will_payload = "gone",
    properties = "\x11\0\0\0\60\x15\0\5SCRAM\x26\0\1k\0\1v" }
  mqtt({}, { c(t.mqtt_connect(five), { cut = { 1, 1, 9 }, gap = 0.001 }), s(t.mqtt(0xf0, "\x18\8\x15\0\5SCRAM")),
    c(t.mqtt(0xf0, "\x18\8\x15\0\5SCRAM")),
    s(t.mqtt(0x20, "\0\0\9\x12\0\6auto-1")),
    c(t.mqtt_publish("plant/speed", "12", { properties = "\3\x23\0\1" }) .. t.mqtt_publish("", "13",
    { properties = "\3\x23\0\1" })),
    c(t.mqtt_publish("plant/speed", "14", { qos = 1, id = 7, properties = "\0" })), s(t.mqtt_ack(0x40, 7, "\x10")),
    c(t.mqtt_publish("plant/heat", "180", { qos = 2, id = 8, properties = "\0", retain = true })), s(t.mqtt_ack(0x50,
    8, "\x97")),
    c(t.mqtt_subscribe(9, { { "plant/#", 2 }, { "$share/g/press/+", 0x2d } }, "\2\x0b\1")), s(t.mqtt_ack(0x90, 9,
    "\0\1\x87")),
    c(t.mqtt_unsubscribe(10, { "plant/#" }, "\0")), s(t.mqtt_ack(0xb0, 10, "\0\x11")), c "\xc0\0", s "\xd0\0",
    s(t.mqtt(0xe0, "\x8b\0")) })
  local old = { level = 3, id = "press-3", will = "plant/old" }
  mqtt({}, { c(t.mqtt_connect(old)), s(t.mqtt(0x20, "\0\5")) })
  mqtt({ port = 18830 }, { c(t.mqtt_connect { level = 4, id = "press-4" }), s(t.mqtt(0x20, "\1\0")),
    c(t.mqtt_publish("plant/long", ("x"):rep(20000), { qos = 1, id = 1 }), { lose = { [4] = true } }),
    s(t.mqtt_ack(0x40, 1)),
    c(t.mqtt_publish("plant/next", "1", { qos = 2, id = 2 })), s(t.mqtt_ack(0x50, 2)), c(t.mqtt_ack(0x62, 2)),
    s(t.mqtt_ack(0x70, 2)),
    c(t.mqtt_publish("plant/never", "1", { qos = 1, id = 3, dup = true })), s(t.mqtt_publish("plant/other", "1",
    { qos = 1, id = 3 })),
    c(t.mqtt_subscribe(4, { { "plant/none", 0 } })), c "\xe0\0" })
  mqtt({}, { c(t.mqtt_connect { level = 4, id = "press-5" }), s(t.mqtt(0x20, "\0\9")) })
  mqtt({ joined = true }, { s(t.mqtt_publish("plant/late", "1")), c "\xc0\0", s "\xd0\0", c(t.mqtt_subscribe(4,
    { { "a/b", 1 } })),
    s(t.mqtt_ack(0x90, 4, "\1")), c(t.mqtt_subscribe(5, { { "c/d", 1 } }, "\0")), s(t.mqtt_ack(0x90, 5, "\0\1")),
    c(t.mqtt_unsubscribe(6, { "a/b" })), s(t.mqtt_ack(0xb0, 6)) })
  mqtt({}, { c(t.mqtt_connect { level = 4, id = "press-6" }), c "\x7f\1\2\3" })
  mqtt({}, { c(t.mqtt_connect { level = 4, id = "press-9" }), s(t.mqtt(0x20, "\0\0")), c(t.mqtt(0x82, "\0\1\0\9a")) })
end)

-- TDS.
local function tds(options, said)
  options.client, options.server, options.port = engineer, server, options.port or 1433
  return t.talk(w, "tds", options, said)
end
local LOGIN <const> = { host = "ENG-07", user = "historian", password = "not for your eyes", app = "Recipe Editor",
  server = "FILES\\PLANT",
  database = "recipes" }
local LATER <const> = {}
for i = 3, 9 do LATER[i] = true end
local function asked(encryption) return c(t.tds(18, t.tds_prelogin("\11\0\8\0\0\0", encryption, "PLANT"))) end
local function granted(encryption) return s(t.tds(4, t.tds_prelogin("\15\0\7\xd0\0\0", encryption))) end
w:at(65, function()
  local batch = t.tds_headers .. t.wide "SELECT  name\r\nFROM dough WHERE owner = N'o''neil' AND hash = 0xDEADBEEF"
  local execute = t.tds_headers .. "\255\255\10\0\0\0" .. "\0\0\xe7\x40\x1f\9\4\xd0\0\x34"
    .. string.pack("<s2", t.wide "UPDATE dough SET speed = @p1 WHERE code = 'X'")
  local parts = t.tds_headers .. "\255\255\10\0\0\0" .. "\0\0\xe7\255\255\9\4\xd0\0\x34" .. ("\255"):rep(8)
    .. string.pack("<s4", t.wide "DELETE FROM dough") .. "\0\0\0\0"
  local named = t.tds_headers .. string.pack("<I2", 8) .. t.wide "sp_who_2" .. "\0\0"
  tds({}, { asked(2), granted(2), c(t.tds(16, t.tds_login(LOGIN), 100), { cut = { 4, 30, 90 } }),
    s(t.tds(4, t.tds_database("recipes", "master") .. t.tds_login_ack("Microsoft SQL Server", 15, 0,
    2000) .. t.tds_done)),
    c(t.tds(1, batch, 60), { cut = { 9, 50 } }), s(t.tds(4, "\x81\1\0" .. ("x"):rep(5000))), c(t.tds(3, execute)),
    s(t.tds(4, t.tds_done)),
    c(t.tds(3, parts)), s(t.tds(4, t.tds_done)), c(t.tds(3, named)), s(t.tds(4, t.tds_error(2812,
    "no such procedure") .. t.tds_done)),
    c(t.tds(3, t.tds_headers .. "\255\255\x0c\0\0\0")), c(t.tds(14, t.tds_headers .. "\5\0\0\0")), c(t.tds(6, "")),
    c(t.tds(7, "\x81rows")),
    c(t.tds(8, "token")), c(t.tds(3, t.tds_headers .. "\0\0")), c(t.tds(3, t.tds_headers .. "\255\255\99\0\0\0")) })
  tds({ port = 50001 }, { asked(0), granted(0), c(t.tds(18, "\22\3\1\0\5\1\0\0\1\0")), s(t.tds(18,
    "\22\3\3\0\4\2\0\0\0")),
    c("\23\3\3\0\32" .. ("\x55"):rep(32)), s(t.tds(4, t.tds_login_ack("Microsoft SQL Server", 12, 0,
    4100) .. t.tds_done)) })
  tds({}, { asked(2), s(t.tds(4, t.tds_prelogin("\12\0\x10\4\0\0", 3))), c(t.tds(16, t.tds_login { host = "ENG-07",
    user = "sa",
    password = "wrong", server = "10.9.0.5", app = "osql", version = 0x71000001 })),
    s(t.tds(4, t.tds_error(18456, "Login failed for user 'sa'.") .. t.tds_done)) })
  tds({}, { c(t.tds(16, t.tds_login { host = "ENG-07", integrated = true, app = "Historian", server = "files",
    version = 0x72090002 })),
    s(t.tds(4, "\xed\4\0NTLM")), c(t.tds(17, "NTLMSSP\0")) })
  tds({ joined = true }, { c(t.tds(1, t.wide "insert into logs values ('secret')")), s(t.tds(4, t.tds_done)) })
  tds({}, { asked(2), granted(2), c(t.tds(1, t.tds_headers .. t.wide(("x"):rep(6000))), { lose = LATER }),
    c(t.tds(1, t.tds_headers .. t.wide "exec after_loss")) })
  tds({}, { c(t.tds(18, "\0\0\99\0\6\255")), c(t.tds(16, "short")) })
  tds({}, { c(t.tds(2, ("\0"):rep(64))) })
end)
