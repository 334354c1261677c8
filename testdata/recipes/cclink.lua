-- The CC-Link IE family: every frame type and command, in an ordinary network of each generation; a stranger stops a
-- station and writes its memory.

local cclink = require "cclink"
local world = require "world"

local w = ...
w:title "CC-Link IE Field, Control, TSN with its PTP and SLMP, Field Basic: all frame types and commands, a stranger"
w:duration "80s"
w.speaks_arp = false

local function host(name, role, ip, vendor) return w:host { name = name, role = role, ip = ip, vendor = vendor } end
local master = host("master", "plc", "10.7.0.1", "mitsubishi")
local remote = host("remote", "io", "10.7.0.2", "mitsubishi")
local drive = host("drive", "drive", "10.7.0.3", "mitsubishi")
local stranger = host("stranger", "unknown", "10.7.0.99", "raspberry_pi")
local everybody = world.group "10.7.0.255"

local FIELD <const>, CONTROL <const> = cclink.NETWORK.field, cclink.NETWORK.control
local function field(src, dst, name, middle, more)
  local options = { middle = middle, data_type = 1, source = src == master and 0 or 2, network = FIELD }
  for _, key in ipairs { "data_type", "body", "network", "type", "source" } do
    if more and more[key] ~= nil then options[key] = more[key] end
  end
  return cclink.frame(w, src, dst, name, options)
end

-- Field: the network comes up, then scans; parameters, clocks and synchronization in between.
w:at(1, function()
  for _, kind in ipairs { 0x30, 0x32, 0x33, 0x34, 0x35, 0x77 } do
    field(master, nil, "persuasion", cclink.kind(kind))
  end
  field(master, remote, "testData", cclink.kind(0x30))
  w:sleep(0.001)
  field(remote, master, "testDataAck", cclink.kind(0x34))
  w:sleep(0.001)
  field(master, remote, "setup", cclink.node(1))
  w:sleep(0.001)
  field(remote, master, "setupAck")
  field(remote, master, "myStatus", "\0\1\x13\x34")
  field(master, remote, "parameter", cclink.link(1, 0x13))
  field(master, remote, "paramCheck", cclink.link(1, 0x13))
  field(master, nil, "timer")
  field(master, remote, "ipTransient", cclink.link(1, 0x14))
  field(remote, master, "transientAck", cclink.link(1, 0x14))
end)
for _, name in ipairs { "measure", "offset", "update", "tokenM", "cyclicDataRWw", "cyclicDataRY" } do
  w:every("500ms", { from = 2, to = 75 }, function() field(master, remote, name, cclink.node(1)) end)
end
for _, name in ipairs { "measureAck", "cyclicDataRWr", "cyclicDataRX" } do
  w:every("500ms", { from = 2.01, to = 75 }, function() field(remote, master, name, cclink.node(1)) end)
end

-- Transients: network and object services, and the CC-Link compatible commands, each with its response.
w:at(5, function()
  local connection = 0x20
  local function ask(command, data_type, request, response)
    connection = connection + 1
    field(master, remote, command, cclink.link(2, connection), { data_type = data_type, body = request })
    w:sleep(0.002)
    field(remote, master, "transientAck", cclink.link(2, connection))
    w:sleep(0.01)
    local answer = { data_type = data_type, body = response }
    if response then field(remote, master, command, cclink.link(0, connection), answer) end
    w:sleep(0.02)
  end
  local function fragment(...) return cclink.fragment(cclink.service(...)) end
  for _, command in ipairs { 1, 3, 4, 0x0a } do
    ask("transient1", 7, fragment(command), fragment(command, true, 0, "\1\2\3\4"))
  end
  for _, command in ipairs { 1, 2, 3 } do ask("transient1", 8, fragment(command), fragment(command, true, 0)) end
  ask("transient1", 8, fragment(3), fragment(3, true, 0xd2a0))
  ask("transient1", 8, fragment(0x66))
  ask("transient1", 8, cclink.fragment("the rest of something", 1400))
  ask("transient1", 5, cclink.fragment(cclink.compatible(0x30, 2, 0, "slmp")),
    cclink.fragment(cclink.compatible(0xb0, 0, 2, "\0\0slmp")))
  for _, ct in ipairs { 0x04, 0x08, 0x10, 0x12, 0x20 } do
    ask("transient2", 2, cclink.compatible(ct, 2, 0, "\0\0\0\0"), cclink.compatible(0x80 | ct, 0, 2, "\0\0\0\0"))
  end
  ask("transient2", 2, cclink.compatible(0x10, 2, 0, "\0\0\0\0"), cclink.compatible(0x90, 0, 2, "\xa0\xd2"))
  ask("transient2", 2, cclink.compatible(0x10, 2, 0, "\0\0\0\0")) -- no answer
  ask("transient2", 2, cclink.compatible(0x55, 2, 0, ""))
end)

