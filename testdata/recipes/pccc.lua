-- PCCC in the frames from before CIP: every command, refusals, pieces, pipelines, one side, joined mid-stream; and inside of
-- CIP the carriers that tools use rarely; a stranger stops a controller and wipes it.

local enip = require "enip"
local cip = require "cip"
local pccc = require "pccc"

local w = ...
w:title "PCCC before CIP and over DH+: every command, refusals, pieces, one side, joined mid-stream"
w:duration "40s"

local engineer = w:host { name = "engineering", role = "engineering", ip = "10.8.0.30", vendor = "dell", os = "windows" }
local slc = w:host { name = "slc", role = "plc", ip = "10.8.0.11", vendor = "rockwell",
  facts = { model = "1747-L552", revision = "C/3" } }
local bridge = w:host { name = "bridge", role = "gateway", ip = "10.8.0.12", vendor = "rockwell" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.8.0.99", vendor = "raspberry_pi", os = "linux" }

local FILE <const> = pccc.FILE
local READ <const> = { "read_3", 10, 7, FILE.integer, 0 }
local device = pccc.device { catalog = "1747-L552  ", interface = 0x49, processor = 0x78, revision = 0x43 }

local function connect(options)
  options.client, options.server, options.device = options.client or engineer, slc, device
  options.quiet_ack = true
  return pccc.connect(w, options)
end

w:at(0.5, function()
  local link = connect {}
  for _, list in ipairs(pccc.EVERY) do
    link:ask(list)
    w:sleep(0.004)
  end
  for _, how in ipairs { { sts = 0x10 }, { sts = 0x70 }, { ext = 0x0b }, { ext = 0x1b } } do link:ask(READ, how) end
  link:ask(READ, { silent = true })
  link.tcp:close()
end)

w:at(4, function()
  local link = connect {}
  link:pipeline { READ, { "write_3", 7, FILE.integer, 3, 0, "\1\0" }, { "read_3", 4, 8, FILE.float, 1 } }
  w:sleep(0.1)
  link:ask(READ, { request_fault = { cut = { 1, 2, 3, 20, 4 }, gap = 0.001 } })
  link:ask(READ, { response_fault = { cut = { 5, 1, 30 }, order = { 2, 1, 3, 4 } } })
  w:fault("lost_response", { client = engineer.ip, server = slc.ip })
  link:ask(READ, { response_fault = { lose = { true } } })
  link:ask(READ)
  link.tcp:reset("client")
end)

w:at(6, function()
  local link = connect { midstream = true }
  w:fault("midstream", { orig = engineer.ip, orig_port = link.tcp.sides.client.port, resp = slc.ip })
  for _ = 1, 3 do
    link:ask(READ)
    w:sleep(0.2)
  end
end)
for n, see in ipairs { "client", "server" } do
  w:at(8 + n, function()
    local link = connect { see = see }
    link:ask(READ)
    link:ask { "change_mode", 1 }
    link:ask { "diagnostic_status" }
    link.tcp:close()
  end)
end

-- DH+ and the local link behind a bridge: the reply comes without a requestor.
w:at(12, function()
  local controller = cip.controller { identity = { vendor = 1, type = 0x0c, product = 18, major = 2, minor = 1, status = 0,
    serial = 0x0012ab34, name = "1756-DHRIO/B" }, ip = bridge.ip, gateway = bridge.ip, host_name = "dhrio", mac = bridge.mac_bytes }
  local link = enip.connect(w, { client = engineer, server = bridge, device = controller, quiet_ack = true })
  for n, carrier in ipairs { { 0x4c, "\0\0\2\0\0\0\5\0" }, { 0x4d, "" } } do
    local command = pccc.command("read_3", 0x3000 + n, 10, 7, FILE.integer, 0)
    local reply = device:answer(command)
    link:ask(cip.ask.object(carrier[1], cip.CLASS.pccc, 1, carrier[2] .. command),
      { response = cip.response(carrier[1], carrier[2] .. reply) })
    pccc.count(w, engineer, bridge, command, reply, true)
  end
  link:close()
end)

w:at(20, function()
  local link = connect { client = stranger }
  w:attack("pccc_program_mode", stranger, slc, { func = "0x80" })
  link:ask { "change_mode", 1 }
  w:sleep(1)
  w:attack("pccc_initialize_memory", stranger, slc, { func = "0x57" })
  link:ask { "initialize_memory" }
  link.tcp:close()
end)
