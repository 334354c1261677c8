-- words.lua - spans of time and amounts of data as people say them, in English and Japanese.
--
--   words.span(interval "130s") -> "2 min 10 s"     words.span(130, "ja") -> "2分10秒"
--   words.bytes(1234567) -> "1.2 MB"

local words = {}

local UNITS = {
  en = { { 86400, " d" }, { 3600, " h" }, { 60, " min" }, { 1, " s" }, between = " ", ms = " ms" },
  ja = { { 86400, "日" }, { 3600, "時間" }, { 60, "分" }, { 1, "秒" }, between = "", ms = "ミリ秒" },
}

-- The number without zeros at its end.
local function number(format, value)
  return (string.format(format, value):gsub("(%.%d-)0+$", "%1"):gsub("%.$", ""))
end

-- The two largest units: nobody wants to know the seconds of a day.
local function two_units(seconds, units)
  for i, unit in ipairs(units) do
    if seconds >= unit[1] then
      local smaller = units[i + 1] or unit
      local rounded = (seconds + smaller[1] / 2) // smaller[1] * smaller[1]
      local n = rounded // unit[1] | 0
      local rest = (rounded - n * unit[1]) // smaller[1] | 0
      return n .. unit[2] .. (rest > 0 and units.between .. rest .. smaller[2] or "")
    end
  end
end

-- An interval, or seconds.
function words.span(span, language)
  local seconds = type(span) == "number" and span or span:seconds()
  local units = UNITS[language] or UNITS.en
  if seconds < 0 then return "-" .. words.span(-seconds, language) end
  if seconds < 1 then return seconds == 0 and "0" .. units[4][2] or number("%.3g", seconds * 1000) .. units.ms end
  if seconds < 10 then return number("%.1f", seconds) .. units[4][2] end
  return two_units((seconds + 0.5) // 1, units)
end

function words.bytes(n)
  local unit = 1
  local names = { "bytes", "kB", "MB", "GB", "TB" }
  while n >= 1000 and unit < #names do n, unit = n / 1000, unit + 1 end
  return number(n < 100 and unit > 1 and "%.1f" or "%.0f", n) .. " " .. names[unit]
end

-- What a program.transfer moved: "block DB1". Where nobody named it the name is the kind with a number, or there is none.
function words.transferred(e)
  local kind, name = e.kind or "program", e.name
  if not name then return kind end
  return name:sub(1, #kind + 1) == kind .. " " and name or kind .. " " .. name
end

return words
