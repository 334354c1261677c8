-- When people and machines of a plant work: shifts, breaks, weekends, holidays, maintenance windows.
--
-- Knows days since the start and seconds of the day, in the plant's own zone; the capture's clock is UTC.

local calendar = {}
calendar.__index = calendar

local DAY <const> = 86400
local WEEKDAY_OF_EPOCH <const> = 4 -- 1 January 1970 was a Thursday; Monday is 1

-- options: rng, start (s since the epoch), days, learn (days), zone (hours). Draws how this plant works.
function calendar.new(options)
  local rng = options.rng
  local self = setmetatable({ start = options.start, days = options.days, zone = options.zone * 3600 }, calendar)
  self.shifts = rng:pick { 1, 2, 2, 3 }
  self.first_shift = 3600 * rng:range(6, 8)
  self.works_saturday = rng:chance(0.3)
  self.weekend_load = self.shifts == 3 and 0.7 or 0.15
  self.lunch = 3600 * 12 + 900 * rng:below(3)
  self.maintenance_weekday = self.works_saturday and 7 or rng:pick { 6, 6, 7 }
  self.maintenance_hour = rng:range(8, 13)
  self.maintenance_hours = rng:range(2, 4)
  return self
end

-- Day since the start (from 0), second of it, weekday (Monday is 1), of a time counted from the start, in the plant's zone.
function calendar:moment(seconds)
  local at = self.start + seconds + self.zone
  local day = at // DAY
  return math.tointeger((at // DAY) - (self.start + self.zone) // DAY), at % DAY,
    math.tointeger((day + WEEKDAY_OF_EPOCH - 1) % 7 + 1)
end

function calendar:workday(weekday) return weekday <= 5 or weekday == 6 and self.works_saturday end

-- How busy people in offices are, 0 to 1.
function calendar:office(seconds)
  local _, second, weekday = self:moment(seconds)
  if weekday > 5 then return 0.02 end
  local hour = second / 3600
  if hour < 7 or hour > 20 then return 0.02 end
  if second >= self.lunch and second < self.lunch + 3600 then return 0.35 end
  if hour < 8.5 then return 0.5 end
  return hour > 17.5 and 0.25 or 1
end

-- How busy the line is.
function calendar:line(seconds)
  local _, second, weekday = self:moment(seconds)
  local load = self:workday(weekday) and 1 or self.weekend_load
  local since = (second - self.first_shift) % DAY
  if since >= self.shifts * 8 * 3600 then return load * 0.1 end
  local into = since % (8 * 3600)
  if into >= 4 * 3600 and into < 4 * 3600 + 1800 then return load * 0.5 end
  return load
end

-- The maintenance windows of all days: { from, to } in seconds since the start. In runs too short for a weekly one, one a day
-- and a half.
function calendar:windows(learn)
  local out = {}
  for day = 0, self.days do
    local from = day * DAY - (self.start + self.zone) % DAY + self.maintenance_hour * 3600
    local _, _, weekday = self:moment(from)
    local due = learn >= 7 and weekday == self.maintenance_weekday or learn < 7 and (day % 2 == 0 or learn < 2)
    if due and from > 3600 and from < self.days * DAY then out[#out + 1] = { from, from + self.maintenance_hours * 3600 } end
  end
  return out
end

return calendar
