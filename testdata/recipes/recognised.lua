-- First messages of protocols that are recognised and not read: over TCP and UDP on their ports and elsewhere, in frames and IP protocols
-- of their own, and what must not be recognised.

local tcp = require "tcp"
local wire = require "wire"
local world = require "world"

local w = ...
w:title "protocols that are recognised only: first messages, on their ports and on others"
w:duration "120s"

local pack = string.pack
local function unhex(hex)
  return (hex:gsub("%s", ""):gsub("..", function(b) return string.char(tonumber(b, 16)) end))
end
local client = w:host { name = "client", role = "workstation", ip = "10.10.0.20", vendor = "dell", os = "linux" }
local server = w:host { name = "server", role = "server", ip = "10.10.0.5", vendor = "vmware", os = "linux" }
local plc = w:host { name = "plc", role = "plc", ip = "10.10.0.11", vendor = "siemens" }
local switch = w:host { name = "switch", role = "switch", ip = "10.10.0.2", vendor = "yamaha", os = "linux" }

local function sized(format, body, add) return pack(format, #body + add) .. body end

-- port, what the client says, what the server says; FIRST speaks first.
local streams = {
  { 110, server = "+OK ready\r\n", client = "USER joe\r\n", first = "server" },
  { 143, server = "* OK IMAP4rev1\r\n", client = "a1 CAPABILITY\r\n", first = "server" },
  { 1143, server = "* OK IMAP4rev1\r\n", client = "a1 CAPABILITY\r\n", first = "server" },
  { 389, client = unhex "300c020101600702010304008000", server = unhex "300c02010161070a010004000400" },
  { 3306, server = unhex "5b0000000a" .. "8.0.32\0" .. ("\1"):rep(83), client = unhex "20000001", first = "server" },
  { 5432, client = unhex "0000000804d2162f", server = "N" },
  { 15432, client = sized(">I4", unhex "00030000" .. "user\0line\0\0", 4), server = "R" .. unhex "0000000800000000" },
  { 6379, client = "*1\r\n$4\r\nPING\r\n", server = "+PONG\r\n" },
  { 11211, client = "stats\r\n", server = "STAT pid 1\r\n" },
  { 27017, client = sized("<I4", unhex "01000000 00000000 dd070000 00000000 00", 4), server = "\0" },
  { 9042, client = unhex "0400000001000000160001000b43514c5f56455253494f4e0005332e302e30", server = unhex "840000000200000000" },
  { 5672, client = "AMQP\0\0\9\1", server = unhex "0100000000" },
  { 554, client = "OPTIONS rtsp://10.10.0.5/ RTSP/1.0\r\nCSeq: 1\r\n\r\n", server = "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n" },
  { 5060, client = "OPTIONS sip:10.10.0.5 SIP/2.0\r\n\r\n", server = "SIP/2.0 200 OK\r\n\r\n" },
  { 5222, client = "<?xml version='1.0'?><stream:stream to='plant.example'>", server = "<stream:stream from='plant.example'>" },
  { 6667, client = "NICK joe\r\nUSER joe 0 * :joe\r\n", server = ":irc 001 joe :hello\r\n" },
  { 1080, client = "\5\1\0", server = "\5\0" },
  { 179, client = ("\255"):rep(16) .. unhex "001d0104fde800b40a0a001400", server = ("\255"):rep(16) .. unhex "001304" },
  { 2049, client = unhex "80000028 00000001 00000000 00000002 000186a3 00000003 00000000" .. ("\0"):rep(16), server = unhex
    "80000018 00000001 00000001" .. ("\0"):rep(16) },
  { 9100, client = "\27%-12345X@PJL INFO ID\r\n", server = "@PJL INFO ID\r\n" },
  { 5938, client = unhex "17240a2000", server = unhex "17240a2000" },
  { 1723, client = sized(">I2", unhex "00011a2b3c4d00010000", 2), server = sized(">I2", unhex "00011a2b3c4d00020000", 2) },
  { 873, server = "@RSYNCD: 31.0\n", client = "@RSYNCD: 31.0\n", first = "server" },
  { 10051, client = "ZBXD\1" .. unhex "0200000000000000" .. "{}", server = "ZBXD\1" .. unhex "0200000000000000" .. "{}" },
  { 4840, client = "HELF" .. unhex "20000000" .. ("\0"):rep(24), server = "ACKF" .. unhex "1c000000" .. ("\0"):rep(20) },
  { 2404, client = unhex "680407000000", server = unhex "68040b000000" },
  { 12404, client = unhex "680407000000", server = unhex "68040b000000" },
  { 1911, client = "fox a 1 -1 fox hello\n{\n};;\n", server = "fox a 0 -1 fox hello\n{\n};;\n" },
  { 48898, client = "\0\0" .. sized("<I4", ("\0"):rep(32), 0), server = "\0\0" .. sized("<I4", ("\0"):rep(32), 0) },
  { 1194, client = unhex "000e38507a28a78275788d0000000000", server = unhex "001a409ad747beb24d8a1b0100000000507a28a78275788d00000000" },
  { 7777, client = "PANEL/1\n", server = "ok" },
  { 9999, client = "PANEL/2\n", server = "ok" },
  { 4060, client = unhex "7ea0070321930f017e", server = unhex "7ea01e210373c37a818012050180060180070400000001080400000001533b7e" },
  { 40000, client = unhex "000100100001001f 601da109060760857405080101be10040e01000000065f1f0400007016ffff", server = unhex "0001" },
  { 4000, client = unhex "0102030406003a2f", server = unhex "0304010206003a2f" },
  { 10001, client = unhex "fb018340f6", server = unhex "f101f6" },
  { 102, client = unhex "0300001e02f0800dca050613010016010214020002330200013402000131", server = unhex "0300000e02f0800eaf0506130100" },
  -- nothing that is known: chance bytes, a word that begins like one, and the port of one with other bytes
  { 4444, client = unhex "9f3c11d27a", server = unhex "00" },
  { 8444, client = "AMQ", server = "PANEL" },
  { 5433, client = unhex "0000000804d21630", server = "x" },
}
for i, s in ipairs(streams) do
  w:at(1 + i * 0.5, function()
    local c = tcp.new(w, { client = client, server = server, port = s[1] }):open()
    local first = s.first or "client"
    local second = first == "client" and "server" or "client"
    c:send(first, s[first])
    w:sleep(0.01)
    c:send(second, s[second])
    w:sleep(0.05)
    c:close()
  end)
end

local datagrams = {
  { 1812, unhex "01050014" .. ("\1"):rep(16) },
  { 5060, "REGISTER sip:10.10.0.5 SIP/2.0\r\n\r\n" },
  { 3478, unhex "00010000 2112a442" .. ("\7"):rep(12) },
  { 20002, "\128\0" .. ("\5"):rep(170) },
  { 500, unhex "e8836b356b7c1bae 0000000000000000 01100200 00000000 0000001c" },
  { 4500, unhex "01020304 00000001" .. ("\9"):rep(40) },
  { 51820, "\1\0\0\0" .. ("\3"):rep(144) },
  { 40001, "\2\0\0\0" .. ("\3"):rep(88) },
  { 1194, unhex "389aa6b1e434889ad30000000000" },
  { 5683, unhex "44018a74601216334b2e77656c6c2d6b6e6f776e04636f7265" },
  { 2152, unhex "30ff000400000001" .. "abcd" },
  { 1985, unhex "00 00 10 03 0a 64 01 00" .. "cisco\0\0\0" .. "\10\10\0\1" },
  { 2049, unhex "00000001 00000000 00000002 000186a3 00000003 00000000" .. ("\0"):rep(16) },
  { 3671, unhex "06100201000e0801 0a0a0014 0e57" },
  { 7400, "RTPS\2\1\1\3" .. ("\0"):rep(12) },
  { 48899, unhex "03661471 00000000 01000000" .. ("\0"):rep(12) },
  { 7778, "site" },
  { 4445, unhex "9f3c11d27a" },
  { 30490, unhex "ffff8100 00000010 00000001 01010200" .. ("\0"):rep(8) },
  { 30509, unhex "12340008 00000011 00000001 01010000 00000005ababababab" },
  { 49153, unhex "12340008 00000011 00000001 01018000 00000005ababababab" },
  { 25353, "ISO11898" .. unhex "01026a12f109083b20d6700000ff7ffd" },
  { 6060, "ESIO" .. unhex "0001000000317616000000180000000d01000000005c" },
  { 34980, unhex "0e10 0800b981000000010002000000000000" },
  { 102, unhex "0140a11780150000 00ad0000" .. ("\0"):rep(20) },
  { 4000, unhex "0102030406003a2f" },
  { 1235, unhex "100201eba0e30803000401400f0140" },
  { 49905, unhex "010000000002000d010000ea60" },
  { 5001, unhex "aa41001201906553f11a000000000005842c" },
  { 8612, "BJNP" .. unhex "020100000000000000000000" },
  { 9875, unhex "20000001c101ba3c" .. "application/sdp\0v=0\r\n" },
  { 2887, unhex "c140000800540b00000110000001001121bfb5ff" },
  { 1947, "TxH2xtiTcQgJrQ02wO0A9Znf" },
  { 17500, '{"host_int": 341893488, "version": [1, 8]}' },
  { 443, unhex "0d 0102030405060708" .. "Q046" .. unhex "01" .. ("\6"):rep(20) },
  { 5061, unhex "04000000 15764979 1300000000000000" .. ("\6"):rep(32) },
}
for i, d in ipairs(datagrams) do
  w:at(30 + i * 0.5, function() w:udp(client, 30000 + i, server, d[1], d[2]) end)
end

-- Answers alone: the side is told by the port.
w:at(45, function()
  w:udp(server, 1812, client, 33000, unhex "02050014" .. ("\1"):rep(16))
  local c = tcp.new(w, { client = client, server = server, port = 3306, see = "server" }):open()
  c:send("server", unhex "5b0000000a" .. "5.7.16\0" .. ("\1"):rep(83))
  c:close()
end)

-- Frames.
local types = { 0x88cc, 0x8892, 0x88a4, 0x88ab, 0x88cd, 0x88b8, 0x88ba, 0x888e, 0x8809, 0x88e3, 0x9000, 0x9999, 0x5555 }
for i, ethertype in ipairs(types) do
  w:at(50 + i * 0.2, function() w:frame(switch, plc, ethertype, ("\1"):rep(46)) end)
end
local function llc(bytes, group)
  local payload = unhex(bytes)
  payload = payload .. ("\0"):rep(46 - #payload)
  w:emit(wire.ethernet(unhex(group), switch.mac_bytes, #unhex(bytes), payload))
end
w:at(55, function()
  llc("424203 0000000000", "0180c2000000")
  w:sleep(0.1)
  llc("aaaa03 00000c 2000 02b4", "01000ccccccc")
  w:sleep(0.1)
  llc("aaaa03 00000c 010b 0000", "01000ccccccd")
  w:sleep(0.1)
  llc("fefe03 8314010001", "0180c2000014")
  w:sleep(0.1)
  llc("f0f003 2c00ffef", "030000000001")
  w:sleep(0.1)
  llc("123403 00", "0180c2000000")
end)

-- Other IP protocols.
for i, proto in ipairs { 2, 50, 51, 88, 89, 103, 112, 132, 136, 200 } do
  w:at(60 + i * 0.2, function()
    local body = proto == 112 and unhex "210164010001ba52c0a80001" or ("\1"):rep(24)
    for _ = 1, 2 do
      w:ip_out(switch, server, world.ip_header(switch, server, proto), body)
      w:sleep(0.02)
    end
    if proto == 132 then w:ip_out(server, switch, world.ip_header(server, switch, proto), body) end
  end)
end
