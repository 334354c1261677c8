-- BSD loopback: four bytes of address family in the byte order of the machine.

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange on a BSD loopback interface"
w.speaks_arp = false
w:interface("lo0", "null")
w.medium = function(packet) return wire.null(2, packet) end
sample(w)
