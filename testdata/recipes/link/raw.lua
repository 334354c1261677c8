-- Raw IP: the first byte is the IP header's.

local sample = require "sample"

local w = ...
w:title "The sample exchange as raw IP"
w.speaks_arp = false
w:interface("tun0", "raw")
w.medium = function(packet) return packet end
sample(w)
