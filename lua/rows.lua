-- rows.lua - the rows of a learning list as people read and write them: values separated by tabs, one row a line.
--
-- A value may be * (anything), a network 10.0.0.0/8, a range of addresses 10.0.0.5-10.0.0.9 or of numbers 49203-65477, a text with * in it
-- (READ_*), or what it says. Pure functions over texts and values: no store, no event.

local below = require "below"

local rows = {}

-- The values as they stand in a row; absent is a dash.
rows.parts, rows.text = tabbed.parts, tabbed.text

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

-- The function that says whether a value (whose text is given as well) is meant; nil for a plain text, which is meant exactly.
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
    return function(_, text)
      local value = tonumber(text)
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
    return function(_, text) return text:find(pattern) ~= nil end
  end
end

local plain, columns = {}, {} -- of the row that is parsed

local function parse_parts(text)
  local tests, i, n = {}, 0, 0
  for part in text:gmatch "[^\t]*" do
    i = i + 1
    local holds = matcher(part)
    if holds then
      tests[#tests + 1] = { column = i, holds = holds }
    else
      n = n + 1
      plain[n], columns[n] = part, tostring(i)
    end
  end
  if not tests[1] then return nil end
  return tests, table.concat(plain, "\t", 1, n), table.concat(columns, " ", 1, n)
end

local star_tests = {} -- plain columns -> the tests of rows that have * in all others; rows of so many columns are few kinds

-- The tests of a row, its plain texts as one, and the columns of those as one; nil when every value is plain, so that its text is all
-- there is to it. Most that are learned have but stars.
local function parse(text)
  local others, name, n = tabbed.stars(text)
  if others == nil then return nil end
  if not others then return parse_parts(text) end
  local of = below(star_tests, name)
  of[n] = of[n] or parse_parts(text)
  return of[n], others, name
end

function rows.is_wide(text) return parse(text) ~= nil end

local function all_hold(tests, values, parts)
  for _, test in ipairs(tests) do
    if not test.holds(values[test.column], parts[test.column]) then return false end
  end
  return true
end

-- Rows with wildcards. Of those that have them in the same columns only such are asked whose plain values are the same, so that
-- thousands cost no more than a few.
local Wide = {}
Wide.__index = Wide

-- `shapes`: by which columns are plain, those columns and texts of the plain values -> rows { text, tests }
function rows.wide() return setmetatable({ shapes = {} }, Wide) end

local function shape_of(self, name)
  for _, shape in ipairs(self.shapes) do
    if shape.name == name then return shape end
  end
  local shape = { name = name, columns = {}, by_plain = {} }
  for column in name:gmatch "%d+" do shape.columns[#shape.columns + 1] = tonumber(column) end
  self.shapes[#self.shapes + 1] = shape
  return shape
end

-- False when every value of it is plain.
function Wide:add(text)
  local tests, others, name = parse(text)
  if not tests then return false end
  local list = below(shape_of(self, name).by_plain, others)
  list[#list + 1] = { text = text, tests = tests }
  return true
end

function Wide:remove(text)
  local tests, others, name = parse(text)
  local list = tests and shape_of(self, name).by_plain[others] or {}
  for i, row in ipairs(list) do
    if row.text == text then return table.remove(list, i) end
  end
end

-- The row that covers these values, whose texts are `parts`; nil: none.
function Wide:covering(values, parts)
  for _, shape in ipairs(self.shapes) do
    local n = #shape.columns
    for i = 1, n do plain[i] = parts[shape.columns[i]] end
    local list = shape.by_plain[table.concat(plain, "\t", 1, n)]
    for i = 1, list and #list or 0 do
      if all_hold(list[i].tests, values, parts) then return list[i].text end
    end
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
  if wide == text then return true end
  local one = rows.wide()
  return one:add(wide) and one:covering(rows.values(text), rows.split(text)) ~= nil
end

return rows
