-- The CC-Link IE family: every frame type and transient command of Field and Control, TSN with its PTP and SLMP, Field
-- Basic with a failing station, frames that are damaged or of no known type; a stranger stops a station and writes its memory.

local cclink = require "cclink"
local melsec = require "melsec"

local w = ...
w:title "CC-Link IE Field, Control, TSN and Field Basic"
w:duration "60s"
w.speaks_arp = false

local function node(name, number, role)
  return w:host { name = name, role = role, ip = "10.12.0." .. number, vendor = "mitsubishi" }
end
local master, press, valves = node("line master", 1, "plc"), node("press", 2, "plc"), node("valves", 3, "io")
local controller, peer = node("controller", 11, "plc"), node("second controller", 12, "plc")
local tsn_master, drive, camera = node("motion", 21, "plc"), node("drive", 22, "drive"), node("camera", 23, "io")
local basic, motor, gauge = node("mixer", 31, "plc"), node("motor", 32, "io"), node("gauge", 33, "io")
local stranger = w:host { name = "stranger", role = "attacker", ip = "10.12.0.99", vendor = "raspberry_pi", os = "linux" }

local function sorted(t)
  local names = {}
  for name in pairs(t) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- Cyclic traffic of Field: the master's outputs, the stations' inputs, the token.
w:every("200ms", { from = "0.1s", to = "6s" }, function(n)
  for _, name in ipairs { "cyclicDataRWw", "cyclicDataRY" } do
    cclink.frame(w, master, press, name, { node_id = 2, src_node = 0x7d })
  end
  cclink.frame(w, press, master, "cyclicDataRWr", { node_id = 0x7d, src_node = 2 })
  cclink.frame(w, valves, master, "cyclicDataRX", { node_id = 0x7d, src_node = 3 })
  cclink.frame(w, master, nil, "tokenM", { node_id = 2 + n % 2, src_node = 0x7d })
end)

-- All frame types, in both networks; node types of each.
w:at("1s", function()
  for _, name in ipairs(sorted(cclink.FRAME)) do
    local control_only = cclink.FRAME[name][2] == "scan"
    if name ~= "transient1" and name ~= "transient2" then
      if not control_only then cclink.frame(w, master, press, name, { src_node = 0x7d }) end
      w:sleep(0.01)
      local kind = cclink.FRAME[name][2] == "type" and 0x02 or 0
      cclink.frame(w, controller, peer, name, { control = true, node_type = kind, src_node = 0x101 })
      w:sleep(0.01)
    end
  end
  for _, kind in ipairs { 0x30, 0x32, 0x33, 0x34, 0x35 } do
    cclink.frame(w, press, master, "myStatus", { node_type = kind, src_node = 2 })
    w:sleep(0.01)
  end
  for _, kind in ipairs { 0x00, 0x02, 0x21 } do
    cclink.frame(w, peer, controller, "persuasion", { control = true, node_type = kind, src_node = 0x102 })
    w:sleep(0.01)
  end
end)

-- All transient commands, asked and answered; a long message in two parts.
w:at("3s", function()
  for _, name in ipairs(sorted(cclink.COMMAND)) do
    local read = name:find("^slmp") and melsec.command.read("D100", 2)
    local data = read and (name:find("Request") and melsec.request({ frame = "3E" }, read)
      or "\0\0" .. melsec.response({ frame = "3E" }, read, melsec.controller()))
    if name == "slmpTransmitResponse" then
      cclink.transient1(w, press, master, name, { src_node = 2, node_id = 0x7d, data = data })
    else
      cclink.transient1(w, master, press, name, { src_node = 0x7d, node_id = 2, data = data })
    end
    w:sleep(0.01)
    if not name:find("^slmp") then
      cclink.transient1(w, press, master, name, { src_node = 2, node_id = 0x7d, response = true })
      w:sleep(0.01)
    end
  end
  cclink.transient1(w, controller, peer, "deliverNodeInformation", { control = true, src_node = 0x101 })
  for _, name in ipairs(sorted(cclink.CT)) do
    cclink.transient2(w, master, press, name, { src_node = 0x7d, node_id = 2 })
    w:sleep(0.01)
    if name ~= "messageTransfer" then
      cclink.transient2(w, controller, peer, name, { control = true, src_node = 0x101, node_id = 0x102 })
    end
    w:sleep(0.01)
  end
  cclink.transient1(w, master, press, "objectWrite", { src_node = 0x7d, whole = 2000, data = ("w"):rep(1000) })
  w:sleep(0.01)
  cclink.transient1(w, master, press, "objectWrite", { src_node = 0x7d, whole = 2000, offset = 1002, data = ("w"):rep(996) })
end)

