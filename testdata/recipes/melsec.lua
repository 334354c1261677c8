-- MELSEC communication protocol and SLMP: every command, frame and code, what goes wrong, and a stranger who stops a
-- controller. The truth tells each exchange: devices, points, values and end code.

local melsec = require "melsec"
local e1 = require "melsec_1e"

local w = ...
w:title "MELSEC communication protocol: frames 1E, 3E and 4E in binary and ASCII code, node search"
w:duration "90s"

local hmi = w:host { name = "hmi", role = "hmi", ip = "10.7.0.20", vendor = "advantech", os = "windows" }
local engineer = w:host { name = "engineering", role = "engineering", ip = "10.7.0.30", vendor = "dell",
  os = "windows" }
local q = w:host { name = "press", role = "plc", ip = "10.7.0.11", vendor = "mitsubishi",
  facts = { vendor = "Mitsubishi Electric", model = "Q03UDVCPU" } }
local r = w:host { name = "oven", role = "plc", ip = "10.7.0.12", vendor = "mitsubishi",
  facts = { vendor = "Mitsubishi Electric", model = "R04CPU" } }
local fx = w:host { name = "conveyor", role = "plc", ip = "10.7.0.13", vendor = "mitsubishi" }
local io = w:host { name = "valves", role = "io", ip = "10.7.0.14", vendor = "mitsubishi" }
local stranger = w:host { name = "stranger", role = "attacker", ip = "10.7.0.99", vendor = "raspberry_pi",
  os = "linux" }

local of_q = melsec.controller { model = "Q03UDVCPU", model_code = 0x0366 }
local of_r = melsec.controller { model = "R04CPU", model_code = 0x4800 }
local of_fx = melsec.controller()
local ask, ask1 = melsec.command, e1.command
local BIT <const>, LONG <const>, LONG_BIT <const> = { bit = true }, { long = true }, { bit = true, long = true }

local function connect(client, server, controller, port, options)
  local all = { client = client, server = server, controller = controller, port = port, quiet_ack = true }
  for _, name in ipairs { "frame", "ascii", "udp", "to", "midstream", "see", "serial" } do all[name] = options[name] end
  return melsec.connect(w, all, options.codec)
end

local function say(link, requests)
  for _, request in ipairs(requests) do
    link:ask(request)
    w:sleep(0.02)
  end
end

-- Commands with the subcommands of MELSEC-Q/L.
local function of_every_q_command()
  return {
    ask.read("D100", 3), ask.read("M16", 2), ask.read("M100", 5, BIT), ask.read("X1F", 4, BIT), ask.read("TN0", 2),
    ask.read("SD203", 1),
    ask.write("D200", { 0x1234, 0xffff, 7 }), ask.write("M32", { 0x8001 }), ask.write("Y40", { 1, 0, 1 }, BIT),
    ask.read("D200", 3),
    ask.read_random({ "D0", "W1A", "M100", "X20" }, { "D1500", "Y160" }),
    ask.write_random({ { "D10", 77 }, { "W1F", 0x55aa } },
      { { "D12", 0x12345678 } }), ask.write_random_bits { { "M50", 1 }, { "Y2F", 0 } },
    ask.read_block({ { "D0", 2 }, { "W100", 1 } }, { { "M0", 2 } }),
    ask.write_block({ { "D300", { 1, 2, 3 } } }, { { "B10", { 0x00ff } } }),
    ask.monitor_register({ "D15", "M32" }, { "D20" }), ask.monitor(), ask.monitor(),
    ask.read("J1\\W100", 2), ask.read("U3\\G16", 4), ask.write("U3\\G20", { 9, 8 }), ask.read("J2\\B1F", 3, BIT),
    ask.read("D100Z4", 1),
    ask.read_random({ "J1\\W10", "U3\\G0" }, {}), ask.write_random_bits { { "J1\\B5", 1 } }, ask.read("U3E0\\G10", 1),
    ask.read_memory(0x78, 2), ask.write_memory(0x100, { 5, 6 }), ask.self_test("ABCDE"), ask.read_model(),
    ask.clear_error(),
    ask.unlock("1234"), ask.remote_stop(), ask.remote_latch_clear(), ask.remote_run(true, 2), ask.remote_pause(),
    ask.remote_run(), ask.lock("1234"),
    ask.search_file(0, "MAIN.QPG"), ask.create_file(0, "LINE.QPG", 1024), ask.open_file(0, "LINE.QPG", true),
    ask.close_file(),
    ask.change_attribute(0, "LINE.QPG", 1), ask.change_date(0, "LINE.QPG"), ask.copy_file(0, "LINE.QPG", "OLD.QPG"),
    ask.delete_file(0, "OLD.QPG"),
    ask.read_drive(1, 0, 32), ask.defragment_drive(1), ask.list_files(0, 1, 5), ask.list_files(0, 1, 5, true),
    ask.search_file_number(0, "MAIN.QPG"), ask.read_file_numbers(0), ask.read_numbered_file(0, 3, "MAIN.QPG", 0, 16),
    ask.create_numbered_file(0, "NEW.QPG", 256), ask.write_numbered_file(0, 4, "NEW.QPG", 0, "abcd"),
    ask.delete_numbered_file(0, 4, "NEW.QPG"),
  }
