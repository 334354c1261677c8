-- coverage.lua - whether all was captured: what was not is nobody's silence. A mirror port that loses packets shows in bytes of TCP that
-- were acknowledged and never seen; scripts/learning/loss.lua counts the connections where that happens and raises capture.lossy. Where
-- nothing comes at all, or the clock is set, the engine says so: capture.gap, capture.silent, capture.clock.
--
--   coverage.is_whole()       nothing was lost in the last ten minutes
--   coverage.on_hole(f)       calls f when something is lost or may be; coverage.is_silent() while nothing comes at all
--   coverage.on_whole(f)      calls f when nothing was lost in the last ten minutes any more
--   coverage.if_whole(tell)   calls tell in two minutes, unless something turns out to have been lost by then

local coverage = {}

event.new {
  name = "capture.lossy", doc = "Many connections miss bytes: the capture loses packets.",
  { "share", "double", "of the connections that miss some" },
}

local BEFORE, HOLD, FAR = interval "10m", interval "2m", interval "3650d"

local lost, silent, waiting, holes, wholes = nil, false, {}, {}, {}

local function look_again()
  if not coverage.is_whole() then return end
  for _, f in ipairs(wholes) do f() end
end

for _, what in ipairs { "lossy", "gap", "silent", "clock" } do
  on("capture." .. what, function()
    lost, silent = now(), what == "silent"
    for _, f in ipairs(holes) do f() end
    if #wholes > 0 then after(BEFORE + interval "1ms", look_again) end
  end)
end

function coverage.on_hole(f)
  holes[#holes + 1] = f
end

function coverage.on_whole(f)
  wholes[#wholes + 1] = f
end

function coverage.is_silent()
  return silent
end

function coverage.is_whole()
  return not silent and (not lost or now() - lost > BEFORE)
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

local timer = every("1m", function(t)
  tell_due()
  return #waiting == 0 and t + FAR or nil
end)

function coverage.if_whole(tell)
  waiting[#waiting + 1] = { at = now(), tell = tell }
  timer:wake()
end

on("finish", function() tell_due(true) end)

return coverage
