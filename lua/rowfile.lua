-- rowfile.lua - learning lists as text to keep, compare and merge: one row a line, sorted, with who, when and why.
--
--   #list   ot_behaviour
--   #columns client server protocol func
--   +  10.0.0.1  10.0.0.2  modbus  READ_COILS  # ann  2026-01-31T12:00:00Z  commissioning      (tabs between all parts)
--   -  10.0.0.9  10.0.0.2  modbus  WRITE_SINGLE_COIL  # bob  2026-02-01T08:00:00Z  was an intruder
--
-- A line with - is a row that was removed: in a merge the later of two lines about a row wins. Pure functions over texts.

local rowfile = {}

local function line_of(text, row)
  return string.format("%s\t%s\t# %s\t%s\t%s", row.gone and "-" or "+", text, row.who or "-", row.when or "-", row.why or "-")
end

-- list { name =, columns = {}, rows = { [text] = { gone =, who =, when =, why = } } } -> text
function rowfile.write(lists)
  local out = {}
  for _, list in ipairs(lists) do
    out[#out + 1] = "#list\t" .. list.name
    out[#out + 1] = "#columns\t" .. table.concat(list.columns, "\t")
    for text, row in sorted(list.rows) do out[#out + 1] = line_of(text, row) end
  end
  return table.concat(out, "\n") .. "\n"
end

local function value_of(part)
  return part and part ~= "-" and part or nil
end

local function read_row(line, number)
  local sign, text, note = line:match("^([+-])\t(.-)\t# (.*)$")
  if not sign then sign, text = line:match("^([+-])\t(.+)$") end
  if not sign then error("line " .. number .. ": a row begins with + or - and a tab: " .. line:sub(1, 80), 0) end
  local who, when, why = (note or ""):match("^([^\t]*)\t?([^\t]*)\t?(.*)$")
  return text, { gone = sign == "-" or nil, who = value_of(who), when = value_of(when), why = value_of(why) }
end

local MOST = 60000 -- bytes of a line; what is looked through at once is limited

-- Lines of a text of any length.
local function lines_of(text)
  local at = 1
  return function()
    if at > #text then return nil end
    local part = text:sub(at, at + MOST)
    local line = part:sub(1, (part:find("\n", 1, true) or #part + 1) - 1)
    at = at + #line + 1
    return line:sub(-1) == "\r" and line:sub(1, -2) or line
  end
end

-- The lists in a text, in its order. Errors name the line.
function rowfile.read(text)
  local lists, number, list = {}, 0, nil
  for line in lines_of(text) do
    number = number + 1
    local name, columns = line:match("^#list\t(.+)$"), line:match("^#columns\t(.+)$")
    if name then
      list = { name = name, columns = {}, rows = {} }
      lists[#lists + 1] = list
    elseif not list and line ~= "" then
      error("line " .. number .. ": a file of lists begins with #list and its name", 0)
    elseif columns then
      for column in columns:gmatch("[^\t]+") do list.columns[#list.columns + 1] = column end
    elseif line ~= "" and line:sub(1, 1) ~= "#" then
      local row, what = read_row(line, number)
      list.rows[row] = what
    end
  end
  return lists
end

-- The later of two lines about one row; of equally old ones what is kept wins over what is gone.
function rowfile.later(a, b)
  if not a or not b then return a or b end
  local x, y = a.when or "", b.when or ""
  if x ~= y then return x > y and a or b end
  return a.gone and b or a
end

function rowfile.merge(a, b)
  local by_name, out = {}, {}
  for _, lists in ipairs { a, b } do
    for _, list in ipairs(lists) do
      local into = by_name[list.name]
      if not into then
        into = { name = list.name, columns = list.columns, rows = {} }
        by_name[list.name], out[#out + 1] = into, into
      end
      for text, row in sorted(list.rows) do into.rows[text] = rowfile.later(into.rows[text], row) end
    end
  end
  return out
end

return rowfile