end

-- Those that send bytes, or devices that only some write in ASCII code.
local function of_every_binary_command()
  return { ask.read("ZR1000", 2), ask.read("CN3", 1), ask.read("STN7", 1), ask.read("SB10", 2, BIT),
    ask.read("R32767", 1), ask.read("Z2", 1),
    ask.read_unit(0x120, 4, 0x13), ask.write_unit(0x124, "\1\2\3\4", 0x13),
    ask.open_file(0, "MAIN.QPG"), ask.read_file(0, 64), ask.read_file(64, 32), ask.close_file(),
    ask.open_file(0, "LINE.QPG", true), ask.write_file(0, "PROG"), ask.write_file(4, "RAM!"),
    ask.close_file() }
end

-- Commands with the subcommands of MELSEC iQ-R, labels, and files by names in UTF-16.
local function of_every_r_command()
  return {
    ask.read("D100", 3, LONG), ask.read("M100", 5, LONG_BIT), ask.read("X1FFF", 2, LONG_BIT),
    ask.read("RD100000", 2, LONG),
    ask.write("W2A", { 1, 2 }, LONG), ask.write("B7F", { 1, 1, 0, 1 }, LONG_BIT), ask.read("STN3", 1, LONG),
    ask.read_random({ "D0", "SM400" }, { "LZ0", "D20" }, LONG),
    ask.write_random({ { "D1", 1 } }, { { "D2", 0xdeadbeef } }, LONG),
    ask.write_random_bits({ { "M7", 1 }, { "Y100", 1 } }, LONG),
    ask.read_block({ { "D5", 2 } }, { { "X40", 1 } }, LONG),
    ask.write_block({ { "D400", { 4, 5 } } }, { { "M64", { 0xf0f0 } } }, LONG),
    ask.monitor_register({ "D60" }, { "W30" }, LONG), ask.monitor(),
    ask.read("U1\\G100", 2, LONG), ask.read("J3\\SB20", 2, LONG_BIT), ask.write("U3E1\\HG4", { 3 }, LONG),
    ask.read("D10Z1", 1, LONG),
    ask.read_label_array { { name = "Lbl[2]", bytes = 6 }, { name = "Flags[0]", bits = 20 } },
    ask.read_label_array({ { name = "%1.Level", bytes = 2 } }, { "Tank" }),
    ask.write_label_array { { name = "Recipe[0]", words = { 10, 20, 30 } } },
    ask.read_labels { "Speed", "Batch.Count" },
    ask.write_labels { { name = "Setpoint", words = { 850 } }, { name = "Start", words = { 1 } } },
    ask.unlock("Sakura-77"), ask.read_model(), ask.remote_stop(true), ask.remote_run(), ask.lock("Sakura-77"),
    ask.read_directory(4, 1, 3, "SUBDIR"), ask.create_file(4, "LINE.CSV", 2048, true),
    ask.open_file(4, "LINE.CSV", true, true), ask.close_file(),
    ask.change_attribute(4, "LINE.CSV", 1, true), ask.copy_file(4, "LINE.CSV", "B.CSV", true),
    ask.delete_file(4, "B.CSV", true),
  }
end

