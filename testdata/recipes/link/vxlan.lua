-- VXLAN: whole Ethernet frames in UDP, network identifier 4096.

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange inside VXLAN"
local near, far = wire.ip "172.16.0.1", wire.ip "172.16.0.2"
local near_mac, far_mac = wire.mac "00:1b:21:00:00:01", wire.mac "00:1b:21:00:00:02"
w.medium = function(packet, ethertype, hop)
  local frame = wire.vxlan(4096, wire.ethernet(hop.dst_mac, hop.src_mac, ethertype, packet))
  local outer = wire.ipv4({ src = near, dst = far, proto = wire.PROTO.udp }, wire.udp(near, far, 49152, 4789, frame))
  return wire.ethernet(far_mac, near_mac, wire.ETHERTYPE.ipv4, outer)
end
sample(w)
