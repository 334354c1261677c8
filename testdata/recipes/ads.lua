-- Beckhoff ADS as panels and engineering stations speak it with TwinCAT: symbols, sum commands, notifications, files, states; routes
-- added, deleted and refused. What pieces, pipelines and damage look like is in ads_pieces.lua.

local ads = require "ads"

local w = ...
w:title "ADS: symbols, sum commands, notifications, files, states, routes, errors"
w:duration "40s"

local panel = w:host { name = "panel", role = "hmi", ip = "10.17.0.20", vendor = "dell", os = "windows" }
local engineer = w:host { name = "engineer", role = "engineering", ip = "10.17.0.30", vendor = "dell", os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.17.0.11", vendor = "siemens" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.17.0.99", vendor = "raspberry_pi", os = "linux" }

local ask, answer, symbol, pack = ads.ask, ads.answer, ads.symbol, string.pack
local RUNTIME <const>, SYSTEM <const>, NC <const>, PLC_NET <const> = 851, 10000, 500, "5.23.45.67.1.1"

local function connect(client, net_id, more)
  local options = more or {}
  options.client, options.server, options.net_id, options.client_net_id = client, plc, PLC_NET, net_id
  return ads.connect(w, options)
end

local REAL <const>, INT <const>, BOOL <const>, STRING <const> = 4, 2, 33, 30
local SPEED <const> = symbol("MAIN.fSpeed", "REAL", 0x4040, 100, 4, REAL)
local LEVEL <const> = symbol("MAIN.nLevel", "INT", 0x4040, 104, 2, INT)
local PUMP <const> = symbol("GVL.bPump", "BOOL", 0xf021, 8, 1, BOOL)

