-- IP in IP (RFC 2003), and the same in IPv6 (RFC 2473).

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange inside IPv4 in IPv4, every second packet inside IPv6"
w.speaks_arp = false
local ends = { hmi = { wire.ip "172.16.0.1", wire.ip "fd00::1" }, plc = { wire.ip "172.16.0.2", wire.ip "fd00::2" } }
local number = 0
w.medium = function(packet, _, hop, src, dst)
  number = number + 1
  local way = number % 2 + 1
  local outer, ethertype = wire.ip_packet({ src = ends[src.name][way], dst = ends[dst.name][way],
    proto = wire.PROTO.ipip, id = number }, packet)
  return wire.ethernet(hop.dst_mac, hop.src_mac, ethertype, outer)
end
sample(w)
