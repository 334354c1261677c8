-- rows.lua - the rows of a learning list as people read and write them: values separated by tabs, one row a line.
--
-- A value may be * (anything), a network 10.0.0.0/8, a range of addresses 10.0.0.5-10.0.0.9 or of numbers 49203-65477, a text with * in it
-- (READ_*), or what it says. Pure functions over texts and values: no store, no event.

local below = require "below"

local rows = {}

-- The values as they stand in a row; absent is a dash.
rows.text = tabbed.text

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

-- The tests of a row, and the bits of the columns that are plain, from 1 for the first; nil when all are, so that its text is all there is
-- to it.
local function parse(text)
  local tests, plain, i = {}, 0, 0
  for part in text:gmatch "[^\t]*" do
    i = i + 1
    local holds = matcher(part)
    if holds then tests[#tests + 1] = { column = i, bit = 1 << i - 1, holds = holds } else plain = plain | 1 << i - 1 end
  end
  if tests[1] then return tests, plain end
end

function rows.is_wide(text)
  local stars = tabbed.stars(text)
  return stars and stars ~= 0 or not stars and parse(text) ~= nil
end

local function all_hold(tests, values, line)
  for _, test in ipairs(tests) do
    if not test.holds(values[test.column], tabbed.part(line, test.bit)) then return false end
  end
  return true
end

-- Rows with wildcards. Most that are learned have but stars: a line is looked up with stars where any of them has some. Of the others that
-- have wildcards in the same columns only such are asked whose plain values are the same, so that thousands cost no more than a few.
local Wide = {}
Wide.__index = Wide

-- `starred`: the lines of the first, `stars`: where they have them, as bits. `shapes`, of the others: { plain = bits of the columns that
-- are plain, rows = by the line of those -> list of { text, tests } }
function rows.wide() return setmetatable({ starred = {}, stars = {}, shapes = {} }, Wide) end

local function add_once(list, value)
  for _, one in ipairs(list) do
    if one == value then return end
  end
  list[#list + 1] = value
end

local function rows_like(self, text, plain)
  for _, shape in ipairs(self.shapes) do
    if shape.plain == plain then return below(shape.rows, tabbed.part(text, plain)) end
  end
  self.shapes[#self.shapes + 1] = { plain = plain, rows = {} }
  return rows_like(self, text, plain)
end

-- False when every value of it is plain.
function Wide:add(text)
  local stars = tabbed.stars(text)
  if stars == 0 then return false end
  if stars then
    self.starred[text] = true
    add_once(self.stars, stars)
    return true
  end
  local tests, plain = parse(text)
  if not tests then return false end
  local list = rows_like(self, text, plain)
  list[#list + 1] = { text = text, tests = tests }
  return true
end

function Wide:remove(text)
  self.starred[text] = nil
  if tabbed.stars(text) then return end
  local tests, plain = parse(text)
  local list = tests and rows_like(self, text, plain) or {}
  for i, row in ipairs(list) do
    if row.text == text then return table.remove(list, i) end
  end
end

local function covering_shape(self, values, line)
  for _, shape in ipairs(self.shapes) do
    local list = shape.rows[tabbed.part(line, shape.plain)]
    for i = 1, list and #list or 0 do
      if all_hold(list[i].tests, values, line) then return list[i].text end
    end
  end
end

-- The row that covers these values, whose text is `line`; nil: none.
function Wide:covering(values, line)
  for i = 1, #self.stars do
    local text = tabbed.starred(line, self.stars[i])
    if self.starred[text] then return text end
  end
  return self.shapes[1] and covering_shape(self, values, line)
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
  return one:add(wide) and one:covering(rows.values(text), text) ~= nil
end

return rows
