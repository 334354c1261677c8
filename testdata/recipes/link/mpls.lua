-- MPLS: two labels, IP below the bottom of the stack.

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange below two MPLS labels"
w.speaks_arp = false
w.medium = function(packet, _, hop)
  local stack = wire.mpls(16001, false, wire.mpls(299, true, packet))
  return wire.ethernet(hop.dst_mac, hop.src_mac, wire.ETHERTYPE.mpls, stack)
end
sample(w)
