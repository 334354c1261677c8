-- Changes all that it can reach: no other script may see it.
local counts = require "tests.data.counts"
string.upper = function() return "spoilt" end
utf8, print, counts.spoilt = nil, nil, true
require("oto").analyzer = nil
counts.add()
counts.spoil()
on("start", function() raise("spoils.said", { n = counts.add() }) end)
event.new { name = "spoils.said", doc = "What it counted.", { "n", "count", "so far" } }
