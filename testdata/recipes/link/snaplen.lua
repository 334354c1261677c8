-- Every frame cut after 64 bytes: the headers are whole, what they carry is not.

local sample = require "sample"

local w = ...
w:title "The sample exchange, frames cut after 64 bytes"
w:file { snaplen = 64 }
w:at(0, function() w:fault("snaplen", { bytes = 64 }) end)
sample(w)
