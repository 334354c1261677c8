-- IEEE 802.3 with LLC: IP in SNAP, a spanning tree hello (LSAP 0x42), NetBEUI-like frames (LSAP 0xf0).

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange in LLC/SNAP, and LLC frames that are not IP"
w:duration "10s"
w.medium = function(packet, ethertype, hop)
  return wire.snap(hop.dst_mac, hop.src_mac, 0, ethertype, packet)
end
local client, server = sample(w)

-- A configuration BPDU: root and bridge are the same switch.
local bridge = "\x80\x00" .. server.mac_bytes
local BPDU <const> = string.pack(">I2BBB", 0, 0, 0, 0) .. bridge .. "\0\0\0\0" .. bridge
  .. string.pack(">I2I2I2I2I2", 0x8001, 0, 20 * 256, 2 * 256, 15 * 256)
w:every("2s", { from = 0.5 }, function()
  w:emit(wire.llc(wire.mac "01:80:c2:00:00:00", server.mac_bytes, 0x42, 0x42, 3, BPDU))
end)
w:every("3s", { from = 1 }, function(n)
  w:emit(wire.llc(server.mac_bytes, client.mac_bytes, 0xf0, 0xf0, 3, ("frame %d of an LSAP"):format(n)))
end)