-- Control: management, link data, a memory access between two controllers.
w:at(10, function()
  for _, name in ipairs { "connect", "connectAck", "scan", "collect", "select", "launch", "token", "dummy", "nTNTest",
    "cyclicDataW", "cyclicDataB", "cyclicDataOut1", "cyclicDataOut2", "cyclicDataIn1", "cyclicDataIn2" } do
    field(master, drive, name, "\0\0\1\0", { network = CONTROL })
  end
  for _, kind in ipairs { 0x00, 0x02, 0x21 } do
    field(master, drive, "persuasion", cclink.kind(kind), { network = CONTROL })
  end
  for _, name in ipairs { "testData", "testDataAck" } do
    field(master, drive, name, cclink.kind(0), { network = CONTROL })
  end
  for _, name in ipairs { "tokenM", "setup", "setupAck", "myStatus", "measure", "measureAck", "offset", "update",
    "timer", "cyclicDataRWw", "cyclicDataRY", "cyclicDataRWr", "cyclicDataRX" } do
    field(name == "setupAck" and drive or master, name == "setupAck" and master or drive, name, cclink.node(3),
      { network = CONTROL })
  end
  for _, name in ipairs { "transient1", "transientAck", "paramCheck", "parameter", "ipTransient" } do
    field(master, drive, name, cclink.link(3, 0x40), { network = CONTROL })
  end
  for _, ct in ipairs { 0x04, 0x08, 0x09, 0x10, 0x12, 0x20 } do
    field(master, drive, "transient2", cclink.link(3, 0x41),
      { network = CONTROL, data_type = 2, body = cclink.compatible(ct, 3, 0, "\0\0\0\0") })
    w:sleep(0.01)
    field(drive, master, "transient2", cclink.link(0, 0x41),
      { network = CONTROL, data_type = 2, body = cclink.compatible(0x80 | ct, 0, 3, "\0\0") })
  end
end)

-- TSN: masters settle, stations are found, data flow; clocks; settings by SLMP.
w:at(15, function()
  cclink.tsn_priority(w, master, master)
  local io = { node_type = 0x01, kind = 3, vendor = 0, model = 0x5fff0814, version = 1, functions = 0x66, more = 0xbd }
  local servo = { node_type = 0x81, kind = 0x21, vendor = 0x1234, model = 0xc0ffee, version = 0x203, functions = 0x19 }
  for version = 0, 1 do
    cclink.tsn_detection(w, master, nil, version)
    w:sleep(0.001)
    cclink.tsn_detection_ack(w, remote, master, version, io)
    if version == 0 then cclink.tsn_detection_ack(w, drive, master, 0, servo) end
    w:sleep(0.01)
  end
  local codes, n = "\0\1\2\3\4\5\6\7\8\9\x1d\x1f\x20\x21\x22\x23\x24\x30\x31\x32\x33\x34\x35\x36\x37\x38\x39\x3b\x3c\x3d\x3e\x3f"
    .. "\x40\x41\x42\x43\x44\x45\x46\x47\x48\x49\x4a\x4b\x4c\x4d\x4e\x4f\x7f\xee", 0
  for code in codes:gmatch "." do -- every kind of device and station there is, and one of either that there is not
    n = n + 1
    local node_type = n % 12 // 2 | n % 2 << 7
    cclink.tsn_detection_ack(w, drive, master, 0,
      { node_type = node_type, kind = code:byte(), vendor = 0x1234, model = n, version = 1, functions = 0x01 })
  end
  for _, network in ipairs { cclink.NETWORK.tsn, cclink.NETWORK.tsn_field } do
    cclink.tsn_test(w, master, remote, false, network)
    w:sleep(0.001)
    cclink.tsn_test(w, remote, master, true, network)
  end
  cclink.tsn_data(w, master, remote, cclink.three_e(0x0e92, 0, "\0\0\2\0"))
  cclink.tsn_data(w, master, remote, "\0\0\0\0\0\0")
end)
w:every("200ms", { from = 16, to = 75 }, function(n)
  cclink.tsn_cyclic(w, master, remote, true, n, 0x0001, ("\xaa"):rep(60))
  w:sleep(0.0001)
  cclink.tsn_cyclic(w, remote, master, false, n, 0x0002, ("\xbb"):rep(60))
end)
w:every("1s", { from = 16, to = 30 }, function(n)
  for _, message in ipairs { 0, 8, 2, 3, 10, 1, 9 } do
    local to_neighbour = message == 2 or message == 3 or message == 10
    cclink.ptp(w, master, remote, message, { sequence = n, sdo = to_neighbour and 2 or 1 })
  end
  cclink.ptp(w, master, remote, 11, { sequence = n, body = cclink.announce(master) })
end)
w:at(18, function()
  cclink.ptp(w, master, remote, 11, { body = ("\0"):rep(20) })
  cclink.ptp(w, master, remote, 12)
  cclink.ptp(w, stranger, remote, 13, { domain = 3 })
  cclink.ptp(w, master, remote, 0, { length = 4000 })
  cclink.ptp(w, master, remote, 5)
  cclink.ptp(w, drive, nil, 0, { sdo = 0 }) -- plain IEEE 1588
end)
w:at(20, function()
  local serial = 0
  for _, command in ipairs { { 0x0e90, 0 }, { 0x0e90, 1 }, { 0x0e91, 0 }, { 0x0e92, 0 }, { 0x0e93, 0 }, { 0x0e93, 1 },
    { 0x0e93, 2 }, { 0x0e93, 3 }, { 0x0e94, 0 }, { 0x1234, 0 } } do
    serial = serial + 1
    cclink.slmp(w, master, remote, cclink.lmt(false, serial, command[1], command[2], "\0\0\0\0\1\2"))
    w:sleep(0.01)
    local refused = command[1] == 0x0e91 and 0xcee0 or 0
    cclink.slmp(w, remote, master, cclink.lmt(true, serial, command[1], command[2], "\0\0\0\0", refused))
    w:sleep(0.01)
  end
  cclink.slmp(w, master, drive, cclink.lmt(false, 99, 0x0e92, 0, "\0\0\0\0"), 45239) -- no answer
  cclink.slmp(w, drive, master, cclink.lmt(true, 7, 0x0e94, 0, "\0\0\0\0\1\1\0\0")) -- an answer alone
  cclink.slmp(w, master, remote, cclink.four_e(false, 100, 0x0e92, "\0\0\0\0"))
  w:sleep(0.01)
  cclink.slmp(w, remote, master, cclink.four_e(true, 100, nil, "\0\0"))
  cclink.slmp(w, master, remote, "\x42\0\0\0nothing that SLMP knows")
  cclink.slmp(w, master, remote, cclink.lmt(false, 101, 0x0e92, 0, "\0\0\0\0"):sub(1, 19))
end)

