-- Every function code of Modbus, every exception, and every way a PDU comes in segments.

local modbus = require "modbus"

local w = ...
w:title "Modbus: all function codes, exceptions, segmentation, UDP, another port"
w:duration "60s"

local hmi = w:host { name = "hmi", role = "hmi", ip = "10.1.0.20", vendor = "advantech", os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.1.0.11", vendor = "schneider",
  facts = { vendor = "Schneider Electric", product_code = "BMX P34 2020", revision = "V3.30" } }
local gateway = w:host { name = "gateway", role = "gateway", ip = "10.1.0.12", vendor = "moxa", os = "linux" }
local ask = modbus.request

local function device()
  return modbus.device { id = "\x0a", objects = {
    [0] = "Schneider Electric", [1] = "BMX P34 2020", [2] = "V3.30",
    [3] = "http://www.schneider-electric.com", [4] = "Modicon M340", [5] = "BMX P34 2020", [6] = "Line 1",
    [0x80] = ("serial 21143806412 "):rep(6), [0x81] = ("rack 0 slot 0 "):rep(8),
  } }
end

local function every_function(link)
  local requests = {
    ask.write_multiple_coils(16, { 1, 0, 1, 1, 0, 0, 1, 1, 1, 1 }),
    ask.write_multiple_registers(100, { 0x1234, 0x5678, 0xffff }),
    ask.read_coils(16, 19), ask.read_discrete_inputs(196, 22), ask.read_holding_registers(100, 3),
    ask.read_input_registers(8, 1), ask.write_single_coil(172, true), ask.write_single_coil(172, false),
    ask.write_single_register(1, 3), ask.read_exception_status(), ask.get_comm_event_counter(),
    ask.get_comm_event_log(), ask.report_server_id(),
    ask.read_file_record { { file = 4, record = 1, length = 2 }, { file = 3, record = 9, length = 2 } },
    ask.write_file_record { { file = 4, record = 7, values = { 0x06af, 0x04be, 0x100d } } },
    ask.mask_write_register(4, 0x00f2, 0x0025),
    ask.read_write_multiple_registers(3, 6, 14, { 255, 255, 255 }), ask.read_fifo_queue(0x04de),
    ask.canopen_general_reference("\x00\x01\x02\x03"),
    ask.read_device_identification(1), ask.read_device_identification(2), ask.read_device_identification(3),
    ask.read_device_identification(3, 0x81), ask.read_device_identification(4, 2),
  }
  for _, pdu in ipairs(requests) do
    link:ask(pdu)
    w:sleep(0.05)
  end
end

local SUB_FUNCTIONS <const> = { { 0, "\xa5\x37" }, { 1, "\0\0" }, { 1, "\xff\0" }, { 2 }, { 3, "\n\0" }, { 10 }, { 11 },
  { 12 }, { 13 }, { 14 }, { 15 }, { 16 }, { 17 }, { 18 }, { 20 } }

-- Force Listen Only Mode (4) is never answered; only Restart Communications (1) ends it.
local function every_diagnostic(link)
  for _, sub in ipairs(SUB_FUNCTIONS) do
    link:ask(ask.diagnostics(sub[1], sub[2]))
    w:sleep(0.02)
  end
  link:ask(ask.diagnostics(4))
  w:sleep(0.5)
  link:ask(ask.diagnostics(1))
end

local function every_exception(link)
  for _, code in ipairs { 1, 2, 3, 4, 5, 6, 8, 10, 11 } do
    link:ask(ask.read_holding_registers(100, 2), { exception = code, unit = code >= 10 and 9 or nil })
    w:sleep(0.02)
  end
  local refused = {
    ask.read_holding_registers(990, 20), -- beyond the last address: exception 2
    ask.read_holding_registers(0, 126), -- more than a PDU holds: exception 3
    "\x64\x00\x01", -- a user-defined function code: exception 1
  }
  for _, pdu in ipairs(refused) do
    link:ask(pdu)
    w:sleep(0.02)
  end
  link:ask("\x5a\x00\x02", { response = "\x5a\x00\xfe" }) -- Schneider's UMAS, answered
  w:sleep(0.02)
  link:ask("\x2a", { response = "\x2a\x01" }) -- an undefined code, answered