w:at("0.5s", function()
  local link = connect(hmi, q, of_q, 5007, {})
  say(link, of_every_q_command())
  say(link, of_every_binary_command())
  local function transferred(direction, name, content)
    w.truth:note("transfers", { client = hmi.ip, server = q.ip, port = 5007, direction = direction, name = name,
      content = content })
  end
  transferred("upload", "MAIN.QPG", ("P"):rep(96))
  transferred("download", "LINE.QPG", "PROGRAM!")
  link:close()
end)
w:at("6s", function()
  local link = connect(hmi, q, of_q, 5002, { ascii = true })
  say(link, of_every_q_command())
  link:close()
end)
w:at("12s", function()
  local link = connect(engineer, r, of_r, 2000, { frame = "4E", serial = 0x1233 })
  say(link, of_every_r_command())
  link:close()
end)
w:at("17s", function()
  local link = connect(engineer, r, of_r, 5000, { frame = "4E", ascii = true, serial = 0xfffe })
  say(link, of_every_r_command())
  link:close("server")
end)

local OF_STATIONS <const> = { "identify", "get_parameter", "start_parameters", "set_parameter", "end_parameters",
  "read_status", "get_communication_setting", "clear_error_history", "clear_event_history", "get_event_history", "indicate",
  "stop_own_cyclic", "start_own_cyclic", "stop_other_cyclic", "start_other_cyclic", "write_link_parameter" }
w:at("20.5s", function()
  local link = connect(engineer, io, of_r, 5010, { frame = "4E", udp = true })
  for _, name in ipairs(OF_STATIONS) do
    link:ask(ask.of_station(name))
    w:sleep(0.02)
  end
end)

-- Datagrams, and ports that nobody agreed on.
w:at("22s", function()
  say(connect(hmi, q, of_q, 5006, { udp = true }), { ask.read("D0", 4), ask.write("D1", { 42 }),
    ask.read("M0", 8, BIT) })
  say(connect(hmi, r, of_r, 12289, { udp = true, frame = "4E", ascii = true }), { ask.read("D0", 4, LONG),
    ask.read_model() })
  say(connect(hmi, r, of_r, 5005, { udp = true, frame = "4E" }), { ask.read("W0", 2, LONG), ask.remote_run() })
  say(connect(hmi, fx, of_fx, 5009, { udp = true, frame = "1E", codec = e1 }), { ask1.read("D0", 4),
    ask1.remote_stop() })
  local link = connect(engineer, q, of_q, 40961, {})
  say(link, { ask.read("D1000", 10), ask.read("M0", 1), ask.write("D1000", { 1 }) })
  link:close()
  link = connect(engineer, q, of_q, 8501, { ascii = true })
  say(link, { ask.read("D1000", 10), ask.read("X0", 4, BIT), ask.write("D1000", { 2 }) })
  link:close()
end)

local function of_every_1e_command()
  return {
    ask1.read("M100", 8, BIT), ask1.read("D100", 3), ask1.read("X40", 2), ask1.read("Y10", 3, BIT),
    ask1.write("M50", { 1, 0, 1, 1 }, BIT),
    ask1.write("D200", { 0x1234, 0x00ff }), ask1.test({ { "Y94", 1 }, { "M60", 0 }, { "B26", 1 } }, BIT),
    ask1.test { { "Y80", 0x297b }, { "W26", 0x1234 }, { "CN18", 0x50 } },
    ask1.monitor_register({ "Y46", "M12", "B2C" }, BIT), ask1.monitor(BIT),
    ask1.monitor_register { "Y50", "D38", "W1E" }, ask1.monitor(), ask1.read_file_register("R70", 3, 2),
    ask1.write_file_register("R70", { 1, 2 }, 2), ask1.read_file_register_directly("R70", 4),
    ask1.write_file_register_directly("R71", { 9 }),
    ask1.read_buffer(0x7f0, 4, 0x13), ask1.write_buffer(0x27fa, "\x01\x02", 0x13), ask1.remote_stop(),
    ask1.remote_run(), ask1.read_model(),
    ask1.loopback("ABCDEF"), ask1.read("D0", 256), ask1.read("TN5", 1), ask1.read("S10", 4, BIT),
  }
end
for i, ascii in ipairs { false, true } do
  w:at(24 + 3 * i, function()
    local link = connect(hmi, fx, of_fx, 5550 + i, { frame = "1E", ascii = ascii, codec = e1 })
    say(link, of_every_1e_command())
    link:ask(ask1.read("D9000", 1), { end_code = 0x57 })
    w:sleep(0.02)
    link:ask(ask1.write("D1", { 5 }), { end_code = 0x5b })
    link:close()
  end)
end

