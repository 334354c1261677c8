-- Ten minutes of a small plant: a packaging line with four controllers, an ordinary day for six and a half minutes,
-- and then a stranger on the network.

local arp = require "arp"
local dns = require "dns"
local fins = require "fins"
local modbus = require "modbus"
local nd = require "nd"
local tcp = require "tcp"

local w = ...
w:title "A small plant: ten minutes of Modbus, FINS and names, and a stranger"
w:duration "10m"

-- Hosts --------------------------------------------------------------------------------------------------------------

local router = w:host { name = "router", role = "router", ip = "192.168.10.1", ip6 = "fe80::2a0:deff:fe00:1",
  vendor = "yamaha", os = "linux" }
local filler = w:host { name = "plc-filler", role = "plc", ip = "192.168.10.11", vendor = "schneider",
  facts = { vendor = "Schneider Electric", product_code = "BMX P34 2020", revision = "V3.30" } }
local conveyor = w:host { name = "plc-conveyor", role = "plc", ip = "192.168.10.12", vendor = "wago", os = "linux",
  facts = { vendor = "WAGO Kontakttechnik GmbH", product_code = "750-8212", revision = "03.10.08" } }
local capper = w:host { name = "plc-capper", role = "plc", ip = "192.168.10.13", vendor = "omron",
  facts = { model = "CJ2M-CPU33", version = "02.01" } }
local packer = w:host { name = "plc-packer", role = "plc", ip = "192.168.10.14", vendor = "omron",
  facts = { model = "CJ2H-CPU65-EIP", version = "01.50" } }
local hmi = w:host { name = "hmi-line1", role = "hmi", ip = "192.168.10.20", ip6 = "fe80::2d0:c9ff:fe00:20",
  vendor = "advantech", os = "windows" }
local historian = w:host { name = "historian", role = "historian", ip = "192.168.10.21", vendor = "dell", os = "linux" }
local engineer = w:host { name = "engineering", role = "engineering", ip = "192.168.10.30",
  ip6 = "fe80::56ee:75ff:fe00:30", vendor = "wistron", os = "windows" }
local names = w:host { name = "dns1", role = "dns", ip = "192.168.10.2", vendor = "vmware", os = "linux" }
local printer = w:host { name = "printer", role = "printer", ip = "192.168.10.40", ip6 = "fe80::280:77ff:fe00:40",
  vendor = "brother", os = "linux" }
local office = w:host { name = "office-pc", role = "workstation", ip = "192.168.20.31", vendor = "intel",
  os = "windows", beyond = router }
local stranger = w:host { name = "stranger", role = "unknown", ip = "192.168.10.99", vendor = "raspberry_pi",
  os = "linux" }

local devices = {
  filler = modbus.device { objects = { [0] = "Schneider Electric", [1] = "BMX P34 2020", [2] = "V3.30" } },
  conveyor = modbus.device { objects = { [0] = "WAGO Kontakttechnik GmbH", [1] = "750-8212", [2] = "03.10.08" } },
  capper = fins.controller { model = "CJ2M-CPU33", version = "02.01" },
  packer = fins.controller { model = "CJ2H-CPU65-EIP", version = "01.50" },
}
local ask, command, AREA = modbus.request, fins.command, fins.AREA

-- An ordinary day ----------------------------------------------------------------------------------------------------

local hmi_filler
w:at("1s", function()
  hmi_filler = modbus.connect(w, { client = hmi, server = filler, device = devices.filler })
  w:every("1s", { jitter = 0.04 }, function()
    hmi_filler:ask(ask.read_holding_registers(0, 16))
    w:sleep(0.003)
    hmi_filler:ask(ask.read_input_registers(100, 8))
  end)
  w:every("45s", { from = "20s", jitter = 0.5 }, function(n)
    hmi_filler:ask(ask.write_single_register(10, 1200 + 25 * (n % 4)))
  end)
end)

