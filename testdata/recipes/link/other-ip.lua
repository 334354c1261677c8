-- IP protocols that are neither TCP, UDP nor ICMP, in a VLAN: OSPF, ESP, UDP-Lite, VRRP, one nobody knows.

local wire = require "wire"

local w = ...
w:title "IP protocols beyond TCP, UDP and ICMP"
w:duration "10s"
local a = w:host { name = "router-a", role = "router", ip = "10.9.1.1", vendor = "yamaha", os = "linux", vlan = 40 }
local b = w:host { name = "router-b", role = "router", ip = "10.9.1.2", vendor = "yamaha", os = "linux", vlan = 40 }

-- An OSPF hello (RFC 2328, A.3.2) and a VRRP advertisement (RFC 3768), their checksums at AT.
local function checked(bytes, at)
  return bytes:sub(1, at - 1) .. string.pack(">I2", wire.checksum(bytes)) .. bytes:sub(at + 2)
end
local OSPF <const> = checked(string.pack(">BBI2I4I4I2I2I8I4I2BBI4I4I4", 2, 1, 44, 0x0a090101, 0, 0, 0, 0, 0xffffff00,
  10, 2, 1, 40, 0, 0), 13)
local VRRP <const> = checked(string.pack(">BBBBBBI2I4I8", 0x21, 1, 100, 1, 0, 1, 0, 0x0a0901fe, 0), 7)
local ESP <const> = string.pack(">I4I4", 0x00001001, 1) .. ("\x8e\x13\x77\xd4"):rep(20)
local LITE <const> = string.pack(">I2I2I2I2", 5004, 5004, 8, 0x54c2) .. "audio, perhaps"
for _, entry in ipairs { { 89, OSPF }, { 50, ESP }, { 136, LITE }, { 112, VRRP }, { 253, "an experiment" } } do
  w:every("2s", { jitter = 0.2 }, function()
    for _, way in ipairs { { a, b }, { b, a } } do
      w:ip_out(way[1], way[2], w.ip_header(way[1], way[2], entry[1]), entry[2])
      w.truth:add("ip_protocols", { src = way[1].ip, dst = way[2].ip, protocol = entry[1] }, { packets = 1 })
      w:sleep(0.001)
    end
  end)
end
