-- IEEE 802.11 as a radio hears it: a station talks through its access point, whose beacons and other people's encrypted data lie between.

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange over an open wireless network"
w:interface("mon0", "radiotap")
local access_point, stranger, number = wire.mac "00:0b:86:00:00:01", wire.mac "00:0b:86:00:00:99", 0
local station
w.medium = function(packet, ethertype, hop)
  number = number + 1
  if hop.src_mac == station.mac_bytes then
    return wire.wifi(true, hop.src_mac, access_point, hop.dst_mac, ethertype, packet, number)
  end
  return wire.wifi(false, hop.dst_mac, access_point, hop.src_mac, ethertype, packet, number)
end
for i, at in ipairs { "0.05s", "0.15s" } do
  w:at(at, function()
    w:emit(wire.wifi_beacon(access_point, 1000 + i))
    w:emit(wire.wifi_encrypted(stranger, access_point, 2000 + i))
  end)
end
station = sample(w)