w:at("1.3s", function()
  local link = modbus.connect(w, { client = hmi, server = conveyor, device = devices.conveyor, unit = 255 })
  w:every("1s", { jitter = 0.04 }, function(n)
    link:ask(n % 2 == 0 and ask.read_coils(0, 24) or ask.read_discrete_inputs(0, 16))
  end)
  w:every("2m", { from = "50s", jitter = 0.3 }, function(n) link:ask(ask.write_single_coil(3, n % 2 == 0)) end)
end)

-- The historian's sessions were open before the capture began.
w:at("0.2s", function()
  local link = modbus.connect(w, { client = historian, server = filler, device = devices.filler, midstream = true,
    transaction = 17250 })
  w:every("2s", { jitter = 0.1 }, function() link:ask(ask.read_input_registers(100, 20)) end)
end)
w:at("0.4s", function()
  local link = modbus.connect(w, { client = historian, server = conveyor, device = devices.conveyor, midstream = true,
    unit = 255, transaction = 6903 })
  w:every("5s", { jitter = 0.1 }, function() link:ask(ask.read_holding_registers(0, 64)) end)
end)

w:at("1.6s", function()
  local link = fins.connect(w, { client = hmi, server = capper, device = devices.capper })
  w:every("1s", { jitter = 0.04 }, function() link:ask(command.memory_read(AREA.dm, 100, 20)) end)
  w:every("10s", {}, function() link:ask(command.status_read()) end)
  w:every("100s", { from = "70s" }, function(n) link:ask(command.memory_write(AREA.dm, 200, { 30 + n })) end)
end)
w:at("1.8s", function()
  local link = fins.connect(w, { client = hmi, server = packer, device = devices.packer, tcp = true })
  w:every("1s", { jitter = 0.04 }, function() link:ask(command.memory_read(AREA.cio, 0, 10)) end)
  w:every("30s", { from = "15s" }, function() link:ask(command.clock_read()) end)
end)

-- The engineer looks at every controller, and configures two of them.
w:at("60s", function()
  for _, plc in ipairs { { filler, devices.filler, 1 }, { conveyor, devices.conveyor, 255 } } do
    local link = modbus.connect(w, { client = engineer, server = plc[1], device = plc[2], unit = plc[3] })
    link:ask(ask.read_device_identification(1))
    w:sleep(0.5)
    link:ask(ask.report_server_id())
    w:sleep(0.5)
    link:close()
  end
  local udp = fins.connect(w, { client = engineer, server = capper, device = devices.capper })
  udp:ask(command.controller_data_read(0))
  w:sleep(0.5)
  udp:ask(command.cycle_time_read())
  local stream = fins.connect(w, { client = engineer, server = packer, device = devices.packer, tcp = true })
  stream:ask(command.controller_data_read(0))
  w:sleep(0.5)
  stream:close()
end)
w:at("150s", function()
  local link = modbus.connect(w, { client = engineer, server = filler, device = devices.filler })
  link:ask(ask.write_multiple_registers(400, { 10, 20, 30, 40, 50, 60 }))
  w:sleep(2)
  link:ask(ask.read_holding_registers(400, 6))
  w:sleep(1)
  link:close()
  local udp = fins.connect(w, { client = engineer, server = capper, device = devices.capper })
  udp:ask(command.access_right_acquire())
  w:sleep(0.2)
  udp:ask(command.parameter_write(0x8010, 0, { 1, 2, 3, 4 }))
  w:sleep(0.2)
  udp:ask(command.clock_write("\x24\x05\x13\x17\x02\x30\x01"))
  w:sleep(0.2)
  udp:ask(command.access_right_release())
end)

-- Names, neighbours, and the office.
local function lookup(client, name, address)
  dns.lookup(w, client, names, { name = name, authoritative = true,
    answers = address and { { name = name, type = "A", address = address } },
    rcode = not address and "NXDOMAIN" or nil })
end
w:every("60s", { from = "5s", jitter = 0.3 }, function() lookup(hmi, "historian.plant.example", historian.ip) end)
w:every("97s", { from = "12s", jitter = 0.3 }, function() lookup(engineer, "update.vendor.example", "203.0.113.80") end)
w:every("150s", { from = "31s" }, function() lookup(historian, "ntp.plant.example", nil) end)
w:every("80s", { from = "23s", jitter = 0.5 }, function() lookup(office, "historian.plant.example", historian.ip) end)

