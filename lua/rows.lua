-- rows.lua - the rows of a learning list as people read and write them: values separated by tabs, one row a line.
--
-- A value may be * (anything), a network 10.0.0.0/8, a range of addresses 10.0.0.5-10.0.0.9 or of numbers 49203-65477, a text with * in it
-- (READ_*), or what it says. Pure functions over texts and values: no store, no event.

local below = require "below"

local rows = {}

-- A value as it stands in a row; absent is a dash. Tabs and line ends would break the row.
local function text_of(value)
  if value == nil then return "-" end
  if type(value) ~= "string" then return tostring(value) end
  if value:find "[%c\\]" then return (value:gsub("[%c\\]", function(c) return string.format("\\x%02x", c:byte()) end)) end
  return value == "" and '""' or value
end

function rows.parts(values, n)
  local parts = {}
  for i = 1, n do parts[i] = text_of(values[i]) end
  return parts
end

function rows.text(values, n) return table.concat(rows.parts(values, n), "\t") end

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

-- The tests of a row by column, its plain texts and their columns; nil when every value is plain, so that its text is all there is to it.
local function parse(text)
  if not text:find "[*/-]" then return nil end
  local tests, plain, columns = {}, {}, {}
  for i, part in ipairs(rows.split(text)) do
    local test = matcher(part)
    if test then
      tests[#tests + 1] = { column = i, holds = test }
    else
      plain[#plain + 1], columns[#columns + 1] = part, i
    end
  end
  if not tests[1] then return nil end
  return tests, plain, columns
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

local function shape_of(self, columns)
  for _, shape in ipairs(self.shapes) do
    if table.concat(shape.columns, " ") == table.concat(columns, " ") then return shape end
  end
  local shape = { columns = columns, by_plain = {} }
  self.shapes[#self.shapes + 1] = shape
  return shape
end

-- False when every value of it is plain.
function Wide:add(text)
  local tests, plain, columns = parse(text)
  if not tests then return false end
  local list = below(shape_of(self, columns).by_plain, table.concat(plain, "\t"))
  list[#list + 1] = { text = text, tests = tests }
  return true
end

function Wide:remove(text)
  local tests, plain, columns = parse(text)
  local list = tests and shape_of(self, columns).by_plain[table.concat(plain, "\t")] or {}
  for i, row in ipairs(list) do
    if row.text == text then return table.remove(list, i) end
  end
end

-- The row that covers these values, whose texts are `parts`; nil: none.
function Wide:covering(values, parts)
  for _, shape in ipairs(self.shapes) do
    local plain = {}
    for i, column in ipairs(shape.columns) do plain[i] = parts[column] end
    for _, row in ipairs(shape.by_plain[table.concat(plain, "\t")] or {}) do
      if all_hold(row.tests, values, parts) then return row.text end
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
