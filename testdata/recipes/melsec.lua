-- MELSEC communication protocol and SLMP: every command that the maker can say in 3E and 4E, binary and ASCII, TCP and
-- UDP; frame 1E; end codes, silence, other stations, frames in pieces, joined mid-stream; node search.

local melsec = require "melsec"

local w = ...
w:title "MELSEC: frames 1E, 3E, 4E in binary and ASCII, end codes, unanswered requests, other stations, node search"
w:duration "40s"

local engineer = w:host { name = "engineering", role = "engineering", ip = "10.6.0.30", vendor = "dell",
  os = "windows" }
local hmi = w:host { name = "hmi", role = "hmi", ip = "10.6.0.20", vendor = "mitsubishi" }
local plc = w:host { name = "plc", role = "plc", ip = "10.6.0.11", vendor = "mitsubishi",
  facts = { model = "Q03UDVCPU" } }
local old = w:host { name = "plc-old", role = "plc", ip = "10.6.0.12", vendor = "mitsubishi" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.6.0.99", vendor = "raspberry_pi", os = "linux" }

local command = melsec.command
local COMMANDS <const> = {
  command.type_name("Q03UDVCPU", 0x0366),
  command.read("D", 100, 10), command.read("M", 0, 7, true), command.read("X", 0x20, 16, true),
  command.read("W", 0x1f, 2),
  command.read("ZR", 0x1000, 4), command.read("TN", 3, 2), command.read("SD", 203, 1), command.read("M", 0, 2),
  command.write("D", 200, { 1, 2, 0xabcd }), command.write("Y", 0x40, { 1, 0, 1 }, true),
  command.read_random({ { "D", 0 }, { "TN", 0 }, { "W", 0x10 } }, { { "D", 1500 }, { "Y", 0x160 } }),
  command.write_random { { "D", 10, 5 }, { "R", 11, 6 } },
  command.monitor_entry({ { "D", 0 }, { "D", 7 } }, {}), command.monitor(2),
  command.blocks({ { "D", 0, 4 }, { "W", 0x100, 8 } }, { { "M", 0, 2 }, { "B", 0x100, 3 } }),
  command.blocks({ { "D", 50, 2 } }, { { "M", 64, 1 } }, true),
  command.labels { "Line1.Speed", "Tank" }, command.label_write("Line1.Speed", 1500),
  command.memory_read(0x78, 4), command.memory_write(0x78, { 1, 2 }),
  command.self_test "ABCDE", command.clear_error(),
  command.remote(0x1002, 1), command.remote(0x1005, 1), command.remote(0x1006, 1), command.remote(0x1001, 3, 2),
  command.remote(0x1003, 1), command.remote(0x1001, 1, 0),
  command.password(0x1631, "1234"), command.password(0x1630, "1234"),
  command.open("MAIN.QPG"), command.file_read(0, 64), command.close(),
  command.open("MAIN.QPG", true), command.file_write(0, "NEW PROGRAM"), command.close(), command.delete "OLD.QPG",
}

local function everything(options)
  local link = melsec.connect(w, options)
  for _, cmd in ipairs(COMMANDS) do
    link:ask(cmd)
    w:sleep(0.02)
  end
  link:close()
end

w:at(1, function() everything { client = engineer, server = plc } end)
w:at(3, function() everything { client = engineer, server = plc, serial = true, udp = true, port = 5006 } end)
w:at(5, function() everything { client = engineer, server = plc, codec = melsec.ascii, port = 5002 } end)
w:at(7, function() everything { client = engineer, server = plc, codec = melsec.ascii, serial = true, port = 9000 } end)

-- End codes, silence, a command nobody defines, another station of another network.
w:at(9, function()
  local link = melsec.connect(w, { client = hmi, server = plc, udp = true, client_port = 50002 })
  for _, code in ipairs { 0xc051, 0xc056, 0xc059, 0x4031, 0xc201, 0x4abc, 0xc059 } do
    link:ask(command.read("D", 60000, 10), { end_code = code })
    w:sleep(0.05)
  end
  link:ask(command.unknown(), { end_code = 0xc059 })
  w:sleep(0.05)
  link:ask(command.read("D", 0, 1), { no_answer = true })
  w:sleep(2)
  link:ask(command.read("D", 0, 1))
  local far = melsec.connect(w, { client = hmi, server = plc, network = 2, station = 5 })
  far:ask(command.type_name("L26CPU-BT", 0x0542))
  far:ask(command.read("D", 0, 3))
  far:close()
end)

-- Frames in pieces, three in a segment, a lost answer and more after it, joined mid-stream.
w:at(13, function()
  local link = melsec.connect(w, { client = hmi, server = plc })
  link:ask(command.read("D", 0, 200), { request_fault = { cut = { 1, 3, 8 }, gap = 0.001 },
    response_fault = { cut = { 2, 9, 1, 100 }, gap = 0.001 } })
  local three = { command.read("D", 0, 1), command.read("D", 10, 2), command.read("M", 0, 3, true) }
  local asked, answered = {}, {}
  for i, cmd in ipairs(three) do asked[i], answered[i] = link:request(cmd), link:response(cmd) end
  link:send("client", table.concat(asked))
  w:sleep(0.005)
  link:send("server", table.concat(answered))
  link:count(0x0401, { requests = 3, responses = 3 })
  w:sleep(0.1)
  link:ask(command.read("D", 30, 4), { response_fault = { lose = { true } } })
  w:sleep(0.1)
  link:ask(command.read("D", 40, 4))
  link:close()
  local late = melsec.connect(w, { client = engineer, server = plc, midstream = true, serial = true })
  for n = 0, 2 do
    late:ask(command.read("D", n, 1))
    w:sleep(0.1)
  end
end)

-- Frame 1E.
w:at(17, function()
  local link, at = melsec.connect(w, { client = hmi, server = old, port = 5001 }), melsec.device_1e
  link:ask_1e(0x01, at("D ", 100) .. "\3\0", "\1\0\2\0\3\0")
  link:ask_1e(0x00, at("M ", 100) .. "\5\0", "\x10\x11\x10")
  link:ask_1e(0x03, at("D ", 200) .. "\2\0\x34\x12\x78\x56", "")
  link:ask_1e(0x02, at("Y ", 0x20) .. "\3\0\x11\x10", "")
  link:ask_1e(0x04, "\2\0" .. at("M ", 5) .. "\1" .. at("Y ", 6) .. "\0", "")
  link:ask_1e(0x05, "\1\0" .. at("D ", 5) .. "\9\0", "")
  link:ask_1e(0x07, "\2\0" .. at("D ", 5) .. at("W ", 6), "")
  link:ask_1e(0x09, "", "\5\0\6\0")
  link:ask_1e(0x15, "", "\xf3\0")
  link:ask_1e(0x14, "", "")
  link:ask_1e(0x13, "", "")
  link:ask_1e(0x01, at("D ", 60000) .. "\3\0", "", 0x58)
  link:ask_1e(0x01, at("D ", 60001) .. "\3\0", "", 0x5b)
  link:close()
end)

w:at(20, function()
  melsec.node_search(w, engineer, { plc, old })
  w:sleep(1)
  melsec.set_address(w, engineer, old, "\10\6\0\13")
end)

-- The stranger stops the controller.
w:at(30, function()
  local link = melsec.connect(w, { client = stranger, server = plc })
  link:ask(command.type_name("Q03UDVCPU", 0x0366))
  w:sleep(0.5)
  w:attack("melsec_stop", stranger, plc, { command = "1002" })
  link:ask(command.remote(0x1002, 1))
  link:close()
end)
