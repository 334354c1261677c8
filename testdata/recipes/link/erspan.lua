-- ERSPAN type II: what a switch mirrors, sent through the network to the sensor.

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange inside ERSPAN type II, session 5"
local switch, sensor, number = wire.ip "172.16.0.1", wire.ip "172.16.0.2", 0
local switch_mac, sensor_mac = wire.mac "00:1b:21:00:00:01", wire.mac "00:1b:21:00:00:02"
w.medium = function(packet, ethertype, hop)
  local frame = wire.erspan2(5, 0, wire.ethernet(hop.dst_mac, hop.src_mac, ethertype, packet))
  number = number + 1
  local outer = wire.ipv4({ src = switch, dst = sensor, proto = wire.PROTO.gre, id = number },
    wire.gre(wire.ETHERTYPE.erspan, frame, nil, number))
  return wire.ethernet(sensor_mac, switch_mac, wire.ETHERTYPE.ipv4, outer)
end
sample(w)
