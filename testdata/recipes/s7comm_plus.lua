-- S7comm-plus in versions 1 to 3: sessions, identity, variables, objects, a program loaded, read and deleted, the controller
-- stopped and started, the clock, passwords, subscriptions; errors, fragments, system events, TLS; frames that lie.

local s7plus = require "s7plus"

local w = ...
w:title "S7comm-plus: versions 1 to 3, every function, blocks, operating state, errors, fragments, TLS; a stranger"
w:duration "60s"

local engineer = w:host { name = "engineering", role = "engineering", ip = "10.8.1.30", vendor = "siemens", os = "windows",
  facts = { hostname = "TIA-ENG1" } }
local hmi = w:host { name = "hmi", role = "hmi", ip = "10.8.1.20", vendor = "siemens", os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.8.1.11", vendor = "siemens",
  facts = { model = "6ES7 215-1AG40-0XB0", firmware = "V4.2.1", serial = "S V-L8BT7803",
    order_number = "6ES7 215-1AG40-0XB0", module_name = "Press", station_name = "S7-1200 station_1" } }
local new = w:host { name = "plc-new", role = "plc", ip = "10.8.1.12", vendor = "siemens",
  facts = { model = "6ES7 511-1AK00-0AB0", order_number = "6ES7 511-1AK00-0AB0", firmware = "V1.0" } }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.8.1.99", vendor = "raspberry_pi", os = "linux" }

local command, value, object, attribute = s7plus.command, s7plus.value, s7plus.object, s7plus.attribute
local DB <const>, INPUT <const>, OUTPUT <const>, FLAGS <const> = 0x8a0e, 80, 81, 82
local code = w:chance_of "code"

local function all(link, list)
  for _, entry in ipairs(list) do
    link:ask(entry[1], entry[2])
    w:sleep(0.02)
  end
end

local function session(options, host, version, number)
  local link = s7plus.connect(w, options)
  link:ask(command.open_session { host = host, version = version, session = number, fingerprint = "01:BD426B091F08731A" })
  link.session = number
  link:ask(command.write_attributes(number, { { 306, value.struct(314, { { 315, value.udint(512) } }) }, { 305, value.udint(2) } }))
  return link
end

-- An engineering station: goes online, reads who it is, loads hardware and blocks, reads one back, deletes one, stops, starts.
w:at(1, function()
  local link = session({ client = engineer, server = plc }, "TIA-ENG1_238250", "1;6ES7 215-1AG40-0XB0 ;V4.2", 0x394)
  local rack = object(0x88e10001, 2399, attribute(233, value.wstring "Rack_0"))
  local hardware = object(2, 2496, attribute(233, value.wstring "HWConfiguration") .. s7plus.relation(4369, 49)
    .. object(32, 2131, attribute(233, value.wstring "S7-1200 station_1") .. rack)
    .. object(48, 2166, attribute(233, value.wstring "Press") .. attribute(2357, value.uint(1)), 2357)
    .. s7plus.type_list(code:bytes(20)) .. s7plus.name_list(code:bytes(12)))
  local blocks = s7plus.block("OB", 1, "Main", code:bytes(60)) .. s7plus.block("DB", 7, "Recipe", code:bytes(40))
  all(link, {
    { command.get_streamed(49, { 3753 }, s7plus.identification("6ES7 215-1AG40-0XB0", "S V-L8BT7803", { "V", 4, 2, 1 })) },
    { command.get_streamed(0x88e10101, { 3753 }, s7plus.identification("6ES7 221-1BF32-0XB0", "S C-E7T12345", { "V", 2, 0, 0 })) },
    { command.get_streamed(52, { 2237, 3486 }, value.udint(8)) }, { command.get(50, { 2418, 2419 }, value.udint(0)) },
    { command.read_attributes(52, { 2237, 3688 }, { value.usint(3), value.word(0) }) },
    { command.explore(1, object(1, 2478, attribute(233, value.wstring "ASRoot")
      .. object(3, 2520, attribute(233, value.wstring "PLCProgram") .. s7plus.tag("Level", 168)
        .. s7plus.tag_of_arrays("Table", 9, { { -3, 200 }, { 1, 2 } })))) },
    { command.get_link(49, 2270) }, { command.add_link(2, 4369) }, { command.remove_link(2, 4369) },
    { command.begin_transaction() }, { command.begin_sequence(3) },
    { command.create(1, hardware, 9) }, { command.set(2, { { 2458, value.bool(false) } }) },
    { command.delete(s7plus.block_id("OB", 1)) },
    { command.create(3, s7plus.block("OB", 1, "Main", code:bytes(2500)), 22) },
    { command.create(3, s7plus.block("DB", 7, "Recipe", code:bytes(200)), 23) },
    { command.create(3, s7plus.block("FB", 2, "Pump", code:bytes(120)), 24) },
    { command.create(3, s7plus.block("UDT", 5, "Batch", code:bytes(30)), 25), { code = -108 } },
    { command.set(3, { { 3635, value.bool(true) }, { 2453, value.timestamp(1) } }) }, { command.end_sequence() },
    { command.explore(3, object(1, 2478, object(3, 2520, blocks))) },
    { command.explore(s7plus.block_id("DB", 7), object(3, 2520, s7plus.block("DB", 7, "Recipe", code:bytes(40)))) },
    { command.create(211, object(0x7fffc002, 2709, attribute(233, value.wstring "TisBlockStackJob_4"))) },
    { command.set(52, { { 2167, value.dint(1) } }) }, { command.set(52, { { 2167, value.dint(3) } }) },
    { command.set(52, { { 2167, value.dint(2) } }) },
    { command.set(50, { { 2421, value.timestamp(0x17a1b2c3d4e5f607) } }) },
    { command.set(51, { { 2118, value.usint(1) } }) }, { command.set(201, { { 387, value.bool(true) } }) },
    { command.write_attributes(52, { { 2172, value.uint(1) }, { 2167, value.dint(1) } }) },
    { command.write({ { 52, {}, what = 2167, crc = 0 } }, { value.dint(3) }) },
    { command.invoke(50) }, { command.get_addresses() }, { command.unknown(0x0666), { code = -12 } },
    { command.delete(0x8a0e0063), { code = -12 } }, { command.abort() },
  })
  link:system_event("server", 983)
  link:ask(command.delete(0x394))
  link:system_event("server", 1043, "LOGOUT")
  link:close()
end)