w:every("2m", { from = "9s" }, function()
  dns.mdns_query(w, engineer, { { name = "_ipp._tcp.local", type = "PTR" } })
  w:sleep(0.04)
  dns.mdns_answer(w, printer, { { name = "_ipp._tcp.local", type = "PTR", ttl = 4500,
    target = "Brother HL-L5200._ipp._tcp.local" } }, { { name = "printer.local", type = "A", address = printer.ip } })
end)
w:every("3m", { from = "40s" }, function() dns.llmnr(w, engineer, { name = "wpad", ip6 = true }) end)
w:at("2s", function()
  for _ = 1, 3 do
    dns.nbns_register(w, hmi, { name = "HMI-LINE1", broadcast = "192.168.10.255" })
    w:sleep(0.75)
  end
end)
w:every("4m", { from = "75s" }, function()
  dns.nbns_query(w, engineer, { name = "HMI-LINE1", suffix = 0x20, broadcast = "192.168.10.255", responder = hmi })
end)
w:every("90s", { from = "14s" }, function() nd.exchange(w, hmi, router) end)
w:at("3s", function() arp.gratuitous(w, hmi) end)
w:every("30s", { from = "18s" }, function() w:ping(historian, router) end)

w:every("70s", { from = "26s", jitter = 0.2 }, function()
  arp.resolve(w, router, historian)
  local c = tcp.new(w, { client = office, server = historian, port = 80 }):open()
  c:send("client", "GET /report/line1 HTTP/1.1\r\nHost: historian.plant.example\r\nUser-Agent: Mozilla/5.0\r\n\r\n")
  w:sleep(0.02)
  local page = ("<tr><td>08:00</td><td>1200</td><td>ok</td></tr>\n"):rep(24)
  c:send("server", ("HTTP/1.1 200 OK\r\nServer: lighttpd\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n")
    :format(#page) .. page)
  w:sleep(0.05)
  c:close()
end)

-- What nobody here has a name for: an EtherType, a service, and a session seen from one side only.
w:every("15s", { from = "8s" }, function(n)
  w:frame(packer, nil, 0x88b5, string.pack(">I4I2", n, 0xbeef) .. ("\0"):rep(40))
end)
w:at("28s", function()
  arp.resolve(w, historian, packer)
  local c = tcp.new(w, { client = historian, server = packer, port = 44777 }):open()
  local noise = w:chance_of("service on port 44777")
  w:every("20s", {}, function(n)
    c:send("client", string.pack(">I2I2", 0xd00d, n) .. noise:bytes(12))
    w:sleep(0.01)
    c:send("server", string.pack(">I2I2", 0xd00e, n) .. noise:bytes(40))
  end)
end)
w:at("90s", function()
  local c = tcp.new(w, { client = historian, server = office, port = 5432, see = "client" })
  local noise = w:chance_of("one-sided session")
  for _ = 1, 30 do
    c:send("client", noise:bytes(200))
    c.sides.server.seq = c.sides.server.seq + 40 & 0xffffffff -- the answers took another way
    w:sleep(2)
  end
end)

-- Ordinary faults ----------------------------------------------------------------------------------------------------

local read = ask.read_holding_registers(0, 16)
w:at("200.6s", function()
  w:fault("slow_response", { client = hmi.ip, server = filler.ip, latency = 0.3 })
  hmi_filler:ask(read, { latency = 0.3 })
end)
w:at("210.6s", function()
  w:fault("retransmission", { orig = hmi.ip, resp = filler.ip, segments = 1 })
  hmi_filler:ask(read, { request_fault = { retransmit = { 0.2 } }, latency = 0.25 })
end)
w:at("220.6s", function()
  w:fault("reordered", { orig = hmi.ip, resp = filler.ip })
  hmi_filler:ask(read, { response_fault = { cut = { 20 }, order = { 2, 1 }, gap = 0.0004 } })
end)
w:at("230.6s", function()
  w:fault("gap", { orig = hmi.ip, resp = filler.ip, bytes = 41 })
  hmi_filler:ask(read, { response_fault = { lose = { true } } })
end)
w:at("240.6s", function()
  w:fault("bad_checksum", { orig = hmi.ip, resp = filler.ip, layer = "tcp" })
  hmi_filler:ask(read, { request_fault = { bad_checksum = true } })
end)
w:at("250s", function()
  w:fault("mirror_duplicates", { from = w:time(), to = w:time() + 10, after = 0.0003 })
  w.mirror_twice = 0.0003
  w:sleep(10)
  w.mirror_twice = nil
end)
w:at("280.7s", function()
  for _ = 1, 3 do
    hmi_filler:ask(read, { no_answer = "device is busy" })
    w:sleep(3)
  end
end)

-- The stranger -------------------------------------------------------------------------------------------------------

w:at("390s", function()
  w:attack("new_host", stranger, nil, { mac = stranger.mac })
  for _ = 1, 3 do
    arp.probe(w, stranger, stranger.ip)
    w:sleep(1)
  end
  arp.gratuitous(w, stranger)
  w:sleep(2)
  lookup(stranger, "historian.plant.example", historian.ip)
end)

w:at("410s", function()
  local ports = { 21, 22, 23, 25, 53, 80, 102, 111, 135, 139, 443, 445, 789, 1089, 1911, 1962, 2222, 2404, 3389, 4840,
    5007, 5094, 8080, 9600, 18245, 20000, 20547, 34964, 44818, 47808 }
  w:attack("port_scan", stranger, filler, { ports = #ports, first = ports[1], last = ports[#ports] })
  arp.resolve(w, stranger, filler)
  for _, port in ipairs(ports) do
    tcp.probe(w, stranger, filler, port, port == 135)
    w:sleep(0.05)
  end
end)

local function stranger_to(plc, device, unit)
  return modbus.connect(w, { client = stranger, server = plc, device = device, unit = unit })
end

w:at("430s", function()
  w:attack("modbus_function_scan", stranger, filler, { first = 1, last = 127, unit = 1 })
  local link = stranger_to(filler, devices.filler, 1)
  for func = 1, 127 do
    link:ask(string.pack(">BI2I2", func, 0, 1), func > 4 and { exception = 1 } or nil)
    w:sleep(0.03)
  end
  link:close()
end)

w:at("480s", function()
  local link = stranger_to(filler, devices.filler, 1)
  w:attack("modbus_write", stranger, filler, { func = 16, address = 10, values = { 9999, 9999 } })
  link:ask(ask.write_multiple_registers(10, { 9999, 9999 }))
  w:sleep(1.5)
  w:attack("modbus_write", stranger, filler, { func = 5, address = 0, value = true })
  link:ask(ask.write_single_coil(0, true))
  w:sleep(1.5)
  w:attack("modbus_write", stranger, filler, { func = 6, address = 12, value = 0 })
  link:ask(ask.write_single_register(12, 0))
  w:sleep(1)
  link:close()
  local other = stranger_to(conveyor, devices.conveyor, 255)
  w:attack("modbus_write", stranger, conveyor, { func = 15, address = 0, quantity = 8 })
  other:ask(ask.write_multiple_coils(0, { 1, 1, 1, 1, 1, 1, 1, 1 }))
  w:sleep(0.5)
  other.tcp:reset("client")
end)

w:at("510s", function()
  local link = fins.connect(w, { client = stranger, server = capper, device = devices.capper })
  link:ask(command.controller_data_read(0))
  w:sleep(2)
  w:attack("fins_stop", stranger, capper, { command = "0402" })
  link:ask(command.stop())
end)

w:at("540s", function()
  w:attack("arp_spoof", stranger, hmi, { pretended = filler.ip, true_mac = filler.mac, false_mac = stranger.mac })
  w:attack("arp_spoof", stranger, filler, { pretended = hmi.ip, true_mac = hmi.mac, false_mac = stranger.mac })
  for _ = 1, 15 do
    arp.spoof(w, stranger, hmi, filler)
    arp.spoof(w, stranger, filler, hmi)
    w:sleep(2)
  end
end)
