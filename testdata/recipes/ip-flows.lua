-- Flows of IP protocols that are neither TCP, UDP nor ICMP, as a flow meter has to tell them: both ways in VLANs of their own, one way, to
-- groups, a tunnel with its contents, one that falls silent, one that goes on for minutes.

local wire = require "wire"
local world = require "world"

local w = ...
w:title "flows of IP protocols"
w:duration "5m"
local a = w:host { name = "router-a", role = "router", ip = "10.9.2.1", ip6 = "fd00:9::1", vendor = "yamaha", os = "linux", vlan = 40 }
local b = w:host { name = "router-b", role = "router", ip = "10.9.2.2", ip6 = "fd00:9::2", vendor = "yamaha", os = "linux", vlan = 41 }

local function packet(src, dst, protocol, bytes, ip6)
  w:ip_out(src, dst, world.ip_header(src, dst, protocol, { ip6 = ip6 }), bytes)
  w.truth:add("ip_protocols", { src = ip6 and src.ip6 or src.ip, dst = ip6 and dst.ip6 or dst.ip, protocol = protocol }, { packets = 1 })
end

local function exchange(protocol, bytes, ip6, answer)
  packet(a, b, protocol, bytes, ip6)
  w:sleep(0.002)
  packet(b, a, protocol, answer or bytes, ip6)
end

-- RFC 4303, 4302, 9260, 3828; a keep-alive of GRE says protocol 0 and carries nothing.
local ESP <const> = string.pack(">I4I4", 0x00001002, 7) .. ("\x8e\x13\x77\xd4"):rep(16)
local AH <const> = string.pack(">BBI2I4I4", 59, 4, 0, 0x00001003, 1) .. ("\x21"):rep(12)
local SCTP <const> = string.pack(">I2I2I4I4", 36412, 36412, 0x01020304, 0x53a7c1f0) .. string.pack(">BBI2I4", 4, 0, 8, 0x00010004)
local function lite(from, to) return string.pack(">I2I2I2I2", from, to, 8, 0x54c0) .. "audio, perhaps" end
local KEEP_ALIVE <const> = string.pack(">I2I2", 0, 0)
local function report(group)
  local bytes = string.pack(">BBI2", 0x16, 0, 0) .. wire.ip(group)
  return bytes:sub(1, 2) .. string.pack(">I2", wire.checksum(bytes)) .. bytes:sub(5)
end

w:at("1s", function() exchange(51, AH) end)
w:at("1s", function() exchange(132, SCTP) end)
w:at("1s", function() exchange(136, lite(5004, 5006), false, lite(5006, 5004)) end)
w:at("1s", function() exchange(50, ESP, true) end)
w:every("20s", { jitter = 0.1 }, function() exchange(50, ESP) end)
w:every("60s", { jitter = 0.1 }, function() exchange(47, KEEP_ALIVE) end)
w:every("90s", { jitter = 0.1 }, function() packet(a, w.group "239.9.9.9", 2, report "239.9.9.9") end)
