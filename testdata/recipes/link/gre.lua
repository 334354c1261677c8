-- GRE: IP in IP with a key, and Ethernet in IP (transparent bridging).

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange inside GRE, every second packet as a bridged Ethernet frame"
w.speaks_arp = false
local near, far, number = wire.ip "172.16.0.1", wire.ip "172.16.0.2", 0
w.medium = function(packet, ethertype, hop, src)
  number = number + 1
  local body = wire.gre(ethertype, packet, 0x2a)
  if number % 2 == 0 then
    body = wire.gre(wire.ETHERTYPE.transparent_bridging, wire.ethernet(hop.dst_mac, hop.src_mac, ethertype, packet))
  end
  local outward = src.name == "hmi"
  local outer = wire.ipv4({ src = outward and near or far, dst = outward and far or near, proto = wire.PROTO.gre,
    id = number }, body)
  return wire.ethernet(hop.dst_mac, hop.src_mac, wire.ETHERTYPE.ipv4, outer)
end
sample(w)
