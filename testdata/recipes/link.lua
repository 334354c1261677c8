-- A pcapng file with two interfaces: the mirror port gives Ethernet, the tunnel raw IP. Each carries an exchange.

local modbus = require "modbus"
local sample = require "sample"

local w = ...
w:title "Two interfaces of different link types in one pcapng file"
w:file { format = "pcapng" }
w:interface("mirror0", "ethernet")
local tunnel = w:interface("tun0", "raw")
sample(w)

local remote = w:host { name = "remote", role = "engineering", ip = "10.9.7.30", vendor = "dell", os = "linux" }
local station = w:host { name = "station", role = "plc", ip = "10.9.7.11", vendor = "wago" }
local ethernet = w.medium
w.medium = function(packet, ethertype, hop, src, dst)
  if src == remote or src == station then return packet end
  return ethernet(packet, ethertype, hop, src, dst)
end
local out = w.ip_out
function w:ip_out(src, dst, header, payload, fate)
  fate = fate or {}
  fate.interface = (src == remote or src == station) and tunnel or 1
  return out(self, src, dst, header, payload, fate)
end

w:at("0.15s", function()
  w.resolved["remote station"] = w.schedule.now -- a tunnel has no ARP
  local link = modbus.connect(w, { client = remote, server = station, device = modbus.device {} })
  link:ask(modbus.request.read_input_registers(0, 2))
  w:sleep(0.05)
  link:close()
end)
