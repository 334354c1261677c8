-- rows.lua - the rows of a learning list as people read and write them: values separated by tabs, one row a line.
--
-- A value may be * (anything), a network 10.0.0.0/8, a range of addresses 10.0.0.5-10.0.0.9 or of numbers 49203-65477, a text with * in it
-- (READ_*), or what it says. Pure functions over texts and values: no store, no event.

local rows = {}

-- A value as it stands in a row; absent is a dash. Tabs and line ends would break the row.
local function text_of(value)
  if value == nil then return "-" end
  if type(value) ~= "string" then return tostring(value) end
  if value:find "[%c\\]" then return (value:gsub("[%c\\]", function(c) return string.format("\\x%02x", c:byte()) end)) end
  return value == "" and '""' or value
end

function rows.text(values, n)
  local parts = {}
  for i = 1, n do parts[i] = text_of(values[i]) end
  return table.concat(parts, "\t")
end

function rows.split(text)
  local parts = {}
  for part in (text .. "\t"):gmatch("([^\t]*)\t") do parts[#parts + 1] = part end
  return parts
end

local function is_address(text)
  return text:match("^%d+%.%d+%.%d+%.%d+$") or text:match("^[%x:]+:[%x:]+$") ~= nil
end

-- Some names look like addresses: D:1-20 are registers.
local function address_of(text)
  local ok, value = pcall(addr, text and is_address(text) and text or nil)
  return ok and value or nil
end

local function anything() return true end

-- The function that says whether a value is meant; nil for a plain text, which is meant exactly.
local function matcher(part)
  if part == "*" then return anything end
  if not part:find "[*/-]" then return nil end
  if part:match("^[%x.:]+/%d+$") then
    local net = subnet(part)
    return function(value) return type(value) == "userdata" and net:contains(value) end
  end
  local low, high = part:match("^(%d+)%-(%d+)$")
  if low then
    low, high = tonumber(low), tonumber(high)
    return function(value)
      value = tonumber(tostring(value))
      return value ~= nil and value >= low and value <= high
    end
  end
  low, high = part:match("^([%x.:]+)%-([%x.:]+)$")
  low, high = address_of(low), address_of(high)
  if low and high then
    return function(value)
      return type(value) == "userdata" and value:family() == low:family() and low <= value and value <= high
    end
  end
  if part:find("*", 1, true) then
    local pattern = "^" .. part:gsub("[^%w*]", "%%%0"):gsub("%*", ".*") .. "$"
    return function(value) return text_of(value):find(pattern) ~= nil end
  end
end

-- Compiled: nil when every value is plain, so that the row's text is all there is to it.
function rows.compile(text)
  if not text:find "[*/-]" then return nil end
  local parts, tests, plain = rows.split(text), {}, true
  for i, part in ipairs(parts) do
    tests[i] = matcher(part)
    plain = plain and not tests[i]
  end
  if plain then return nil end
  return function(values)
    for i, part in ipairs(parts) do
      if tests[i] then
        if not tests[i](values[i]) then return false end
      elseif text_of(values[i]) ~= part then
        return false
      end
    end
    return true
  end
end

-- The values of a plain row, as far as a pattern looks at them: addresses and texts.
function rows.values(text)
  local values = rows.split(text)
  for i, part in ipairs(values) do
    values[i] = address_of(part) or part
  end
  return values
end

-- Whether a row covers another one.
function rows.covers(wide, text)
  local compiled = rows.compile(wide)
  return wide == text or compiled ~= nil and compiled(rows.values(text))
end

return rows
