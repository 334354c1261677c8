-- Wrong checksums of every kind: counted, and read all the same.

local dns = require "dns"
local modbus = require "modbus"
local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "Wrong IP, UDP, TCP and ICMP checksums"
local client, server = sample(w)
w:at(1, function()
  w:fault("bad_checksum", { layer = "ip", frames = 1 })
  dns.lookup(w, client, server, { name = "plate.plc.example", no_answer = true, fault = { bad_ip_checksum = true } })
  w:fault("bad_checksum", { layer = "udp", frames = 1 })
  dns.lookup(w, client, server, { name = "plate.plc.example", no_answer = true, fault = { bad_checksum = true } })
  w:fault("bad_checksum", { layer = "icmp", frames = 1 })
  w:ip_out(client, server, w.ip_header(client, server, wire.PROTO.icmp), wire.icmp(8, 0, "\0\1\0\1", true))
  local link = modbus.connect(w, { client = client, server = server, device = modbus.device {} })
  w:fault("bad_checksum", { layer = "tcp", frames = 1 })
  link:ask(modbus.request.read_holding_registers(0, 4), { request_fault = { bad_checksum = true } })
end)
