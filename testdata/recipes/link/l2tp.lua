-- L2TP version 2: IP in PPP in UDP 1701.

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange inside L2TP"
w.speaks_arp = false
local near, far = wire.ip "172.16.0.1", wire.ip "172.16.0.2"
local near_mac, far_mac = wire.mac "00:1b:21:00:00:01", wire.mac "00:1b:21:00:00:02"
w.medium = function(packet)
  local datagram = wire.udp(near, far, 1701, 1701, wire.l2tp(7, 9, 0x0021, packet))
  local outer = wire.ipv4({ src = near, dst = far, proto = wire.PROTO.udp }, datagram)
  return wire.ethernet(far_mac, near_mac, wire.ETHERTYPE.ipv4, outer)
end
sample(w)