-- TSN: finding stations, cyclic data, clocks.
-- As NTT's parser spells them.
local DEVICES <const> = {
  { 0x00, "not applicable" }, { 0x01, "PLC" }, { 0x02, "personal computer" }, { 0x03, "digital I/O" },
  { 0x04, "analog I/O" }, { 0x05, "positioning controller" }, { 0x06, "temperature controller" }, { 0x07, "HMI" },
  { 0x08, "ID" }, { 0x09, "serial conversion module" }, { 0x1d, "cc-link to cc-link/LT bridge" },
  { 0x1f, "service converter module" }, { 0x20, "inverter" }, { 0x21, "servo" }, { 0x22, "CNC" }, { 0x23, "robot" },
  { 0x24, "power distribution control device" }, { 0x30, "sensor" }, { 0x31, "actuator" },
  { 0x32, "barcode reader" }, { 0x33, "indicator (weight)" }, { 0x34, "high-speed counter" }, { 0x35, "switch" },
  { 0x36, "service analyzer" }, { 0x37, "space transmission module" }, { 0x38, "transport control module" },
  { 0x39, "power supply control module" }, { 0x3b, "gas detectorr" }, { 0x3c, "solenoid valve" },
  { 0x3d, "robot (general-purpose)" }, { 0x3e, "printer control module" }, { 0x3f, "motor control module" },
  { 0x40, "vacuum pump" }, { 0x41, "multi-axis controller" }, { 0x42, "general-purpose VME board" },
  { 0x43, "mass flow power supply module" }, { 0x44, "mass flow controller" },
  { 0x45, "received power distribution device" }, { 0x46, "control center" }, { 0x47, "welding control module" },
  { 0x48, "indicator (general-purpose)" }, { 0x49, "PID control module" }, { 0x4a, "vacuum meter" },
  { 0x4b, "wireless module" }, { 0x4c, "digital/analog I/O" }, { 0x4d, "vacuum valve" },
  { 0x4e, "tension controller" }, { 0x4f, "measuring machiner" }, { 0x7f, "generic Device" },
}
w:at("8s", function()
  cclink.tsn_priority(w, tsn_master)
  for version = 0, 1 do
    cclink.tsn_detection(w, tsn_master, drive, version)
    w:sleep(0.01)
    for i = 1, version == 1 and #DEVICES or 7 do
      local device = DEVICES[i]
      cclink.tsn_detection_ack(w, drive, tsn_master, { version = version, station = "slave", device_type = device,
        functions = { 0x01 << i % 7, 0x80 >> i % 8 } })
      w:sleep(0.01)
    end
  end
  for _, station in ipairs { "master", "switch", "sub_master", "slave", "prohibited", "undefined" } do
    cclink.tsn_detection_ack(w, camera, tsn_master, { version = 1, station = station, device_type = { 0x4b, "wireless module" },
      functions = { 0x67, 0xbd }, no_cyclic = station ~= "undefined" })
    w:sleep(0.01)
  end
  cclink.tsn_detection_ack(w, camera, tsn_master, { version = 0, station = "slave", device_type = { 0x7777, "unknown-30583" },
    functions = { 0, 0 } })
  for i = 0, 3 do cclink.tsn_test(w, tsn_master, drive, i % 2 == 1, i > 1) end
  local read = melsec.command.read("D100", 2)
  cclink.tsn_data(w, tsn_master, drive, melsec.request({ frame = "3E" }, read))
  w:sleep(0.002)
  cclink.tsn_data(w, drive, tsn_master, melsec.response({ frame = "3E" }, read, melsec.controller()))
end)
w:every("250ms", { from = "9s", to = "14s" }, function(n)
  cclink.tsn_cyclic(w, tsn_master, drive, true, ("\1\2"):rep(8))
  cclink.tsn_cyclic(w, drive, tsn_master, false, ("\3\4"):rep(8))
  if n % 4 == 0 then
    for _, name in ipairs { "ptpSync", "ptpFollowUp", "ptpAnnounce", "ptpPdelayReq", "ptpPdelayResp",
      "ptpPdelayRespFollowUp" } do
      cclink.ptp(w, tsn_master, drive, name, n)
    end
    cclink.ptp(w, controller, peer, "ptpSync", n, 0)
  elseif n == 2 then
    for _, name in ipairs { "ptpdelayReq", "ptpdelayResp", "ptpSignaling", "ptpManagement" } do
      cclink.ptp(w, drive, tsn_master, name, n)
    end
    cclink.ptp(w, camera, tsn_master, "ptpSync", n, 1)
  end
end)
w:at("15s", function()
  for serial, name in ipairs(sorted(cclink.STEP)) do
    cclink.tsn_slmp(w, tsn_master, drive, name, { serial = serial })
    w:sleep(0.01)
    cclink.tsn_slmp(w, drive, tsn_master, name, { serial = serial, response = true })
    w:sleep(0.01)
  end
  cclink.tsn_slmp(w, tsn_master, camera, "SlaveConfig", { serial = 100 })
  w:sleep(0.01)
  cclink.tsn_slmp(w, camera, tsn_master, "SlaveConfig", { serial = 100, response = true, end_code = 0xcf10 })
  w:sleep(0.01)
  cclink.tsn_slmp(w, tsn_master, camera, "NetworkConfigMain", { serial = 101, port = 45239 })
end)

