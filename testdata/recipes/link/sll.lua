-- Linux cooked capture, version 1: the sender's address and no destination.

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange as Linux cooked capture"
w:interface("any", "linux_sll")
w.medium = function(packet, ethertype, hop)
  return wire.sll(hop.dst_mac == wire.BROADCAST and 1 or 3, hop.src_mac, ethertype, packet)
end
sample(w)
