-- IEEE 802.1ad: a service tag around a customer tag.

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange in customer VLAN 20 inside service VLAN 1000"
w.medium = function(packet, ethertype, hop)
  local tagged = wire.vlan(1000, wire.ETHERTYPE.vlan, wire.vlan(20, ethertype, packet))
  return wire.ethernet(hop.dst_mac, hop.src_mac, wire.ETHERTYPE.service_vlan, tagged)
end
sample(w)