-- Field Basic: two groups; the gauge reports an error, then stops answering for a while, then says that it disconnects.
local LAST_CODES <const> = { [24] = 0xcff0, [25] = 0xcfe0, [26] = 0x80cf, [27] = 0x1234, [28] = 0xcfff, [29] = 0xcfff }
local everybody = w.group("10.12.0.255")
w:every("200ms", { from = "20s", to = "26s" }, function(n)
  cclink.basic_request(w, basic, everybody, { sequence = n, stations = { motor.ip_bytes, gauge.ip_bytes }, running = n < 25 })
  w:sleep(0.002)
  cclink.basic_response(w, motor, basic, { sequence = n })
  if n < 10 or n > 15 then
    cclink.basic_response(w, gauge, basic, { sequence = n, error = n > 5 and 0x2101 or 0, end_code = LAST_CODES[n] or 0,
      stopped = n > 20 })
  end
  if n % 5 == 0 then
    cclink.basic_request(w, basic, everybody, { group = 2, sequence = n, stations = { valves.ip_bytes } })
    w:sleep(0.002)
    cclink.basic_response(w, valves, basic, { group = 2, sequence = n, end_code = n == 20 and 0xcfe1 or 0, version = 2 })
  end
end)
w:at("27s", function()
  w:fault("unknown_command", { source = basic.ip, command = "0e7f" })
  cclink.basic_request(w, basic, everybody, { sequence = 99, stations = { motor.ip_bytes }, command = 0x0e7f })
end)

-- What no parser should believe.
w:at("28s", function()
  w:fault("unknown_frame", { source = valves.mac })
  w:frame(valves, master, 0x890f, "\x7e\0" .. ("\0"):rep(44))
  w:fault("unknown_transient", { source = valves.mac })
  cclink.transient2(w, valves, master, nil, { ct = 0x55, src_node = 3, cmd = "unknownCtU" })
end)

w:at("30s", function()
  for _, name in ipairs { "stop", "writeMemory" } do
    w:attack("cclink_" .. (name == "stop" and "stop" or "write"), stranger, press, { command = name })
    cclink.transient2(w, stranger, press, name, { src_node = 9, node_id = 2 })
    w:sleep(0.5)
  end
end)
