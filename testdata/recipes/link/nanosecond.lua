-- A file with nanoseconds: the times are not whole microseconds.

local sample = require "sample"

local w = ...
w:title "The sample exchange in a file with nanoseconds"
w:file { nanoseconds = true }
sample(w)