-- Refused, unanswered, and for other stations.
w:at("35s", function()
  local link = connect(hmi, q, of_q, 5007, {})
  for _, code in ipairs { 0xc051, 0xc056, 0xc059, 0xc05c, 0xc061, 0x4031, 0x4080, 0xcee0 } do
    link:ask(ask.read("D12287", 2), { end_code = code })
    w:sleep(0.02)
  end
  link:ask(ask.remote_reset(), { no_answer = "controller restarts" })
  w:sleep(0.5)
  link:close()
  link = connect(hmi, r, of_r, 5007, { frame = "4E", ascii = true })
  link:ask(ask.read("D12287", 2, LONG), { end_code = 0xc056 })
  w:sleep(0.02)
  link:ask(ask.write("SM0", { 1 }, LONG_BIT), { end_code = 0x4030 })
  w:sleep(0.02)
  link:ask(ask.read("D0", 1, LONG), { no_answer = "controller is busy" })
  w:sleep(1)
  link:ask(ask.read("D0", 1, LONG), { latency = 1.2 })
  link:close()
end)
w:at("40s", function()
  local link = connect(engineer, q, of_q, 5002, {})
  for _, to in ipairs { { network = 1, station = 3, module = 0x3ff, multidrop = 0 },
    { network = 0, station = 0xff, module = 0x3e1, multidrop = 0 },
    { network = 2, station = 0x7d, module = 0x3d0, multidrop = 0 },
      { network = 0, station = 0xff, module = 0x10, multidrop = 5 } } do
    link:ask(ask.read("D50", 2), { to = to })
    w:sleep(0.02)
    link:ask(ask.read("D51", 1), { to = to, end_code = 0xcf70 })
    w:sleep(0.02)
  end
  link:close()
end)

-- What segmentation may do.
w:at("44s", function()
  local link = connect(hmi, q, of_q, 5007, {})
  link:pipeline { ask.read("D0", 2), ask.write("D7", { 1 }), ask.read("M0", 4, BIT), ask.read_model(),
    ask.read("W10", 1) }
  w:sleep(0.1)
  link:ask(ask.write("D100", { 1, 2, 3 }),
    { request_fault = { cut = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, gap = 0.001 } })
  w:sleep(0.1)
  link:ask(ask.read("D0", 480), { response_fault = { cut = { 5, 4, 700 }, gap = 0.001 } })
  w:sleep(0.1)
  link:ask(ask.read("D20", 64), { response_fault = { cut = { 40, 50 }, order = { 3, 1, 2 } } })
  w:sleep(0.1)
  link:ask(ask.read("D30", 2),
    { request_fault = { retransmit = { 0.05 } }, response_fault = { retransmit = { 0.06 } }, latency = 0.1 })
  w:sleep(0.3)
  link:close()
  link = connect(hmi, q, of_q, 5002, { ascii = true })
  link:pipeline { ask.read("D0", 2), ask.write("D7", { 1 }), ask.read("M0", 5, BIT), ask.read("W10", 1) }
  w:sleep(0.1)
  link:ask(ask.write("D100", { 1, 2 }), { request_fault = { cut = { 1, 3, 5, 7, 9, 2 }, gap = 0.001 } })
  w:sleep(0.1)
  link:ask(ask.read("D0", 100), { response_fault = { cut = { 13, 4, 200 }, gap = 0.001 } })
  link:close()
  link = connect(engineer, r, of_r, 5001, { frame = "4E" })
  link:pipeline({ ask.read("D0", 2, LONG), ask.read("D10", 1, LONG),
    ask.read("M0", 4, LONG_BIT) }, { order = { 3, 1, 2 } })
  link:close()
  link = connect(hmi, fx, of_fx, 5551, { frame = "1E", codec = e1 })
  link:ask(ask1.read("D0", 40),
    { request_fault = { cut = { 1, 2, 3 }, gap = 0.001 }, response_fault = { cut = { 1, 1, 30 }, gap = 0.001 } })
  w:sleep(0.1)
  link:pipeline { ask1.read("D5", 2), ask1.read("M0", 3, BIT), ask1.write("D1", { 3 }), ask1.read("W1", 1) }
  link:close()
end)