end

w:at(0.5, function()
  local link = modbus.connect(w, { client = hmi, server = plc, device = device() })
  every_function(link)
  every_diagnostic(link)
  every_exception(link)
  link:close()
end)

-- What segmentation may do to a PDU.
w:at(8, function()
  local link = modbus.connect(w, { client = hmi, server = plc, device = device(), unit = 2 })
  local read, write = ask.read_holding_registers(0, 125), ask.write_multiple_registers(0, { 1, 2, 3, 4, 5, 6, 7, 8 })
  link:pipeline({ read, ask.read_coils(0, 8), ask.read_input_registers(0, 4) })
  w:sleep(0.2)
  link:pipeline({ ask.read_coils(0, 8), ask.write_single_register(5, 77), ask.read_holding_registers(5, 1),
    ask.read_discrete_inputs(0, 16), ask.read_input_registers(0, 2), ask.write_single_coil(1, true) }, true)
  w:sleep(0.2)
  link:ask(write, { request_fault = { cut = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, gap = 0.001 } })
  w:sleep(0.2)
  link:ask(read, { response_fault = { cut = { 6, 3, 100 }, gap = 0.001 } })
  w:sleep(0.2)
  link:ask(read, { response_fault = { cut = { 100, 80 }, order = { 3, 1, 2 } } })
  w:sleep(0.2)
  w:fault("retransmission", { orig = hmi.ip, resp = plc.ip, segments = 2 })
  link:ask(read, { request_fault = { retransmit = { 0.21 } }, response_fault = { retransmit = { 0.3 } },
    latency = 0.25 })
  w:sleep(0.5)
  link:close("server")
end)

-- Nobody answers, then late, then the capture misses what was said.
w:at(12, function()
  local link = modbus.connect(w, { client = hmi, server = plc, device = device(), unit = 3 })
  local read = ask.read_input_registers(10, 10)
  for _ = 1, 3 do
    link:ask(read, { no_answer = "device is silent" })
    w:sleep(1)
  end
  w:fault("slow_response", { client = hmi.ip, server = plc.ip, latency = 2.5 })
  link:ask(read, { latency = 2.5 })
  w:sleep(0.2)
  w:fault("lost_response", { client = hmi.ip, server = plc.ip })
  link:ask(read, { response_fault = { lose = { true } } })
  w:sleep(0.2)
  w:fault("lost_request", { client = hmi.ip, server = plc.ip })
  link:ask(read, { request_fault = { lose = { true } } })
  w:sleep(0.2)
  link:ask(read)
  link.tcp:reset("server")
end)

w:at(22, function()
  local link = modbus.connect(w, { client = hmi, server = gateway, device = device(), port = 5020, unit = 17 })
  for n = 0, 4 do
    link:ask(ask.read_holding_registers(10 * n, 10))
    w:sleep(0.2)
  end
  link:close()
end)

w:at(25, function()
  local link = modbus.connect(w, { client = hmi, server = gateway, device = device(), udp = true, unit = 5 })
  link:ask(ask.read_holding_registers(0, 4))
  w:sleep(0.1)
  link:ask(ask.write_single_register(2, 42))
  w:sleep(0.1)
  link:ask(ask.read_holding_registers(2, 1), { exception = 6 })
  w:sleep(0.1)
  link:ask(ask.read_coils(0, 8), { no_answer = "datagram lost" })
end)

-- Joined in the middle: no handshake, the first segment is a response.
w:at(28, function()
  local link = modbus.connect(w, { client = gateway, server = plc, device = device(), midstream = true, unit = 4,
    transaction = 40000 })
  w:fault("midstream", { orig = gateway.ip, orig_port = link.tcp.sides.client.port, resp = plc.ip })
  link:respond(40000, 4, "\x04\x02\x00\x07")
  for _ = 1, 5 do
    w:sleep(0.5)
    link:ask(ask.read_input_registers(1, 2))
  end
end)
