-- What hosts of a plant say in single datagrams: addresses, time, logs, files, who is there.

local it = require "it_datagrams"
local wire = require "wire"
local world = require "world"

local w = ...
w:title "DHCP, DHCPv6, NTP, syslog, TFTP, SSDP, WS-Discovery, NetBIOS datagrams"
w:duration "170s"

local option, option6, pack = it.option, it.option6, string.pack
local server = w:host { name = "srv", role = "server", ip = "10.5.0.1", ip6 = "fe80::1", vendor = "dell", os = "linux" }
local pc = w:host { name = "office-pc", role = "workstation", ip = "10.5.0.20", ip6 = "fe80::20", vendor = "vmware", os = "windows" }
local hmi = w:host { name = "hmi", role = "hmi", ip = "10.5.0.21", ip6 = "fe80::21", vendor = "advantech", os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.5.0.31", ip6 = "fe80::31", vendor = "siemens" }
local camera = w:host { name = "camera", role = "camera", ip = "10.5.0.40", ip6 = "fe80::40", vendor = "yamaha", os = "linux" }
local relay = w:host { name = "relay", role = "router", ip = "10.5.9.1", ip6 = "fe80::9:1", vendor = "yamaha", os = "linux" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.5.0.99", ip6 = "fe80::99", vendor = "raspberry_pi", os = "linux" }

-- DHCP ---------------------------------------------------------------------------------------------------------------

local WINDOWS <const> = option(12, "OFFICE-PC") .. option(81, "\0\0\0OFFICE-PC.plant.example") .. option(60, "MSFT 5.0")
  .. option(55, "\1\3\6\15\31\33\43\44\46\47\119\121\249\252")
local GIVEN <const> = option(1, "\255\255\255\0") .. option(3, server.ip_bytes) .. option(6, server.ip_bytes)
  .. option(42, server.ip_bytes) .. option(15, "plant.example\0")

w:at(0.5, function()
  it.dhcp_lease(w, pc, server, { xid = 0x1001, ip = pc.ip, wanted = option(61, "\1" .. pc.mac_bytes) .. WINDOWS, given = GIVEN })
end)
w:at(2, function()
  it.dhcp_lease(w, plc, server, { xid = 0x1002, ip = plc.ip, wanted = option(12, "plc") .. option(60, "udhcp 1.30.1")
    .. option(55, "\1\3\6\12\15\28\42") .. option(124, pack(">I4s1", 4329, pack("s1", "S7-1200"))), given = GIVEN })
end)
w:at(3, function()
  it.dhcp_lease(w, camera, server, { xid = 0x1003, ip = "10.5.0.77", renew = true, refuse = true, wanted = option(60,
    "dhcpcd-9.4.1:Linux-5.10.63-v7l+:armv7l:BCM2835"), given = option(56, "address in use") })
end)
w:at(4, function() -- through a relay, which puts its circuit and name in (option 82)
  local circuit = option(82, option(1, "\0\4\0\1") .. option(2, "rack-3"))
  local function pass(kind, reply, extra)
    local m = { type = kind, xid = 0x1004, client = hmi, giaddr = relay.ip, reply = reply, yiaddr = reply and hmi.ip or nil,
      options = (reply and option(54, server.ip_bytes) .. option(51, "\0\0\14\16") or option(12, "hmi")) .. (extra or "") .. circuit }
    it.dhcp(w, reply and server or relay, reply and relay or server, m, 67, 67)
    w:sleep(0.01)
  end
  pass("discover")
  pass("offer", true)
  pass("request")
  pass("ack", true)
end)
w:at(5, function()
  it.dhcp(w, pc, server, { type = "inform", xid = 0x1005, client = pc, ciaddr = pc.ip, options = WINDOWS }, 68, 67)
  w:sleep(0.01)
  it.dhcp(w, server, pc, { type = "ack", xid = 0x1005, client = pc, reply = true, ciaddr = pc.ip, options = option(54, server.ip_bytes)
    .. option(15, "plant.example") }, 67, 68)
  w:sleep(0.5)
  it.dhcp(w, pc, server, { type = "release", xid = 0x1006, client = pc, ciaddr = pc.ip, options = option(54, server.ip_bytes) }, 68, 67)
  w:sleep(0.5)
  local nobody = setmetatable({ ip = "0.0.0.0", ip_bytes = "\0\0\0\0" }, { __index = camera })
  local all = world.group "255.255.255.255"
  it.dhcp(w, nobody, all, { type = "decline", xid = 0x1007, client = camera, options = option(50, wire.ip "10.5.0.78")
    .. option(56, "in use") }, 68, 67)
  -- network boot: options also lie where the file's name should be (option 52)
  it.dhcp(w, nobody, all, { type = "discover", xid = 0x1008, client = camera, options = option(52, "\1")
    .. option(60, "PXEClient:Arch:00000:UNDI:002001"), file = option(12, "cam") .. "\255", sname = "srv" }, 68, 67)
  it.dhcp(w, nobody, all, { xid = 0x1009, client = plc, file = "boot.img" }, 68, 67)
  -- an option longer than the message
  it.dhcp(w, nobody, all, { type = "discover", xid = 0x100a, client = camera, options = "\12\200short", without_end = true }, 68, 67)
end)
w:at(7, function()
  w:attack("rogue_dhcp", stranger, pc, "a second server hands out itself as router")
  it.dhcp_lease(w, hmi, stranger, { xid = 0x1010, ip = "10.5.0.66", wanted = option(12, "hmi"), given = option(3, stranger.ip_bytes) })
end)

-- DHCPv6 -------------------------------------------------------------------------------------------------------------

local SERVERS <const> = world.group "ff02::1:2"
w:at(10, function()
  local me = { option6(1, it.duid(pc)), option6(8, "\0\0"), option6(39, "\0" .. it.labels "office-pc.plant.example"),
    option6(16, pack(">I4s2", 311, "MSFT 5.0")), option6(6, pack(">I2I2I2I2", 24, 23, 17, 39)) }
  local function client(kind, xid, extra)
    local all = { table.unpack(me) }
    all[#all + 1] = extra
    it.dhcpv6(w, pc, SERVERS, kind, it.dhcpv6_message(kind, xid, all), 546, 547)
    w:sleep(0.01)
  end
  local function answer(kind, xid, ...)
    it.dhcpv6(w, server, pc, kind, it.dhcpv6_message(kind, xid, { option6(1, it.duid(pc)), option6(2, it.duid(server)), ... }), 547, 546)
    w:sleep(0.01)
  end
  local settings = option6(23, wire.ip "fd00::53") .. option6(24, it.labels "plant.example")
  client("solicit", 0x200001, it.association({}, 0))
  answer("advertise", 0x200001, it.association({ "fd00::20" }, 7200), settings)
  client("request", 0x200002, option6(2, it.duid(server)) .. it.association({ "fd00::20" }, 7200))
  answer("reply", 0x200002, it.association({ "fd00::20" }, 7200), settings)
  client("information_request", 0x200003)
  answer("reply", 0x200003, settings)
  client("release", 0x200004, option6(2, it.duid(server)) .. it.association({ "fd00::20" }, 0))
  answer("reply", 0x200004, option6(13, "\0\0released"))
end)
w:at(12, function() -- through a relay; a prefix; the relay knows the client's MAC (option 79)
  local prefix = option6(25, pack(">I4I4I4", 1, 0, 0) .. option6(26, pack(">I4I4B", 3600, 7200, 56) .. wire.ip "fd00:5::"))
  local solicit = it.dhcpv6_message("solicit", 0x200010, { option6(1, it.duid(camera)), prefix, option6(15, pack(">s2", "cam")) })
  local forward = it.relay6("relay_forward", "fd00:9::1", camera.ip6, solicit) .. option6(79, "\0\1" .. camera.mac_bytes)
  it.dhcpv6(w, relay, server, "relay_forward", forward, 547, 547)
  w:sleep(0.01)
  local reply = it.dhcpv6_message("reply", 0x200010, { option6(1, it.duid(camera)), option6(2, it.duid(server)),
    option6(13, "\0\6nothing left"), option6(59, "tftp://fd00::1/boot.img") })
  it.dhcpv6(w, server, relay, "relay_reply", it.relay6("relay_reply", "fd00:9::1", camera.ip6, reply), 547, 547)
  w:sleep(0.01)
  it.dhcpv6(w, pc, SERVERS, "malformed", "\1\0\0\1\0\1\0\99short", 546, 547)
end)

-- NTP ----------------------------------------------------------------------------------------------------------------

w:at(20, function()
  it.ntp_exchange(w, pc, server, { stratum = 2, id = "\192\0\2\1", port = 50123 })
  w:sleep(0.5)
  it.ntp_exchange(w, hmi, server, { stratum = 1, id = "GPS\0", version = 3, mac = pack(">I4c16", 5, "message digested") })
  w:sleep(0.5)
  it.ntp_exchange(w, plc, server, { stratum = 2, id = "\192\0\2\1", ahead = 95.5, extensions = pack(">I2I2c12", 0x104, 16, "cookie") })
  w:sleep(0.5)
  it.ntp_exchange(w, stranger, server, { stratum = 0, id = "RATE", port = 40000 })
  w:sleep(0.5)
  it.ntp(w, server, 123, world.group "10.5.0.255", 123, "broadcast", it.ntp_message { mode = "broadcast", stratum = 2, id = "\192\0\2\1",
    xmt = w:time() })
  it.ntp(w, hmi, 123, camera, 123, "active", it.ntp_message { mode = "active", stratum = 16, leap = 3, xmt = w:time() })
  w:sleep(0.01)
  it.ntp(w, camera, 123, hmi, 123, "passive", it.ntp_message { mode = "passive", stratum = 3, id = server.ip_bytes, xmt = w:time() })
  it.ntp(w, camera, 123, hmi, 123, "reserved", pack("B", 0x20) .. ("\0"):rep(47))
end)
w:at(24, function()
  w:attack("ntp_query", stranger, server, "asks a time server for its variables and its clients")
  it.ntp(w, stranger, 40001, server, 123, "control", it.ntp_control(0x02, 1, ""))
  w:sleep(0.002)
  it.ntp(w, server, 123, stranger, 40001, "control", it.ntp_control(0x82, 1, 'version="ntpd 4.2.8p15@1.3728-o", processor="x86_64",\r\n'
    .. 'system="Linux/5.10.0", leap=0, stratum=2, note="a, b"'))
  w:sleep(0.01)
  it.ntp(w, stranger, 40001, server, 123, "control", it.ntp_control(0x08, 2, "keys /etc/secret"))
  w:sleep(0.002)
  it.ntp(w, server, 123, stranger, 40001, "control", it.ntp_control(0xc8, 2, ""))
  w:sleep(0.01)
  it.ntp(w, stranger, 40001, server, 123, "private", it.ntp_private(false, 42, 0))
  w:sleep(0.002)
  it.ntp(w, server, 123, stranger, 40001, "private", it.ntp_private(true, 42, 3))
end)

-- syslog -------------------------------------------------------------------------------------------------------------

w:at(30, function()
  local lines = {
    { plc, "<28>Mar  3 04:05:06 plc kernel: [12.5] link down", "rfc3164" },
    { plc, "<86>Mar  3 04:05:07 plc sshd[812]: Accepted publickey for operator", "rfc3164" },
    { plc, "<30>Mar  3 04:05:08 crond[9]: no host here", "rfc3164" },
    { camera, "<165>1 2024-05-13T08:00:31.003Z cam.plant.example recorder 8710 ID47 [exampleSDID@32473 iut=\"3\"] disk full", "rfc5424" },
    { camera, "<13>1 2024-05-13T08:00:32Z - - - - - nothing known", "rfc5424" },
    { relay, "<189>45: *Mar  1 00:00:05.697: %LINEPROTO-5-UPDOWN: Line protocol on Interface Gi0/1, changed state to down", "cisco" },
    { relay, "a message without priority", "bare" },
    { relay, "<999>beyond the table", "bare" },
    { relay, "<>empty priority", "bare" },
  }
  for _, line in ipairs(lines) do
    it.syslog(w, line[1], server, line[2], line[3])
    w:sleep(0.05)
  end
  it.syslog(w, plc, server, "<134>May 13 08:00:40 plc app: on another port", "rfc3164", 5514)
end)

-- TFTP ---------------------------------------------------------------------------------------------------------------

w:at(40, function()
  local text = ("0123456789abcdef"):rep(80)
  local cases = {
    { client = plc, op = "read", name = "config/plc.cfg", data = text },
    { client = plc, op = "write", name = "backup.bin", data = text:sub(1, 1024) },
    { client = camera, op = "read", name = "firmware.img", data = text, blksize = 1024, negotiated = true },
    { client = camera, op = "write", name = "log.txt", data = text:sub(1, 100), negotiated = true },
    { client = camera, op = "read", name = "missing", error = { 1, "File not found" } },
    { client = stranger, op = "write", name = "/etc/passwd", error = { 2, "Access violation" } },
    { client = hmi, op = "read", name = "part.bin", data = text, stop = 2 },
    { client = hmi, op = "read", name = "gap.bin", data = text, lose = 2 },
  }
  for i, case in ipairs(cases) do
    case.port, case.server_port = 2000 + i, 3000 + i
    it.tftp(w, case.client, server, case)
    w:sleep(0.3)
  end
end)

-- SSDP ---------------------------------------------------------------------------------------------------------------

local SSDP <const> = world.group "239.255.255.250"
w:at(50, function()
  local id, agent = "uuid:0f1d2b3c-0000-1000-8000-001122334455", "Linux/4.14.76 UPnP/1.0 NasServer/1.8"
  local function notify(nt, nts)
    it.ssdp(w, camera, 1900, SSDP, 1900, "notify", { "NOTIFY * HTTP/1.1", "HOST: 239.255.255.250:1900", "CACHE-CONTROL: max-age=1800",
      "LOCATION: http://" .. camera.ip .. ":8080/desc.xml", "NT: " .. nt, "NTS: " .. nts,
      "SERVER: " .. agent, "USN: " .. id .. "::" .. nt })
    w:sleep(0.05)
  end
  notify("upnp:rootdevice", "ssdp:alive")
  notify("urn:schemas-upnp-org:device:DigitalSecurityCamera:1", "ssdp:alive")
  notify("urn:schemas-upnp-org:service:ContentDirectory:1", "ssdp:alive")
  it.ssdp(w, pc, 50900, SSDP, 1900, "search", { "M-SEARCH * HTTP/1.1", "HOST:239.255.255.250:1900",
    'MAN:"ssdp:discover"', "MX:2",
    "ST: upnp:rootdevice", "User-Agent: Google Chrome/106.0.5249.119 Windows", "CPFN.UPNP.ORG: office pc" })
  w:sleep(0.2)
  it.ssdp(w, camera, 1900, pc, 50900, "response", { "HTTP/1.1 200 OK", "CACHE-CONTROL: max-age = 1800", "EXT:",
    "LOCATION: http://" .. camera.ip .. ":8080/desc.xml", "SERVER: " .. agent,
    "ST: upnp:rootdevice", "USN: " .. id .. "::upnp:rootdevice" })
  w:sleep(0.2)
  it.ssdp(w, hmi, 50901, SSDP, 1900, "search", { "M-SEARCH * HTTP/1.1", "ST: ssdp:all" })
  w:sleep(0.2)
  notify("upnp:rootdevice", "ssdp:byebye")
  it.ssdp(w, hmi, 50901, SSDP, 1900, "other", { "SUBSCRIBE * HTTP/1.1" })
end)

-- WS-Discovery -------------------------------------------------------------------------------------------------------

w:at(60, function()
  local address = "<wsa:EndpointReference><wsa:Address>urn:uuid:e3248000-80ce-11db-8000-001ba99ec956</wsa:Address></wsa:EndpointReference>"
  local what = address .. "<wsd:Types>dn:NetworkVideoTransmitter tds:Device</wsd:Types><wsd:Scopes>onvif://www.onvif.org/name/Gate%20North "
    .. "onvif://www.onvif.org/hardware/CAM-200 onvif://www.onvif.org/location/yard</wsd:Scopes><wsd:XAddrs>http://" .. camera.ip
    .. "/onvif/device_service</wsd:XAddrs><wsd:MetadataVersion>1</wsd:MetadataVersion>"
  it.wsd(w, camera, 3702, SSDP, 3702, "Hello", "11111111-0000-0000-0000-000000000001", what)
  w:sleep(0.1)
  it.wsd(w, pc, 50950, SSDP, 3702, "Probe", "11111111-0000-0000-0000-000000000002", "<wsd:Types>dn:NetworkVideoTransmitter</wsd:Types>")
  w:sleep(0.1)
  it.wsd(w, camera, 3702, pc, 50950, "ProbeMatches", "11111111-0000-0000-0000-000000000003", "<wsd:ProbeMatch>" .. what
    .. "</wsd:ProbeMatch>", "11111111-0000-0000-0000-000000000002")
  w:sleep(0.1)
  it.wsd(w, pc, 50951, SSDP, 3702, "Resolve", "11111111-0000-0000-0000-000000000004", address)
  w:sleep(0.1)
  it.wsd(w, camera, 3702, pc, 50951, "ResolveMatches", "11111111-0000-0000-0000-000000000005", "<wsd:ResolveMatch>" .. what
    .. "</wsd:ResolveMatch>", "11111111-0000-0000-0000-000000000004")
  w:sleep(0.1)
  it.wsd(w, camera, 3702, SSDP, 3702, "Bye", "11111111-0000-0000-0000-000000000006", address)
  w:sleep(0.1)
  it.wsd(w, pc, 50952, SSDP, 3702, "Invented", "11111111-0000-0000-0000-000000000007", "")
end)

-- NetBIOS datagrams --------------------------------------------------------------------------------------------------

local BROADCAST <const> = world.group "10.5.0.255"
local BROWSE <const>, NETLOGON <const> = "\\MAILSLOT\\BROWSE", "\\MAILSLOT\\NET\\NETLOGON"
w:at(70, function()
  local TOKENS <const> = pack("<I4I2I2", 11, 0xffff, 0xffff)
  local function say(host, name, suffix, slot, data, options)
    it.netbios(w, host, BROADCAST, { name, 0x20 }, { "PLANT", suffix }, it.mailslot(slot, data), options)
    w:sleep(0.05)
  end
  local old = { name = "OFFICE-PC", major = 5, minor = 0, type = 0x1003, comment = "front office" }
  local nt4 = { name = "HMI", major = 4, minor = 0, type = 0x9003 }
  say(pc, "OFFICE-PC", 0x1d, BROWSE, it.announcement(1, old), { kind = "host_announcement" })
  say(pc, "OFFICE-PC", 0x1d, BROWSE, it.announcement(1, old), { kind = "host_announcement" })
  say(hmi, "HMI", 0x1d, BROWSE, it.announcement(1, nt4), { kind = "host_announcement" })
  say(server, "SRV", 0x1e, BROWSE, it.announcement(15, { name = "SRV", major = 6, minor = 1, type = 0x849a03,
    comment = "\x83\x74\x83\x40\x83\x43\x83\x8b" }), { kind = "local_master_announcement" })
  say(server, "SRV", 0x01, BROWSE, it.announcement(12, { name = "PLANT", major = 6, minor = 1, type = 0x80001000, comment = "SRV" }),
    { kind = "domain_announcement" })
  say(pc, "OFFICE-PC", 0x1e, BROWSE, pack("<BBI4I4I4z", 8, 1, 0x140f01, 60000, 0, "OFFICE-PC"), { kind = "request_election" })
  say(pc, "OFFICE-PC", 0x1d, BROWSE, pack("<BBz", 2, 0, "OFFICE-PC"), { kind = "announcement_request" })
  say(hmi, "HMI", 0x1d, BROWSE, pack("<BBI4", 9, 4, 1), { kind = "get_backup_list_request" })
  say(server, "SRV", 0x20, BROWSE, pack("<BBI4z", 10, 1, 1, "OFFICE-PC"), { kind = "get_backup_list_response", type = 0x10 })
  say(server, "SRV", 0x1e, BROWSE, pack("<Bz", 11, "OFFICE-PC"), { kind = "become_backup" })
  say(server, "SRV", 0x1b, BROWSE, pack("<Bz", 13, "SRV"), { kind = "master_announcement" })
  say(server, "SRV", 0x1d, BROWSE, pack("<BB", 14, 1), { kind = "reset_state" })
  say(server, "SRV", 0x1d, BROWSE, "\99", { kind = "unknown" })
  say(server, "SRV", 0x1d, BROWSE, "\1\0\0", { kind = "truncated" })
  say(camera, "CAMERA", 0, "\\MAILSLOT\\LANMAN", pack("<BBI4BBI2zz", 1, 0, 0x803, 4, 9, 60, "CAMERA", "nas"), { kind = "lanman" })
  say(hmi, "HMI", 0x1b, NETLOGON, pack("<I2zz", 7, "HMI", "\\MAILSLOT\\NET\\GETDC555") .. "\0" .. it.utf16 "HMI"
    .. TOKENS,
    { kind = "primary_query" })
  say(server, "SRV", 0, "\\MAILSLOT\\NET\\GETDC555", pack("<I2z", 12, "SRV") .. it.utf16 "SRV"
    .. it.utf16 "PLANT" .. TOKENS,
    { kind = "primary_response", type = 0x10 })
  say(pc, "OFFICE-PC", 0x1c, NETLOGON, pack("<I2I2", 18, 0) .. it.utf16 "OFFICE-PC" .. it.utf16 "operator"
    .. pack("<zI4I4", "\\MAILSLOT\\NET\\GETDC556", 0, 0) .. TOKENS,
    { kind = "sam_logon_request" })
  say(server, "SRV", 0, "\\MAILSLOT\\NET\\GETDC556", pack("<I2", 19) .. it.utf16 "\\\\SRV" .. it.utf16 "operator"
    .. it.utf16 "PLANT" .. TOKENS,
    { kind = "sam_logon_response", type = 0x10 })
  say(pc, "OFFICE-PC", 0x03, "\\MAILSLOT\\MESSNGR", "hello", { kind = "messenger", type = 0x10 })
  -- one message in two fragments
  local whole = it.mailslot(BROWSE, it.announcement(1, { name = "PLC", major = 5, minor = 1, type = 0x1003 }))
  it.netbios(w, plc, BROADCAST, { "PLC", 0x20 }, { "PLANT", 0x1d }, whole:sub(1, 60), { more = true, kind = "fragment" })
  w:sleep(0.01)
  it.netbios(w, plc, BROADCAST, { "PLC", 0x20 }, { "PLANT", 0x1d }, whole:sub(61), { offset = 60, kind = "fragment" })
  w:udp(server, 138, pc, 138, pack(">BBI2", 0x13, 2, 7) .. server.ip_bytes .. pack(">I2B", 138, 0x82))
  w:udp(pc, 138, server, 138, pack(">BBI2", 0x14, 2, 8) .. pc.ip_bytes .. pack(">I2", 138) .. ("\0"):rep(40))
end)
