-- A mirror port that sees both sides of a switch: every frame twice, half a millisecond apart. An ARP request asked
-- again 50 ms later is the same bytes once more, but no duplicate.

local arp = require "arp"
local sample = require "sample"

local w = ...
w:title "The sample exchange, every frame twice"
w.mirror_twice = 0.0005
w:at(0, function() w:fault("mirror_duplicates", { after = 0.0005 }) end)
local client = sample(w)
w:at(1, function()
  for _ = 1, 3 do
    arp.request(w, client, "10.9.0.77")
    w:sleep(0.05)
  end
end)