-- A panel reads the symbol table, then polls and writes.
w:at(1, function()
  local link = connect(panel, "10.17.0.20.1.1", { client_port = 33000 })
  link:ask(RUNTIME, "info", "", answer.info("Plc30 App", 3, 1, 4024))
  link:ask(RUNTIME, "state", "", answer.state(5, 1))
  link:ask(RUNTIME, "read", ask.read(0xf00c, 0, 8), answer.data(pack("<I4I4", 3, #SPEED + #LEVEL + #PUMP)))
  link:ask(RUNTIME, "read", ask.read(0xf008, 0, 1), answer.data "\7")
  link:ask(RUNTIME, "read", ask.read(0xf00b, 0, #SPEED + #LEVEL + #PUMP), answer.data(SPEED .. LEVEL .. PUMP))
  link:ask(RUNTIME, "read_write", ask.read_write(0xf003, 0, 4, "MAIN.fSpeed\0"), answer.data(pack("<I4", 0x1001)))
  link:ask(RUNTIME, "read_write", ask.read_write(0xf003, 0, 4, "MAIN.unknown\0"), answer.result(0x710))
  for n = 1, 4 do link:ask(RUNTIME, "read", ask.read(0xf005, 0x1001, 4), answer.data(pack("<f", 1480 + n / 4))) end
  link:ask(RUNTIME, "read", ask.read(0x4040, 104, 2), answer.data(pack("<i2", -3)))
  link:ask(RUNTIME, "write", ask.write(0xf005, 0x1001, pack("<f", 1500.5)), answer.result())
  link:ask(RUNTIME, "write", ask.write(0xf031, 17, "\1"), answer.result())
  link:ask(RUNTIME, "read", ask.read(0x4020, 0, 8), answer.data "\1\2\3\4\5\6\7\8")
  link:ask(RUNTIME, "write", ask.write(0xf030, 4, "\0\1"), answer.result(0x703))
  link:ask(RUNTIME, "read_write", ask.read_write(0xf004, 0, 2, "MAIN.nLevel\0"), answer.data(pack("<i2", 71)))
  link:ask(RUNTIME, "read_write", ask.read_write(0xf007, 0, 12, "MAIN.sText\0"), answer.data(pack("<I4I4I4", 0x4040, 200, 81)))
  link:ask(RUNTIME, "read_write", ask.read_write(0xf009, 0, 300, "MAIN.sText\0"),
    answer.data(symbol("MAIN.sText", "STRING(80)", 0x4040, 200, 81, STRING)))
  link:ask(RUNTIME, "read", ask.read(0x4040, 200, 81), answer.data("Batch 12" .. ("\0"):rep(73)))
  link:ask(RUNTIME, "write", ask.write(0xf006, 0, pack("<I4", 0x1001)), answer.result())
  link:ask(NC, "read", ask.read(0x4101, 0x10002, 8), answer.data(pack("<d", 12.5)))
  link:ask(300, "info", "", "", { error = 6 })
  link:ask(RUNTIME, "read", ask.read(0x4020, 0, 2), "", { no_answer = "lost" })
  link:close()
end)

-- Sum commands of every kind.
w:at(4, function()
  local link = connect(panel, "10.17.0.20.1.1", { client_port = 33001 })
  local three = { { 0x4040, 100, 4 }, { 0x4040, 104, 2 }, { 0x4020, 9, 1 } }
  local heads = ""
  for _, one in ipairs(three) do heads = heads .. pack("<I4I4I4", one[1], one[2], one[3]) end
  link:ask(RUNTIME, "read_write", ask.read_write(0xf080, 3, 19, heads),
    answer.data(pack("<I4I4I4", 0, 0, 0x703) .. pack("<fi2B", 20.25, 7, 0)))
  link:ask(RUNTIME, "read_write", ask.read_write(0xf083, 3, 31, heads),
    answer.data(pack("<I4I4I4I4I4I4", 0, 4, 0, 2, 0, 1) .. pack("<fi2B", 20.5, 8, 1)))
  link:ask(RUNTIME, "read_write", ask.read_write(0xf084, 3, 31, heads),
    answer.data(pack("<I4I4I4I4I4I4", 0, 4, 0, 2, 0x703, 0) .. pack("<fi2", 20.75, 9)))
  link:ask(RUNTIME, "read_write", ask.read_write(0xf081, 2, 8, pack("<I4I4I4I4I4I4", 0x4040, 100, 4, 0x4040, 104, 2)
    .. pack("<fi2", 21.5, 10)), answer.data(pack("<I4I4", 0, 0)))
  link:ask(RUNTIME, "read_write", ask.read_write(0xf082, 2, 24, pack("<I4I4I4I4I4I4I4I4", 0xf003, 0, 4, 12, 0xf003, 0, 4, 12)
    .. "MAIN.fSpeed\0MAIN.nLevel\0"), answer.data(pack("<I4I4I4I4I4I4", 0, 4, 0, 4, 0x2001, 0x2002)))
  link:ask(RUNTIME, "read", ask.read(0xf005, 0x2002, 2), answer.data(pack("<i2", -11)))
  local note = pack("<I4I4I4I4I4I4", 0xf005, 0x2001, 4, 4, 0, 2000000) .. ("\0"):rep(16)
  link:ask(RUNTIME, "read_write", ask.read_write(0xf085, 2, 16, note .. note),
    answer.data(pack("<I4I4I4I4", 0, 0x31, 0, 0x32)))
  link:ask(RUNTIME, "read_write", ask.read_write(0xf086, 2, 8, pack("<I4I4", 0x31, 0x32)), answer.data(pack("<I4I4", 0, 0)))
  link:ask(RUNTIME, "read_write", ask.read_write(0xf080, 500, 600, "short"), answer.result(0x705))
  link:close()
end)

-- Values that come by themselves.
w:at(8, function()
  local link = connect(panel, "10.17.0.20.1.1", { client_port = 33002 })
  link:ask(RUNTIME, "subscribe", ask.subscribe(0x4040, 100, 4, 4, 0, 200), answer.handle(0x41))
  link:ask(RUNTIME, "subscribe", ask.subscribe(0x4020, 4, 2, 3, 1000, 100), answer.handle(0x42))
  for n = 1, 5 do
    link:notify(RUNTIME, { { 1715587200 + n, { 0x41, pack("<f", 30 + n / 2) }, { 0x42, pack("<I2", n) } } })
    w:sleep(0.2)
  end
  link:notify(RUNTIME, { { 1715587206, { 0x99, "\1" } }, { 1715587207, { 0x42, pack("<I2", 9) } } })
  link:ask(RUNTIME, "unsubscribe", ask.unsubscribe(0x41), answer.result())
  link:ask(RUNTIME, "unsubscribe", ask.unsubscribe(0x77), answer.result(0x714))
  link:close()
end)

local function file(link, name, mode, handle)
  link:ask(SYSTEM, "read_write", ask.read_write(120, mode, 4, name .. "\0"), answer.data(pack("<I4", handle)))
end

-- An engineer finds the device, adds a route, looks at it, copies files, puts a boot project in, and restarts it.
w:at(12, function()
  local from, own = plc, "10.17.0.30.1.1"
  local function tell(service, request, response)
    w:udp(engineer, ads.ROUTER_PORT, from, ads.ROUTER_PORT, ads.datagram(service, own, request))
    w:sleep(0.002)
    w:udp(from, ads.ROUTER_PORT, engineer, ads.ROUTER_PORT, ads.datagram(service, PLC_NET, response, 0, true))
    w:sleep(0.5)
  end
  tell(ads.SERVICE.info, {}, { { "os", ads.os_version(10, 0, 19044, 2, "") }, { "twincat", pack("<BBI2", 3, 1, 4024) },
    { "host", "CX-172D43\0" }, { "fingerprint", "a1b2c3d4e5f60718\0" } })
  tell(ads.SERVICE.add, { { "net_id", ads.net_id(own) }, { "user", "Administrator\0" }, { "password", "Secret99\0" },
    { "route", "ENGINEER\0" }, { "host", "10.17.0.30\0" }, { "options", pack("<I4", 1) } }, { { "status", pack("<I4", 0) } })
  local link = connect(engineer, own, { client_port = 33100 })
  link:ask(SYSTEM, "state", "", answer.state(5, 1))
  link:ask(SYSTEM, "read", ask.read(700, 1, 2000), answer.data("<TcTargetDesc><TargetType>CX5140</TargetType><TargetVersion>"
    .. "<Version>3</Version><Revision>1</Revision><Build>4024</Build></TargetVersion><NetId>5.23.45.67.1.1</NetId><Hardware>"
    .. "<Model>5140</Model><SerialNo>172043</SerialNo><CPUVersion>2.1</CPUVersion></Hardware><OsName>Windows 10</OsName>"
    .. "<OsVersion>10.0</OsVersion></TcTargetDesc>\0"))
  link:ask(SYSTEM, "read", ask.read(702, 0, 100), answer.data "CX-172D43\0")
  link:ask(SYSTEM, "read_write", ask.read_write(200, 0, 1000, "Software\\Beckhoff\\TwinCAT3\0Version\0"), answer.data "3.1\0")
  link:ask(SYSTEM, "read_write", ask.read_write(200, 0, 1000, "Software\\Beckhoff\\Nothing\0"), answer.result(2))
  link:ask(SYSTEM, "write", ask.write(200, 0, "Software\\WinLogon\0DefaultPassword\0\1\0Hidden77\0"), answer.result())
  link:ask(SYSTEM, "read", ask.read(400, 1, 16), answer.data(("\0"):rep(16)))
  file(link, "C:\\TwinCAT\\log.txt", 0x10011, 0x501)
  link:ask(SYSTEM, "read_write", ask.read_write(122, 0x501, 32, ""), answer.data(("line of a log\r\n"):rep(2) .. "!!"))
  link:ask(SYSTEM, "read_write", ask.read_write(122, 0x501, 32, ""), answer.data "the end")
  link:ask(SYSTEM, "read_write", ask.read_write(121, 0x501, 0, ""), answer.data "")
  file(link, "CurrentPlc_1.app", 0x20012, 0x502)
  for n = 1, 3 do link:ask(SYSTEM, "read_write", ask.read_write(123, 0x502, 0, ("%d"):format(n):rep(100)), answer.data "") end
  link:ask(SYSTEM, "read_write", ask.read_write(121, 0x502, 0, ""), answer.data "")
  file(link, "C:\\big.bin", 0x10011, 0x503)
  link:ask(SYSTEM, "read_write", ask.read_write(124, 0x503, 0, pack("<i4i4", 100, 0)), answer.data "")
  link:ask(SYSTEM, "read_write", ask.read_write(122, 0x503, 8, ""), answer.data "12345678")
  link:ask(SYSTEM, "read_write", ask.read_write(121, 0x503, 0, ""), answer.data "")
  file(link, "C:\\full.bin", 0x10012, 0x504)
  link:ask(SYSTEM, "read_write", ask.read_write(123, 0x504, 0, "too much"), answer.result(0x70a))
  link:ask(SYSTEM, "read_write", ask.read_write(131, 0x10000, 0, "C:\\old.bin\0"), answer.data "")
  link:ask(SYSTEM, "read_write", ask.read_write(131, 0x10000, 0, "C:\\none.bin\0"), answer.result(0x70c))
  link:ask(SYSTEM, "read_write", ask.read_write(133, 0x10000, 324, "C:\\*.*\0"), answer.data(("\0"):rep(16)))
  link:ask(SYSTEM, "control", ask.control(16, 0), answer.result())
  link:ask(SYSTEM, "control", ask.control(2, 0), answer.result())
  link:ask(RUNTIME, "control", ask.control(5, 0), answer.result())
  tell(ads.SERVICE.delete, { { "route", "ENGINEER\0" } }, { { "status", pack("<I4", 0) } })
  link:close()
end)

-- Somebody asks who is there: all of them, by broadcast.
w:at(20, function()
  w:udp(panel, ads.ROUTER_PORT, w.group "10.17.0.255", ads.ROUTER_PORT, ads.datagram(ads.SERVICE.info, "10.17.0.20.1.1", {}))
  w:sleep(0.003)
  w:udp(plc, ads.ROUTER_PORT, panel, ads.ROUTER_PORT, ads.datagram(ads.SERVICE.info, PLC_NET, {
    { "os", ads.os_version(10, 0, 19044, 2, "") }, { "twincat", pack("<BBI2", 3, 1, 4024) }, { "host", "CX-172D43\0" } }, 0, true))
end)

-- A stranger guesses the password of a route, starts a program, stops the controller, and shuts the machine down.
w:at(24, function()
  w:attack("route_guessing", stranger, plc)
  for n, password in ipairs { "1", "admin", "beckhoff", "twincat" } do
    w:udp(stranger, 50000, plc, ads.ROUTER_PORT, ads.datagram(ads.SERVICE.add, "10.17.0.99.1.1", {
      { "net_id", ads.net_id "10.17.0.99.1.1" }, { "user", "Administrator\0" }, { "password", password .. "\0" },
      { "route", "svc\0" }, { "host", "10.17.0.99\0" } }, n))
    w:sleep(0.3)
    w:udp(plc, ads.ROUTER_PORT, stranger, 50000, ads.datagram(ads.SERVICE.add, PLC_NET,
      { { "status", pack("<I4", n < 4 and 0x704 or 0) } }, n, true))
    w:sleep(1)
  end
  local link = connect(stranger, "10.17.0.99.1.1", { client_port = 40000 })
  local path, arguments = "C:\\Windows\\System32\\cmd.exe", "/c whoami"
  w:attack("process_started", stranger, plc)
  link:ask(SYSTEM, "write", ask.write(500, 0, pack("<I4I4I4zzz", #path, 0, #arguments, path, "", arguments)), answer.result())
  w:attack("plc_stop", stranger, plc)
  link:ask(RUNTIME, "control", ask.control(6, 0), answer.result())
  link:ask(SYSTEM, "control", ask.control(12, 1), answer.result(0x723))
  link:close()
end)

-- An engineering tool looks at every server there can be, and asks for everything there can be asked for: most of it is refused.
local SERVERS <const> = { 1, 2, 10, 30, 100, 110, 120, 130, 131, 200, 290, 300, 301, 302, 400, 500, 501, 511, 550, 600, 700, 800, 801, 811,
  821, 831, 850, 851, 852, 853, 854, 855, 900, 950, 2000, 10000, 10001, 10100, 10200, 10201, 10300, 10400, 10500, 10502, 10600, 10700,
  10800, 10900, 11000, 11500, 13000, 14000, 14100, 17000, 17500, 18000, 19500, 19600, 65535 }
local READ <const> = {
  [SYSTEM] = { 100, 101, 102, 110, 111, 125, 126, 130, 132, 134, 136, 137, 138, 139, 141, 160, 180, 201, 202, 220, 240, 601, 701, 703, 803,
    804, 900, 1300, 1400, 1500 },
  [RUNTIME] = { 0x4000, 0x4010, 0x4021, 0x4025, 0x4030, 0x4035, 0x4045, 0xf000, 0xf001, 0xf002, 0xf00e, 0xf00f, 0xf010, 0xf011, 0xf020,
    0xf021, 0xf025, 0xf035, 0xf060, 0xf100 },
}
local WRITE <const> = {
  [SYSTEM] = { 127, 170, 171, 172, 230, 300, 600, 801, 802, 805, 1200, 1510 }, [RUNTIME] = { 0xf00a, 0xf00d, 0xf040, 0xf050 },
}
w:at(30, function()
  local link = connect(engineer, "10.17.0.30.1.1", { client_port = 33300 })
  for _, port in ipairs(SERVERS) do link:ask(port, "info", "", "", { error = 6 }) end
  for _, port in ipairs { SYSTEM, RUNTIME } do
    for _, group in ipairs(READ[port]) do link:ask(port, "read", ask.read(group, 0, 16), answer.result(0x701)) end
    for _, group in ipairs(WRITE[port]) do link:ask(port, "write", ask.write(group, 0, "\0\0\0\0"), answer.result(0x701)) end
  end
  for _, state in ipairs { 1, 3, 4, 7, 8, 13, 14, 15 } do link:ask(RUNTIME, "control", ask.control(state, 0), answer.result(0x712)) end
  link:close()
end)
