-- OpenBSD loopback: the address family in network byte order; the file is big-endian too.

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "The sample exchange on an OpenBSD loopback interface"
w:file { big_endian = true }
w.speaks_arp = false
w:interface("lo0", "loop")
w.medium = function(packet) return wire.null(2, packet, true) end
sample(w)
