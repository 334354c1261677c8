-- EtherNet/IP and CIP: every encapsulation command, discovery, tags, objects, connections, I/O, files, PCCC; then a
-- stranger who stops a controller and loads it.

local enip = require "enip"
local cip = require "cip"
local pccc = require "pccc"
local tcp = require "tcp"
local arp = require "arp"

local w = ...
w:title "EtherNet/IP and CIP: encapsulation, discovery, tags, objects, connections, I/O, files, PCCC"
w:duration "70s"

local engineer = w:host { name = "engineering", role = "engineering", ip = "10.6.0.30", vendor = "dell", os = "windows" }
local hmi = w:host { name = "hmi", role = "hmi", ip = "10.6.0.20", vendor = "advantech", os = "windows" }
local chassis = w:host { name = "plc", role = "plc", ip = "10.6.0.11", vendor = "rockwell",
  facts = { product = "1756-ENBT/A", serial = "00524d8e", slot_2 = "1756-L61/B LOGIX5561", slot_2_serial = "00abcdef" } }
local micro = w:host { name = "micrologix", role = "plc", ip = "10.6.0.12", vendor = "rockwell",
  facts = { product = "1763-L16BWA B/10.00" } }
local adapter = w:host { name = "remote-io", role = "io", ip = "10.6.0.13", vendor = "wago" }
local old = w:host { name = "plc5", role = "plc", ip = "10.6.0.14", vendor = "rockwell" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.6.0.99", vendor = "raspberry_pi", os = "linux" }

local ask, path, CLASS, TYPE, STATUS = cip.ask, cip.path, cip.CLASS, cip.TYPE, cip.STATUS
local pack = string.pack
local text = w:chance_of("content")

-- The devices ---------------------------------------------------------------------------------------------------------

local PROGRAM <const> = text:bytes(430)

local function tags()
  local list = {
    { "Speed", TYPE.real, pack("<f", 1450.5) }, { "Running", TYPE.bool, "\1" }, { "Mode", TYPE.sint, "\xfe" },
    { "Level", TYPE.int, pack("<i2", -120) }, { "Counter", TYPE.dint, pack("<i4", 70000) },
    { "Total", TYPE.lint, pack("<i8", -5000000000) }, { "Flags", TYPE.dword, pack("<I4", 0xdeadbeef) },
    { "Precise", TYPE.lreal, pack("<d", 3.25) }, { "Small", TYPE.usint, "\200" }, { "Word", TYPE.uint, pack("<I2", 65000) },
    { "Wide", TYPE.udint, pack("<I4", 4000000000) }, { "Huge", TYPE.ulint, pack("<I8", 1 << 40) },
    { "Recipe", TYPE.dint, ("\1\0\0\0"):rep(200), true },
    { "Motor", TYPE.structure, pack("<I4I4f", 3, 1, 99.5), handle = 0x1234, template = 0x0a12 },
    { "Title", TYPE.structure, pack("<I4", 8) .. "LINE 7 A" .. ("\0"):rep(76), handle = 0x0fce, template = 0x0fce },
    { "Program:Main.Valve[2].Open", TYPE.bool, "\1" }, { "Motor.Speed", TYPE.real, pack("<f", 99.5) },
    { "Program:Main.Step", TYPE.dint, pack("<i4", 12) },
  }
  local by_name, symbols = {}, {}
  for i, tag in ipairs(list) do
    by_name[tag[1]] = { kind = tag[2], bytes = tag[3], array = tag[4], handle = tag.handle, template = tag.template }
    symbols[i] = tag[1]
  end
  by_name["Program:Main.Valve.Open"] = by_name["Program:Main.Valve[2].Open"]
  return by_name, symbols
end

local named, symbols = tags()
local cpu = cip.controller {
  identity = { vendor = 1, type = 0x0e, product = 54, major = 20, minor = 11, status = 0x3060, serial = 0x00abcdef,
    name = "1756-L61/B LOGIX5561" },
  ip = chassis.ip, gateway = "10.6.0.1", host_name = "plc-line7", mac = chassis.mac_bytes, tags = named, symbols = symbols,
  templates = { [0x0a12] = { words = 17, size = 12, members = 3, handle = 0x1234,
    definition = pack("<I2I2I4I2I2I4I2I2I4", 0, TYPE.dint, 0, 0, TYPE.bool, 4, 0, TYPE.real, 8)
      .. "Motor;n\0State\0On\0Speed\0" } },
  files = { [0xc8] = PROGRAM, [0xc9] = "EDS FILE" },
}
local bridge = cip.controller {
  identity = { vendor = 1, type = 0x0c, product = 58, major = 4, minor = 3, status = 0x0030, serial = 0x00524d8e,
    name = "1756-ENBT/A" },
  ip = chassis.ip, gateway = "10.6.0.1", host_name = "enbt-line7", mac = chassis.mac_bytes, slots = { [2] = cpu },
}
local micro_device = cip.controller {
  identity = { vendor = 1, type = 0x0e, product = 90, major = 2, minor = 10, status = 0x0004, serial = 0x40112233,
    name = "1763-L16BWA B/10.00" },
  ip = micro.ip, gateway = "10.6.0.1", host_name = "micro", mac = micro.mac_bytes, first_connection = 0x20000001,
  pccc = pccc.device { catalog = "1763-LEC  ", interface = 0x49, processor = 0x9f, revision = 0x41 },
}
local io_device = cip.controller {
  identity = { vendor = 40, type = 0x0c, product = 750, major = 1, minor = 5, status = 0x0001, serial = 0x00777777,
    name = "WAGO 750-341" },
  ip = adapter.ip, gateway = "10.6.0.1", host_name = "io-7", mac = adapter.mac_bytes, first_connection = 0x30000001,
}

-- Discovery -----------------------------------------------------------------------------------------------------------

w:at(0.2, function()
  enip.discover(w, engineer, "10.6.0.255", { { chassis, bridge }, { micro, micro_device }, { adapter, io_device } })
  w:sleep(0.2)
  local udp = enip.connect(w, { client = engineer, server = chassis, device = bridge, udp = true })
  udp:list_identity()
  udp:list_services()
  udp:list_interfaces()
end)

-- Encapsulation over TCP: what needs no session, what is refused, and what is said without an answer.
w:at(1, function()
  local link = enip.connect(w, { client = engineer, server = chassis, device = bridge, unregistered = true, quiet_ack = true })
  local COMMAND <const> = enip.COMMAND
  link:list_services()
  link:list_identity()
  link:list_interfaces()
  link:command(COMMAND.send_rr_data, enip.packet { { enip.ITEM.null, "" }, { enip.ITEM.unconnected, ask.get_all(1, 1) } },
    { status = 0x64, session = 0x55555555 }) -- no such session
  link:count_cip(ask.get_all(1, 1))
  link:command(COMMAND.register, pack("<I2I2", 9, 0), { status = 0x69, reply = pack("<I2I2", 1, 0) })
  link:register()
  link:command(COMMAND.nop, "anything", { reply = false })
  link:command(COMMAND.indicate_status, "", { status = 1 })
  link:command(COMMAND.cancel, "", { status = 1 })
  link:command(0x0099, "", { status = 1 })
  link:command(COMMAND.send_rr_data, "\0\0\0\0", { status = 3 }) -- too short to be a packet
  link:close()
end)

-- Objects, unconnected, directly and through the backplane -------------------------------------------------------------

w:at(2, function()
  local link = enip.connect(w, { client = engineer, server = chassis, device = bridge, quiet_ack = true })
  local requests = {
    ask.get_all(CLASS.identity, 1), ask.get_list(CLASS.identity, 1, { 1, 2, 3, 4, 6, 7, 99 }),
    ask.get(CLASS.identity, 1, 7), ask.get(CLASS.identity, 1, 6), ask.get(CLASS.identity, 1, 4),
    ask.get(CLASS.tcp_ip, 1, 5), ask.get(CLASS.tcp_ip, 1, 6), ask.get_list(CLASS.tcp_ip, 1, { 5, 6 }),
    ask.get(CLASS.ethernet_link, 1, 3), ask.get_all(CLASS.ethernet_link, 1), ask.get(CLASS.port, 1, 4),
    ask.get_all(CLASS.dlr, 1), ask.get(CLASS.qos, 1, 4), ask.get(CLASS.parameter, 3, 7),
    ask.get(CLASS.time_sync, 1, 1), ask.get_list(CLASS.time_sync, 1, { 1, 3, 4 }), ask.get(CLASS.safety_supervisor, 1, 11),
    ask.set(CLASS.tcp_ip, 1, 6, pack("<s2", "renamed!")), ask.set(CLASS.qos, 1, 4, "\x2f"),
    ask.set_list(CLASS.time_sync, 1, { { 1, "\1" } }),
    ask.object(0x08, CLASS.connection, nil, "\3"), ask.object(0x09, CLASS.connection, 5),
    ask.object(0x11, CLASS.parameter, 0, "\4"), ask.object(0x15, CLASS.parameter, 1), ask.object(0x16, CLASS.parameter, 1),
    ask.get(0x300, 0x1234, 0x20001), -- segments of 16 and 32 bits
    ask.get(CLASS.assembly, 100, 3), ask.set(CLASS.assembly, 101, 3, "\1\2\3\4"),
    ask.object(0x56, CLASS.manager, 1, pack("<I2", 7)),
  }
  for _, request in ipairs(requests) do
    link:ask(request)
    w:sleep(0.01)
  end
  link:ask_slot(2, ask.get_all(CLASS.identity, 1))
  link:ask_slot(2, ask.get_list(CLASS.identity, 1, { 1, 2, 3, 4, 5, 6, 7 }))
  link:ask_slot(2, ask.get(CLASS.identity, 1, 7))
  link:ask_slot(2, ask.get_list(CLASS.controller, 1, { 1, 2, 3 }))
  link:ask_slot(2, ask.get_list(CLASS.wall_clock, 1, { 6, 11 }))
  link:ask_slot(2, ask.set_list(CLASS.wall_clock, 1, { { 6, pack("<I8", 1715587260000000) } }))
  link:ask_slot(2, ask.get_all(CLASS.program_name, 1))
  link:ask_slot(7, ask.get_all(CLASS.identity, 1)) -- an empty slot
  -- Over a far bridge: backplane, its Ethernet port with the address as text, backplane again. Nobody is there.
  link:ask(ask.unconnected_send(ask.get_all(CLASS.identity, 1), path.port(1, 3) .. path.port(2, "192.168.1.10")
    .. path.port(1, 0)))
  link:close()
end)

-- General and extended status.
w:at(4, function()
  local link = enip.connect(w, { client = hmi, server = chassis, device = cpu, quiet_ack = true })
  link:ask(ask.read_tag("Nobody"))
  link:ask(ask.read_tag("Speed", 9))
  link:ask(ask.write_tag("Speed", TYPE.dint, 1, "\1\0\0\0"))
  link:ask(ask.get(CLASS.identity, 1, 77))
  link:ask(ask.object(0x4e, 0x1234, 1))
  for _, status in ipairs { 2, 3, 7, 9, 0x0b, 0x0e, 0x11, 0x13, 0x16, 0x1a, 0x20, 0x26, 0x2b } do
    link:ask(ask.get(CLASS.identity, 1, 1), { response = cip.response(0x0e, "", status) })
  end
  link:ask(ask.reset(0), { response = cip.response(0x05, "", STATUS.state_conflict) })
  for _, extended in ipairs { 0x0103, 0x0106, 0x0109, 0x0111, 0x0113, 0x0114, 0x0115, 0x0117, 0x011a, 0x0204, 0x0312 } do
    link:open({}, { response = cip.response(0x54, ("\0"):rep(10), 1, { extended }) })
  end
  link:ask(ask.read_tag("Speed"), { response = false, why = "the controller is silent" })
  w:sleep(0.3)
  link:close()
end)

-- Tags, on a connection -----------------------------------------------------------------------------------------------

local ELEMENTS <const> = { "Speed", "Running", "Mode", "Level", "Counter", "Total", "Flags", "Precise", "Small", "Word",
  "Wide", "Huge", "Motor", "Title", "Motor.Speed", "Program:Main.Valve[2].Open", "Program:Main.Step" }

w:at(8, function()
  local link = enip.connect(w, { client = hmi, server = chassis, device = cpu, quiet_ack = true })
  link:open { path = path.key(1, 0x0e, 54, 20, 11, true) .. path.port(1, 2) .. path.object(CLASS.router, 1) }
  for _, name in ipairs(ELEMENTS) do link:ask(ask.read_tag(name)) end
  link:ask(ask.read_tag("Recipe", 4))
  link:ask(ask.read_tag("Recipe[120]", 2))
  link:ask(ask.read_tag_by_instance(5, 1))
  link:ask(ask.read_fragmented("Recipe", 200, 0))
  link:ask(ask.read_fragmented("Recipe", 200, 480))
  link:ask(ask.write_tag("Speed", TYPE.real, 1, pack("<f", 1500)))
  link:ask(ask.write_tag("Running", TYPE.bool, 1, "\0"))
  link:ask(ask.write_tag("Program:Main.Step", TYPE.dint, 1, pack("<i4", 13)))
  link:ask(ask.write_tag("Recipe[3]", TYPE.dint, 3, pack("<i4i4i4", 1, -2, 3)))
  link:ask(ask.write_tag("Motor", TYPE.structure, 1, pack("<I4I4f", 3, 0, 0), 0x1234))
  link:ask(ask.write_fragmented("Recipe", TYPE.dint, 200, 0, ("\7\0\0\0"):rep(60)))
  link:ask(ask.write_fragmented("Recipe", TYPE.dint, 200, 240, ("\7\0\0\0"):rep(60)))
  link:ask(ask.modify_tag("Flags", "\1\0\0\0", "\xff\xff\xff\xff"))
  -- Several in one message; one of them fails; then a multiple inside a multiple.
  link:ask(ask.multiple { ask.read_tag("Speed"), ask.read_tag("Level"), ask.read_tag("Counter") })
  link:ask(ask.multiple { ask.read_tag("Speed"), ask.read_tag("Nobody"), ask.write_tag("Level", TYPE.int, 1, "\5\0") })
  link:ask(ask.multiple { ask.read_tag("Mode"), ask.multiple { ask.read_tag("Speed"), ask.get(CLASS.identity, 1, 6) } })
  link:close_connection()
  link:close()
end)

-- How a programming tool learns the tags: symbols, templates.
w:at(12, function()
  local link = enip.connect(w, { client = engineer, server = chassis, device = cpu, quiet_ack = true })
  link:open { large = true, path = path.port(1, 2) .. path.object(CLASS.router, 1) }
  link:ask(ask.list_symbols(0))
  link:ask(ask.list_symbols(7))
  link:ask(ask.list_symbols(13))
  link:ask(ask.list_symbols(0, "Program:Main"))
  link:ask(ask.template_attributes(0x0a12))
  link:ask(ask.read_template(0x0a12, 0, 60))
  link:ask(ask.object(0x4b, CLASS.program, 1, "\1\0"))
  link:close_connection()
  link:close("server")
end)

-- I/O -----------------------------------------------------------------------------------------------------------------

local function io_cycle(connection, group, options)
  for n = 1, 12 do
    enip.io(w, chassis, adapter, connection.o_t, { number = n, sequence = options.class_1 and n, run = n > 2,
      data = pack("<I2I2", n, 0x5555) })
    w:sleep(0.003)
    local destination = group and w.group(group)
    enip.io(w, adapter, chassis, connection.t_o, { number = n, sequence = options.class_1 and n // 2,
      data = pack("<I2I4", n // 2, 0xa0a0a0a0), destination = destination })
    w:sleep(0.007)
  end
end

w:at(15, function()
  local link = enip.connect(w, { client = chassis, server = adapter, device = io_device, quiet_ack = true })
  local group = "239.192.6.1"
  local connection = link:open({ io = true, transport = 0x01, o_t = { id = 0, rpi = 10000, size = 10, fixed = true, priority = 2 },
    t_o = { id = 0x00420001, rpi = 10000, size = 8, fixed = true, kind = 1, priority = 2 },
    path = path.key(40, 0x0c, 750, 1, 5) .. path.object(CLASS.assembly, 0x66) .. path.point(0x65) .. path.point(0x67)
      .. path.inhibit(5) .. path.data("\1\0\0\0") },
    { reply_items = { { enip.ITEM.sockaddr_t_o, enip.sockaddr(group, enip.IO_PORT) } } })
  io_cycle(connection, group, { class_1 = true })
  link:ask(ask.forward_open {  serial = connection.serial, vendor = connection.vendor, originator = connection.originator,
    o_t = connection.o_t, t_o = connection.t_o, path = connection.path }) -- it is open already
  link:close_connection(connection)
  link:close_connection(connection)
  link:close()
end)

-- Class 0, point to point; and a safety connection.
w:at(17, function()
  local link = enip.connect(w, { client = chassis, server = adapter, device = io_device, quiet_ack = true })
  local connection = link:open { io = true, transport = 0x00, o_t = { id = 0, rpi = 20000, size = 8, fixed = true, priority = 1 },
    t_o = { id = 0x00420002, rpi = 20000, size = 6, fixed = true, priority = 1 },
    path = path.object(CLASS.assembly, 0x66) .. path.point(0x68) .. path.point(0x69) }
  io_cycle(connection, nil, {})
  local node = "\x11\x22\x33\x44\x55\x66" .. "\x0a\x06\x00\x0d"
  link:open { io = true, transport = 0x00, o_t = { id = 0, rpi = 20000, size = 14, fixed = true, priority = 3 },
    t_o = { id = 0x00420003, rpi = 20000, size = 6, fixed = true, priority = 3 },
    path = path.key(40, 0x0c, 750, 1, 5) .. path.object(CLASS.assembly, 0x360) .. path.point(0x302) .. path.point(0x301)
      .. path.safety { configuration_crc = 0xc0ffee11, configuration_stamp = "\1\2\3\4\5\6", target = node,
        originator = "\x11\x22\x33\x44\x55\x66\x0a\x06\0\x0b", parameter_crc = 0x12345678 } }
  link.tcp:reset("server")
end)

-- Run and stop, the file object, the storage of firmware --------------------------------------------------------------

local function upload(link, instance, content)
  link:ask(ask.begin_upload(instance))
  for n = 0, cip.transfers(content) - 1 do link:ask(ask.upload_transfer(instance, n)) end
end

local function download(link, instance, content, name)
  link:ask(ask.begin_download(instance, content, name))
  for n = 0, cip.transfers(content) - 1 do link:ask(ask.download_transfer(instance, n, content)) end
end

w:at(20, function()
  local link = enip.connect(w, { client = engineer, server = chassis, device = cpu, quiet_ack = true })
  link:open { path = path.port(1, 2) .. path.object(CLASS.router, 1) }
  upload(link, 0xc8, PROGRAM)
  upload(link, 0xc9, "EDS FILE")
  link:ask(ask.begin_upload(0x01)) -- there is none
  download(link, 0xc8, PROGRAM:reverse(), "PROG.BIN")
  link:ask(ask.object(0x51, CLASS.file, 0xc8))
  link:ask(ask.object(0x07, CLASS.controller, 1)) -- stop
  link:ask(ask.object(0x06, CLASS.controller, 1)) -- start
  link:ask(ask.object(0x4b, CLASS.storage, 1, pack("<I4I2I2", 1000, 0x0414, 0)))
  link:ask(ask.object(0x4d, CLASS.storage, 1, pack("<I4", 0) .. text:bytes(100)))
  link:ask(ask.reset())
  link:ask(ask.reset(1))
  link:close_connection()
  link:close()
end)

-- What segments do to messages ----------------------------------------------------------------------------------------

w:at(24, function()
  local link = enip.connect(w, { client = hmi, server = chassis, device = cpu })
  local read = ask.read_tag("Recipe", 100)
  link:pipeline { ask.read_tag("Speed"), ask.read_tag("Level"), ask.get(CLASS.identity, 1, 6), ask.read_tag("Word") }
  w:sleep(0.1)
  link:ask(read, { request_fault = { cut = { 4, 1, 20, 3, 8 }, gap = 0.001 } })
  w:sleep(0.1)
  link:ask(read, { request_fault = { retransmit = { 0.2 } }, response_fault = { recover = { 0.02 } } })
  w:sleep(0.3)
  w:fault("lost_response", { client = hmi.ip, server = chassis.ip })
  link:ask(read, { response_fault = { lose = { true } } })
  w:sleep(0.1)
  w:fault("lost_request", { client = hmi.ip, server = chassis.ip })
  link:ask(read, { request_fault = { lose = { true } } })
  w:sleep(0.1)
  link:open {}
  link:pipeline { ask.read_tag("Speed"), ask.read_tag("Level"), ask.read_tag("Mode") }
  link.tcp:reset("client")
  link = enip.connect(w, { client = hmi, server = chassis, device = cpu })
  link:ask(read, { response_fault = { cut = { 24, 1, 100 }, order = { 2, 1, 3, 4 } } })
  link:close()
end)

-- Joined in the middle, unconnected and connected; one side only; another port.
w:at(27, function()
  local link = enip.connect(w, { client = hmi, server = chassis, device = cpu, midstream = true, session = 0x0badcafe, quiet_ack = true })
  w:fault("midstream", { orig = hmi.ip, orig_port = link.tcp.sides.client.port, resp = chassis.ip })
  for _ = 1, 2 do link:ask(ask.read_tag("Speed")) end
  link.connection = { o_t = { id = 0x10009999 }, t_o = { id = 0x00770077 } }
  for _ = 1, 3 do
    link:ask(ask.multiple { ask.read_tag("Speed"), ask.read_tag("Counter") })
    w:sleep(0.1)
  end
end)
for n, see in ipairs { "client", "server" } do
  w:at(29 + n, function()
    local link = enip.connect(w, { client = hmi, server = chassis, device = cpu, see = see, quiet_ack = true })
    link:ask(ask.read_tag("Speed"))
    link:ask(ask.write_tag("Level", TYPE.int, 1, "\5\0"))
    link:ask(ask.get_all(CLASS.identity, 1))
    link:close()
  end)
end
w:at(32, function()
  local link = enip.connect(w, { client = hmi, server = micro, device = micro_device, port = 50818, quiet_ack = true })
  link:ask(ask.get_all(CLASS.identity, 1))
  link:close()
end)

-- PCCC ----------------------------------------------------------------------------------------------------------------

local FILE <const> = pccc.FILE

w:at(34, function()
  local link = enip.connect(w, { client = engineer, server = micro, device = micro_device, quiet_ack = true })
  link:ask(ask.get_all(CLASS.identity, 1))
  for _, command in ipairs(pccc.EVERY) do
    link:ask_pccc(table.unpack(command))
    w:sleep(0.004)
  end
  -- Refused: by the local node, by the remote one, by the controller with its reason.
  local device = micro_device.spec.pccc
  for _, how in ipairs { { sts = 0x01 }, { sts = 0x10 }, { sts = 0x50 }, { ext = 0x06 }, { ext = 0x0b }, { ext = 0x1a } } do
    device.refuse = function() return how end
    link:ask_pccc("read_3", 2, 99, FILE.integer, 0)
  end
  device.refuse = nil
  link:ask(ask.object(0x4b, CLASS.pccc, 1, "\7\x4d\0\xee\xff\xc0\0\x0f"), { response = cip.response(0x4b, "", STATUS.short) })
  link:close()
end)

-- PCCC before CIP.
w:at(38, function()
  arp.resolve(w, engineer, old)
  local device = pccc.device { catalog = "1785-L20E  ", interface = 0x22, processor = 0x55, revision = 0x25 }
  local connection = tcp.new(w, { client = engineer, server = old, port = pccc.LEGACY_PORT, quiet_ack = true }):open()
  connection:send("client", pccc.legacy_connect())
  w:sleep(0.002)
  connection:send("server", pccc.legacy_connected(0x01020304))
  for n, command in ipairs { { "diagnostic_status" }, { "typed_read", { 0, 7, 0 }, 0, 2, 2 },
    { "word_range_read", { 0, 7, 10 }, 0, 4, 8 }, { "write_3", 7, FILE.integer, 0, 0, "\1\0" }, { "set_cpu_mode", 0 } } do
    local bytes = pccc.command(table.unpack(command, 1, 1), 0x2000 + n, table.unpack(command, 2))
    local reply = device:answer(bytes)
    connection:send("client", pccc.legacy_command(0x01020304, bytes))
    w:sleep(0.002)
    connection:send("server", pccc.legacy_reply(0x01020304, reply))
    pccc.count(w, engineer, old, bytes, reply, true)
    w:sleep(0.01)
  end
  connection:close()
end)

-- The stranger --------------------------------------------------------------------------------------------------------

w:at(50, function()
  local link = enip.connect(w, { client = stranger, server = chassis, device = bridge, quiet_ack = true })
  w:attack("cip_stop", stranger, chassis, { class = "0x8e", route = "1/2" })
  link:ask_slot(2, ask.object(0x07, CLASS.controller, 1))
  w:sleep(2)
  w:attack("cip_program_download", stranger, chassis, { instance = "0xc8", route = "1/2" })
  for n = 0, 2 do
    if n == 0 then link:ask_slot(2, ask.begin_download(0xc8, PROGRAM, "EVIL.BIN")) end
    link:ask_slot(2, ask.download_transfer(0xc8, n, PROGRAM))
  end
  w:sleep(1)
  w:attack("cip_reset", stranger, chassis, { class = "0x01" })
  link:ask(ask.reset(1))
  link:close()
  w:sleep(1)
  local other = enip.connect(w, { client = stranger, server = micro, device = micro_device, quiet_ack = true })
  w:attack("pccc_program_mode", stranger, micro, { func = "0x80" })
  other:ask_pccc("change_mode", 1)
  other:close()
end)