-- Joined in the middle, on ports that say nothing; then what the capture missed.
w:at("52s", function()
  for i, how in ipairs { {}, { ascii = true }, { frame = "4E" }, { frame = "4E", ascii = true } } do
    how.midstream = true
    local link = connect(engineer, i < 3 and q or r, i < 3 and of_q or of_r, 30000 + i, how)
    w:fault("midstream", { orig = engineer.ip, resp = link.options.server.ip, port = 30000 + i })
    for n = 1, 4 do
      link:ask(ask.read("D" .. 10 * n, 2))
      w:sleep(0.1)
    end
  end
end)
w:at("56s", function()
  for _, frame in ipairs { "3E", "4E" } do
    local link = connect(hmi, frame == "3E" and q or r, frame == "3E" and of_q or of_r, 5003, { frame = frame })
    link:ask(ask.read("D1", 1))
    w:sleep(0.1)
    w:fault("lost_response", { client = hmi.ip, server = link.options.server.ip })
    link:ask(ask.read("D2", 2), { response_fault = { lose = { true } } })
    w:sleep(0.1)
    link:ask(ask.read("D3", 3), { unsure = frame == "3E" })
    w:sleep(0.1)
    w:fault("lost_request", { client = hmi.ip, server = link.options.server.ip })
    link:ask(ask.write("D4", { 4 }), { request_fault = { lose = { true } }, unsure = frame == "3E" })
    w:sleep(0.1)
    for n = 5, 7 do
      link:ask(ask.read("D" .. n, n))
      w:sleep(0.1)
    end
    link:close()
  end
end)
w:at("62s", function()
  for _, see in ipairs { "client", "server" } do
    local link = connect(hmi, q, of_q, see == "client" and 5002 or 5008, { see = see })
    say(link, { ask.read("D1", 1), ask.write("D2", { 2 }), ask.remote_stop(), ask.read("M0", 16, BIT) })
    link:close()
    link = connect(hmi, r, of_r, see == "client" and 5002 or 5008, { see = see, frame = "4E", ascii = true })
    say(link, { ask.read("D1", 1, LONG), ask.read_model(), ask.write("D2", { 2 }, LONG) })
    link:close()
  end
end)

-- Field Basic's discovery: to everybody, answered by each after a while; then one gets another address.
w:at("68s", function()
  local everybody = w.group("255.255.255.255")
  local search = ask.node_search(engineer)
  local frame = { frame = "4E", serial = 1, timer = 0 }
  local function note(server, what, end_code)
    local row = melsec.told(search)
    row.client, row.server, row.port, row.transport, row.frame, row.code = engineer.ip, server, 61451, "udp", "4E",
      "binary"
    row.serial, row.seen, row.end_code = 1, what, end_code
    w.truth:note("messages", row)
  end
  note("255.255.255.255", "request")
  w:udp(engineer, 61451, everybody, 61451, melsec.request(frame, search))
  for i, host in ipairs { io, r } do
    w:sleep(0.2)
    function search.answer(writer)
      ask.node_search_response(writer, engineer, host, { vendor_code = 0, device_code = 0x100 + i, version = 2,
        host_name = i == 2 and "OVEN" or nil })
    end
    note(host.ip, "response", 0)
    w:udp(host, 61451, engineer, 61451, melsec.response(frame, search))
  end
  w:sleep(0.5)
  w:attack("ip_address_changed", engineer, io, { ip = "10.7.0.114" })
  local link = connect(engineer, io, of_r, 61451, { frame = "4E", udp = true, serial = 1 })
  link:ask(ask.set_ip_address(engineer, io, "\10\7\0\114", "\255\255\255\0"))
  w:sleep(0.2)
  link:ask(ask.set_ip_address(engineer, io, "\10\7\0\11", "\255\255\255\0"), { end_code = 0xcf20 })
end)

-- The stranger guesses the password, writes outputs, stops the press and the oven, and deletes a program.
w:at("75s", function()
  local link = connect(stranger, q, of_q, 5002, {})
  for _, guess in ipairs { "0000", "1111" } do
    link:ask(ask.unlock(guess), { end_code = 0xc810 })
    w:sleep(0.3)
  end
  link:ask(ask.unlock("1234"))
  w:sleep(0.3)
  w:attack("melsec_write", stranger, q, { device = "Y40" })
  link:ask(ask.write("Y40", { 0, 0, 0, 0 }, BIT))
  w:sleep(0.3)
  w:attack("melsec_stop", stranger, q, { command = "1002" })
  link:ask(ask.remote_stop(true))
  w:sleep(0.3)
  w:attack("melsec_delete_file", stranger, q, { file = "MAIN.QPG" })
  link:ask(ask.delete_file(0, "MAIN.QPG"))
  link:close()
  w:attack("melsec_reset", stranger, r, { command = "1006" })
  link = connect(stranger, r, of_r, 5000, { udp = true, frame = "4E" })
  link:ask(ask.remote_reset(), { no_answer = "controller restarts" })
end)
