-- A file written on a big-endian machine.

local sample = require "sample"

local w = ...
w:title "The sample exchange in a big-endian file"
w:file { big_endian = true }
sample(w)
