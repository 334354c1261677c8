-- Remote procedure calls: what an attacker installs and schedules, OPC over DCOM, the endpoint mapper, datagrams of PROFINET.

local dcerpc = require "dcerpc"

local w = ...
w:title "DCE/RPC: services and tasks made from afar, OPC, endpoint mapper, faults, fragments, datagrams"
w:duration "30s"

local pack = string.pack
local attacker = w:host { name = "laptop", role = "workstation", ip = "10.6.0.66", vendor = "dell", os = "windows" }
local scada = w:host { name = "scada", role = "server", ip = "10.6.0.10", vendor = "dell", os = "windows" }
local opc = w:host { name = "opc", role = "server", ip = "10.6.0.11", vendor = "dell", os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.6.0.31", vendor = "siemens" }
local MAPPER <const> = "e1af8308-5d1f-11c9-91a4-08002b14a0fa"
local SERVICES <const> = "367abb81-9844-35f1-ad32-98f038001003"
local HANDLE <const> = pack("<I4", 0) .. ("h"):rep(16)
local OK <const> = pack("<I4", 0)

w:at(1, function() -- where is the service manager? at port 49155
  local tower = dcerpc.tower(SERVICES, 2, scada.ip_bytes, 49155)
  local c = dcerpc.connect(w, { client = attacker, server = scada, interface = MAPPER, version = 3 })
  local answer = HANDLE .. pack("<I4I4I4I4I4I4I4", 1, 4, 0, 1, 3, #tower, #tower) .. tower .. ("\0"):rep(-#tower % 4) .. OK
  c:call(3, ("\0"):rep(60), answer)
  c:call(2, ("\0"):rep(76), "", { fault = 5 })
  c:close()
end)

w:at(2, function()
  local c = dcerpc.connect(w, { client = attacker, server = scada, port = 49155, interface = SERVICES, version = 2 })
  c:call(15, dcerpc.pointer("SCADA") .. dcerpc.pointer() .. pack("<I4", 0xf003f), HANDLE .. OK)
  c:call(12, HANDLE .. dcerpc.string("updater") .. dcerpc.pointer("Update service") .. pack("<I4I4I4I4", 0xf01ff, 16, 2, 1)
    .. dcerpc.string("C:\\Windows\\Temp\\updater.exe -k") .. ("\0"):rep(28), OK .. HANDLE .. OK, { piece = 100 })
  c:call(19, HANDLE .. pack("<I4I4", 0, 0), OK)
  c:call(11, HANDLE .. pack("<I4I4I4", 16, 2, 1) .. dcerpc.pointer("C:\\Windows\\Temp\\other.exe") .. ("\0"):rep(28), OK)
  c:call(2, HANDLE, OK)
  c:call(0, HANDLE, HANDLE .. OK)
  c:call(99, HANDLE, "", { fault = 0x1c010002 })
  c:close()
end)

w:at(4, function() -- two generations of scheduled tasks
  local c = dcerpc.connect(w, { client = attacker, server = scada, port = 49154, interface = "86d35949-83c9-4044-b424-db363231fd0c" })
  local xml = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Task><Actions><Exec><Command>cmd.exe</Command><Arguments>/c calc</Arguments>"
    .. "</Exec></Actions></Task>"
  c:call(1, dcerpc.pointer("\\Nightly") .. dcerpc.string(xml) .. ("\0"):rep(20), dcerpc.pointer("\\Nightly") .. OK)
  c:call(12, dcerpc.string("\\Nightly") .. ("\0"):rep(40), OK)
  c:call(13, dcerpc.string("\\Nightly") .. OK, OK)
  c:close()
  c = dcerpc.connect(w, { client = attacker, server = scada, port = 49153, interface = "1ff70682-0a51-30e8-076d-740be8cee98b" })
  c:call(0, dcerpc.pointer("SCADA") .. pack("<I4I4BBI2", 3600000, 0, 0, 0, 0) .. dcerpc.pointer("cmd /c whoami"), pack("<I4", 1) .. OK)
  c:close()
end)

w:at(6, function() -- process data over DCOM, on a port of its own choice
  local c = dcerpc.connect(w, { client = scada, server = opc, port = 51022, version = 0,
    interface = "39c13a52-011e-11d0-9675-0020afd8adb3" })
  for n = 1, 3 do c:call(3, pack("<I4", n) .. ("\0"):rep(60), ("\0"):rep(80)) end
  c:call(4, ("\0"):rep(90), ("\0"):rep(40))
  c:call(4, ("\0"):rep(90), "", { fault = 5 })
  c:call(4, ("\0"):rep(90), "", { silent = true })
  c:close()
end)

w:at(9, function() -- a domain controller shows what it is; an interface nobody knows
  local c = dcerpc.connect(w, { client = scada, server = opc, port = 49158, version = 4,
    interface = "e3514235-4b06-11d1-ab04-00c04fc2dcd2" })
  c:call(0, ("\0"):rep(40), HANDLE .. OK)
  c:call(3, HANDLE .. ("\0"):rep(200), ("\0"):rep(300))
  c:close()
  c = dcerpc.connect(w, { client = scada, server = opc, port = 50500, interface = "01020304-0506-0708-090a-0b0c0d0e0f10" })
  c:call(7, "arguments", "results!")
  c:close()
end)

w:at(12, function()
  local m = { object = "dea00000-6c97-11d1-8271-00640a93002a", interface = "dea00001-6c97-11d1-8271-00a02442df7d",
    activity = "aabbccdd-0001-0002-0304-05060708090a" }
  local function say(from, to, sport, dport, kind, more)
    local d = setmetatable({ kind = kind }, { __index = function(_, key) return more[key] == nil and m[key] or more[key] end })
    w:udp(from, sport, to, dport, dcerpc.datagram(d))
    w:sleep(0.004)
  end
  for sequence, order in ipairs { "<", ">" } do -- connect, read
    say(scada, plc, 49152, 34964, 0, { order = order, sequence = sequence, opnum = sequence == 1 and 0 or 2, body = ("\1"):rep(100) })
    say(plc, scada, 34964, 49152, 2, { order = order, sequence = sequence, opnum = sequence == 1 and 0 or 2, body = ("\2"):rep(80) })
  end
  for n = 0, 2 do -- a write in three fragments, answered from another port
    say(scada, plc, 49152, 34964, 0, { sequence = 3, opnum = 3, fragment = n, last = n == 2, body = ("\3"):rep(200) })
  end
  say(plc, scada, 49200, 49152, 2, { sequence = 3, opnum = 3, body = ("\4"):rep(64) })
  say(scada, plc, 49152, 34964, 0, { sequence = 4, opnum = 9, body = "" })
  say(plc, scada, 34964, 49152, 6, { sequence = 4, opnum = 9, body = pack("<I4", 0x1c010002) })
  say(scada, plc, 49152, 34964, 1, { sequence = 5, opnum = 0, body = "" }) -- a ping
end)
