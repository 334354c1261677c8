-- PPP over Ethernet: IP in session 17.

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange in a PPPoE session"
w.speaks_arp = false
w.medium = function(packet, _, hop)
  return wire.ethernet(hop.dst_mac, hop.src_mac, wire.ETHERTYPE.pppoe_session, wire.pppoe(17, 0x0021, packet))
end
sample(w)
