-- period.lua - times and periods as people write them.
--
--   period.parse(text, first, last) -> from, to     to is the first moment behind the period
--
-- "2026-01-31" a day, "2026-01" a month, "A..B" from A up to B, where either may be left out. A and B are "2026-01-31", "2026-01-31 08:00",
-- "2026-01-31T08:00:00Z", "+10s" after the first thing seen, or "-2d" before the last thing seen. Without Z in the zone of the machine.
local period = {}

local function offset(at)
	local sign, hours, minutes = at:format("%z", "local"):match("([+-])(%d%d)(%d%d)")
	local seconds = (tonumber(hours) or 0) * 3600 + (tonumber(minutes) or 0) * 60
	return interval(sign == "-" and -seconds or seconds)
end

local function bad(text)
	error('"' .. text .. '" is no time: 2026-01-31, "2026-01-31 08:00", 2026-01-31T08:00:00Z, +10s, -2d', 0)
end

-- Returns the moment, and how long the unit is that was named.
local function moment(text, first, last)
	local sign, span = text:match("^([+-])(.+)$")
	if sign then
		local ok, length = pcall(interval, span)
		if not ok then bad(text) end
		if sign == "+" then return first + length, interval(0) end
		return last - length, interval(0)
	end
	local date, hour, minute, rest = text:match("^(%d%d%d%d%-%d%d%-%d%d)[T ](%d%d):(%d%d)(.*)$")
	date = date or text:match("^%d%d%d%d%-%d%d%-%d%d$")
	if not date then bad(text) end
	local second = rest and rest:match("^:(%d%d)") or "00"
	local ok, at = pcall(time, date .. "T" .. (hour or "00") .. ":" .. (minute or "00") .. ":" .. second .. "Z")
	if not ok then bad(text) end
	local unit = not hour and 86400 or rest == "" and 60 or 1
	if not (rest and rest:find("Z$")) then at = at - offset(at) end
	return at, interval(unit)
end

local function month(text)
	local year, number = text:match("^(%d%d%d%d)%-(%d%d)$")
	if not year then return nil end
	local after = tonumber(number) == 12 and string.format("%04d-01-01", tonumber(year) + 1)
		or string.format("%s-%02d-01", year, tonumber(number) + 1)
	return text .. "-01", after
end

function period.parse(text, first, last)
	local a, b = text:match("^(.-)%.%.(.*)$")
	if not a then
		local begins, ends = month(text)
		if begins then return (moment(begins)), (moment(ends)) end
		local from, unit = moment(text, first, last)
		return from, from + unit
	end
	local from = a == "" and first or (moment(a, first, last))
	if b == "" then return from, last + interval(0.000001) end
	local to, unit = moment(b, first, last)
	-- "..2026-01-31" is up to the end of that day
	if unit == interval(86400) then to = to + unit end
	return from, to
end

return period