-- Field Basic: one group of two stations, of which one fails for a while.
local group = { number = 1, stations = { remote, drive } }
w:every("250ms", { from = 25, to = 75 }, function(n)
  local clock = 1715587200000 + n * 250
  cclink.basic_request(w, master, everybody, group, { sequence = n, clock = clock, operating = n > 4 })
  w:sleep(0.002)
  cclink.basic_response(w, remote, master, group, { sequence = n, vendor = 0x1234, model = 0xc0ffee, version = 0x0102 })
  local failing = n > 40 and n < 60
  cclink.basic_response(w, drive, master, group,
    { sequence = n, end_code = failing and 0xcff0 or 0, error = failing and 0x2160 or 0, operating = not failing })
end)
w:at(30, function()
  for _, code in ipairs { 0x80cf, 0xcfe0, 0xcfe1, 0xcfff, 0xabcd, 0 } do
    cclink.basic_response(w, stranger, master, group, { sequence = 0, end_code = code })
  end
  cclink.basic_request(w, master, everybody, group, { sequence = 0, clock = 0, command = 0x0e99 })
end)

-- The stranger stops the remote station and writes its memory.
w:at(40, function()
  w:attack("cclink_stop", stranger, remote, { command = "stop" })
  field(stranger, remote, "transient2", cclink.link(2, 0x66),
    { data_type = 2, source = 9, body = cclink.compatible(0x09, 2, 9, "") })
  w:sleep(0.01)
  field(remote, stranger, "transient2", cclink.link(9, 0x66),
    { data_type = 2, body = cclink.compatible(0x89, 9, 2, "\0\0") })
  w:sleep(1)
  w:attack("cclink_write", stranger, remote, { command = "writeMemory" })
  field(stranger, remote, "transient2", cclink.link(2, 0x67),
    { data_type = 2, source = 9, body = cclink.compatible(0x12, 2, 9, "\0\0\0\0\xff\xff") })
end)

-- What is broken.
w:at(50, function()
  field(master, remote, "unknown", nil, { type = 0x77 })
  field(master, remote, "tokenM", nil, { network = 0x7f })
  w:frame(master, remote, cclink.ETHERTYPE, "\xc2\0\1\1" .. ("\0"):rep(90)) -- a detection's answer, cut short
end)
