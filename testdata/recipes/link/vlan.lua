-- IEEE 802.1Q: one tag, with a priority.

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange in VLAN 100, priority 5"
w.medium = function(packet, ethertype, hop)
  return wire.ethernet(hop.dst_mac, hop.src_mac, wire.ETHERTYPE.vlan, wire.vlan(100, ethertype, packet, 5))
end
sample(w)
