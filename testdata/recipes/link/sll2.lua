-- Linux cooked capture, version 2: with the number of the interface.

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange as Linux cooked capture, version 2"
w:interface("any", "linux_sll2")
w.medium = function(packet, ethertype, hop)
  return wire.sll2(hop.dst_mac == wire.BROADCAST and 1 or 3, hop.src_mac, ethertype, packet, 3)
end
sample(w)