-- Variables of all kinds, single and many; errors of one and of all; a subscription with its notifications.
w:at(8, function()
  local link = session({ client = hmi, server = plc, called = "SIMATIC-ROOT-HMI", version = 2 }, "HMI-PANEL_1",
    "1;6ES7 215-1AG40-0XB0 ;V3.0", 0x38c)
  local many = { value.bool(true), value.usint(200), value.uint(6000), value.udint(70000), value.ulint(1 << 40), value.sint(-5),
    value.int(-500), value.dint(-70000), value.lint(-(1 << 40)), value.byte(0xab), value.word(0xabcd), value.dword(0x12345678),
    value.lword(0x123456789abcdef), value.real(1.5), value.lreal(-2.5), value.timestamp(1 << 60), value.timespan(-1000),
    value.rid(52), value.aid(2167), value.blob "bytes", value.typed_blob(3, "typed"), value.wstring "text", value.bytes "\1\2\3",
    value.udints { 1, 200, 70000 }, value.sparse { { 1, "one" }, { 300, "three hundred" } },
    value.struct(1000, { { 1, value.uint(1) }, { 2, value.struct(1001, { { 3, value.real(3) } }) } }),
    value.packed(0x02000043, "0123456789ab"), value.packed(0x90000001, "abcd", true), value.null() }
  local where = {}
  for i = 1, #many do where[i] = { DB << 16 | 6, { 8 + i } } end
  all(link, {
    { command.read(where, many) },
    { command.read({ { FLAGS, { 12 } }, { INPUT, { 9 } }, { OUTPUT, { 300 } }, { 83, { 1 } }, { 84, { 2 } },
      { DB << 16 | 3, { 14, 0, 256 } } }, { value.uint(1), value.bool(true), value.byte(4), value.word(1), value.udint(5), value.real(6) },
      { [3] = -255, [6] = -17 }) },
    { command.write({ { DB << 16 | 3, { 10 } } }, { value.int(-12) }) },
    { command.write({ { FLAGS, { 12 } }, { OUTPUT, { 9 } } }, { value.uint(1500), value.bool(true) }) },
    { command.write({ { DB << 16 | 3, { 10 } } }, { value.int(1) }), { code = -17 } },
    { command.read({ { DB << 16 | 9, { 10 } } }, { value.int(1) }), { no_answer = true } },
    { command.create(0x38c, object(0x7fffc001, 1001, attribute(233, value.wstring "Subscription_1")
      .. attribute(1048, s7plus.subscribed { { 1, FLAGS, { 12 } }, { 2, DB << 16 | 3, { 3, 8, 4 } }, { 3, INPUT, { 3, 0, 1 } },
        { 4, 52, { 3486 }, what = 2237 } }) .. attribute(1049, value.udint(1000)))), { code = 17 } },
    { command.set(0x70400001, { { 1053, value.int(9) } }), { flags = 0x74, short = true } },
  })
  for n = 1, 5 do
    link:notify(0x70400001, { value.uint(n), value.real(n / 2) })
    w:sleep(0.5)
  end
  local now <const> = 1646058751123456
  local state = value.struct(0xd99, { { 3482, value.dint(0) }, { 3486, value.dint(8) } })
  link:notify(0x70400001, { value.uint(6), value.real(3), value.byte(1), value.dint(4) }, { at = now })
  link:notify(0x70400001, { value.uint(7), value.real(3), value.byte(1), state }, { at = now + 10 ^ 6 // 1 | 0, errors = { 0x13, 0x03 } })
  link:notify(0x70400001, {}, { raw = "\x9b" .. s7plus.vlq(2237) .. state .. "\x9c\0\0\0\1" .. "\x83" .. value.uint(9) })
  link:ask(command.write_attributes(0x70400001, { { 1048, s7plus.subscribed { { 7, 52, { 3486 }, what = 2237 } } } }))
  link:notify(0x70400001, { value.dint(6) }, { first = 7 })
  link:notify(0x1000006a, { value.uint(10) }, { old = true })
  link:notify(0x70400001, { value.uint(1) }, { raw = "\x47lies" })
  -- Alarms: subscribed to, told, gone and acknowledged, asked for.
  link:ask(command.create(0x38c, object(0x7fffc001, 1001, attribute(1048, value.udints { 0x80010000, 0, 0 })
    .. object(0x51010001, 2662, attribute(233, value.wstring "Alarming")))))
  local overfill = { id = 0x8a7e0000000f0012, number = 18, at = now * 1000, text = "Tank 1 overfilled", values = { "\0\1", "abc" } }
  link:notify(0x70400001, {}, { at = now, alarms = { s7plus.alarm(overfill) } })
  link:notify(0x70400001, {}, { alarms = { s7plus.alarm { id = overfill.id, number = 19, at = now * 1000 + 10 ^ 9 // 1 | 0, going = true,
    acknowledged = now * 1000 + 5, text = overfill.text }, s7plus.alarm { id = 0x8a7e0000000f0013, number = 20, at = now * 1000 } } })
  link:notify(0x1000006a, {}, { old = true, object = s7plus.alarm { id = 0x8a7e0000000f0014, number = 21, at = now * 1000 } })
  all(link, {
    { command.explore(8, s7plus.alarm(overfill)) },
    { command.get_streamed(52, { 2237, 3486 }, value.dint(8)) },
    { command.get_streamed(52, { 2237 }, state) },
    { command.read_attributes(52, { 2237, 3688 }, { state, value.word(0) }) },
    { command.explore(52, object(52, 2166, attribute(2237, state))) },
    { command.set(3, { { 2453, value.timestamp(1) } }), { code = 37 } },
  })
  link:ask(command.delete(0x70400001))
  link:pipeline({ command.read({ where[1] }, { many[1] }), command.read({ where[2] }, { many[2] }),
    command.get_streamed(52, { 2237, 3486 }, value.udint(8)) }, { 3, 1, 2 })
  link:keep_alive("client", 1)
  link:keep_alive("server", 1)
  link:close("server")
end)

-- Passwords: a challenge and an answer; the older way and the newer one.
w:at(16, function()
  local link = session({ client = engineer, server = new, version = 3 }, "TIA-ENG1_99", "1;6ES7 511-1AK00-0AB0;V1.0", 0x70000388)
  all(link, {
    { command.get_streamed(0x70000388, { 303 }, value.bytes(("X"):rep(20))) },
    { command.set(0x70000388, { { 1846, value.blob "a secret answer" } }) },
    { command.set_streamed(0x70000388, { 1846 }, value.blob "another secret") },
    { command.set(0x70000388, { { 1846, value.blob "a wrong answer" } }), { code = -134 } },
    { command.set(0x70000388, { { 1846, value.blob "another wrong answer" } }), { code = 22 } },
    { command.set(0x70000388, { { 1846, value.blob "a right answer" } }), { code = 33 } },
    { command.write_attributes(0x70000388, { { 304, value.bytes(("R"):rep(20)) } }) },
    { command.set(50, { { 3452, value.wstring "new password" } }) },
  })
  link:close()
end)

-- What is in the way: TSDUs in pieces, fragments lost, the first or the last one; frames that lie; too much for one message.
w:at(20, function()
  local link = session({ client = engineer, server = plc }, "TIA-ENG1_2", "1;6ES7 215-1AG40-0XB0 ;V4.2", 0x395)
  local read = command.read({ { FLAGS, { 12 } } }, { value.uint(1) })
  local block = command.create(3, s7plus.block("DB", 8, "Big", code:bytes(900)), 30)
  all(link, {
    { block, { request = { fragment = 300, piece = 70, together = true } } },
    { block, { request = { fragment = 300, fault = { cut = { 1, 6, 40, 3 } } } } },
    { block, { request = { fragment = 300, drop = { true } }, latency = 0.1 } },
    { read },
    { block, { request = { fragment = 300, drop = { [3] = true } }, latency = 0.1 } },
    { read }, { read, { request = { spoil = function(f) return f .. "more" end } } },
    { read, { request = { spoil = function(f) return f:sub(1, 3) .. "\xff" .. f:sub(5) end }, no_answer = true } },
    { read, { request = { spoil = function(f) return f:sub(1, 4) .. "\xf0" .. f:sub(6) end }, no_answer = true } },
    { read, { request = { spoil = function(f) return "\x72\7" .. f:sub(3) end }, no_answer = true } },
    { read },
    { { 0x04f2, "\0\0\0\x34\1\x90\x77\0\x99", "" } },
    { read, { func = 0x04b1, code = -1 } },
  })
  link:close()
end)

-- Joined mid-stream, one direction, an odd port.
w:at(26, function()
  local late = s7plus.connect(w, { client = hmi, server = plc, midstream = true, sequence = 700, session = 0x38d })
  for n = 1, 3 do
    late:ask(command.read({ { DB << 16 | 3, { n } } }, { value.int(n) }))
    w:sleep(0.1)
  end
  local half = s7plus.connect(w, { client = hmi, server = plc, see = "server", session = 0x38e })
  half:ask(command.read({ { DB << 16 | 3, { 1 } } }, { value.int(1) }))
  half:ask(command.set(52, { { 2167, value.dint(1) } }))
  half:close()
  local odd = session({ client = hmi, server = plc, port = 10102 }, "HMI-PANEL_2", "1;6ES7 215-1AG40-0XB0 ;V4.2", 0x3a0)
  odd:ask(command.read({ { DB << 16 | 3, { 1 } } }, { value.int(1) }))
  odd:close()
end)

-- Encrypted: InitSsl, then TLS in the TSDUs.
w:at(30, function()
  local link = s7plus.connect(w, { client = engineer, server = new })
  link:ask(command.init_ssl())
  link:tls("client", 22, "\1\0\0\x2f\3\3" .. ("\7"):rep(32) .. "\0\0\2\x13\1\1\0\0\4\0\x2b\0\0")
  link:tls("server", 22, "\2\0\0\x2c\3\3" .. ("\9"):rep(32) .. "\0\x13\1\0\0\4\0\x2b\0\0")
  link:tls("client", 23, code:bytes(60))
  link:tls("server", 23, code:bytes(90))
  link:close()
end)

-- The stranger looks who is there, fails to log in, writes an output and stops the controller.
w:at(40, function()
  local link = session({ client = stranger, server = plc }, "kali_1", "1;6ES7 215-1AG40-0XB0 ;V4.2", 0x3b0)
  w:attack("s7plus_identify", stranger, plc, {})
  link:ask(command.get_streamed(49, { 3753 }, s7plus.identification("6ES7 215-1AG40-0XB0", "S V-L8BT7803", { "V", 4, 2, 1 })))
  w:attack("s7plus_password_guessing", stranger, plc, { tries = 5 })
  for n = 1, 5 do link:ask(command.set(0x3b0, { { 1846, value.blob("guess" .. n) } }), { code = -134 }) end
  w:attack("s7plus_write", stranger, plc, { target = "Q.9" })
  link:ask(command.write({ { OUTPUT, { 9 } } }, { value.bool(true) }))
  w:attack("s7plus_stop", stranger, plc, {})
  link:ask(command.set(52, { { 2167, value.dint(1) } }))
  link:close()
end)
