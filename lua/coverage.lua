-- coverage.lua - whether all was captured: what was not is nobody's silence. A mirror port that loses packets shows in bytes of TCP that
-- were acknowledged and never seen; scripts/learning/loss.lua counts the connections where that happens and raises capture.lossy.
--
--   coverage.is_whole()       nothing was lost in the last ten minutes
--   coverage.is_reply(e)      an ot.operation that only a response told of, between two whose requests are seen, too: its request was lost
--   coverage.if_whole(tell)   calls tell in two minutes, unless something turns out to have been lost by then

local coverage = {}

event.new {
  name = "capture.lossy", doc = "Many connections miss bytes: the capture loses packets.",
  { "share", "double", "of the connections that miss some" },
}

local BEFORE, HOLD = interval "10m", interval "2m"

local lost, waiting = nil, {}
on("capture.lossy", function() lost = now() end)

function coverage.is_whole()
  return not lost or now() - lost > BEFORE
end

local asks = state.set { name = "coverage.asks", key = { "string", "string", "string" }, max = 20000 }
local asked = tally.new { keys = 3, max = 20000 }
asked:count {
  on = "ot.operation", where = "not unmatched", key = { "client", "server", "protocol" },
  new = function(e) asks:add { tostring(e.client), tostring(e.server), e.protocol } end,
}

function coverage.is_reply(e)
  return e.unmatched and asks:has { tostring(e.client), tostring(e.server), e.protocol } or false
end

local function tell_due(all)
  local later = {}
  for _, w in ipairs(waiting) do
    if not all and now() - w.at < HOLD then
      later[#later + 1] = w
    elseif not lost or w.at - lost > BEFORE then
      w.tell()
    end
  end
  waiting = later
end

function coverage.if_whole(tell)
  waiting[#waiting + 1] = { at = now(), tell = tell }
end

every("1m", function() tell_due() end)
on("finish", function() tell_due(true) end)

return coverage
