-- What a capture truly contains, told by the one who made it: hosts, conversations with counts, attacks and faults
-- with their times, as JSON with sorted keys and sorted rows, so that a difference is a difference.
--
-- Counts are of what the capture shows: a PDU that a fault kept out of it is told under "faults" and not counted.

local truth = {}
truth.__index = truth

function truth.new() return setmetatable({ sections = {}, lists = {}, hosts = {} }, truth) end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

local function identity(key)
  local parts = {}
  for _, name in ipairs(sorted_keys(key)) do
    local value = key[name]
    parts[#parts + 1] = name .. "=" .. (math.type(value) == "integer" and ("%010d"):format(value) or tostring(value))
  end
  return table.concat(parts, " ")
end

-- Adds COUNTS to the row of SECTION that KEY names, and returns the row.
function truth:add(section, key, counts)
  local rows = self.sections[section] or {}
  self.sections[section] = rows
  local id = identity(key)
  local row = rows[id]
  if not row then
    row = {}
    for _, name in ipairs(sorted_keys(key)) do row[name] = key[name] end
    rows[id] = row
  end
  for _, name in ipairs(sorted_keys(counts)) do row[name] = (row[name] or 0) + counts[name] end
  return row
end

-- Notes something that happened once, in LIST ("attacks", "faults", "unanswered"). Time comes with the entry.
function truth:note(list, entry)
  self.lists[list] = self.lists[list] or {}
  table.insert(self.lists[list], entry)
  return entry
end

local ESCAPES <const> = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quote(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return ESCAPES[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

-- Rows of a list each take one line: the file is read by people in a diff.
local function encode(value, indent)
  local kind = math.type(value) or type(value)
  if kind == "float" then return ("%.6f"):format(value) end
  if kind == "string" then return quote(value) end
  if kind ~= "table" then return tostring(value) end
  local out, open, close = {}, "{", "}"
  local inner = indent and indent .. "  "
  if #value > 0 then
    open, close = "[", "]"
    for i, item in ipairs(value) do out[i] = encode(item) end
  else
    for _, key in ipairs(sorted_keys(value)) do out[#out + 1] = quote(key) .. ": " .. encode(value[key], inner) end
  end
  if not indent then return open .. table.concat(out, ", ") .. close end
  return open .. "\n" .. inner .. table.concat(out, ",\n" .. inner) .. "\n" .. indent .. close
end

-- The whole file. ABOUT holds what is said once: recipe, seed, start, packets.
function truth:json(about)
  local all = { hosts = self.hosts }
  for _, key in ipairs(sorted_keys(about)) do all[key] = about[key] end
  for _, name in ipairs(sorted_keys(self.sections)) do
    local rows = {}
    for _, id in ipairs(sorted_keys(self.sections[name])) do rows[#rows + 1] = self.sections[name][id] end
    all[name] = rows
  end
  for _, name in ipairs(sorted_keys(self.lists)) do all[name] = self.lists[name] end
  if #all.hosts == 0 then all.hosts = nil end
  return encode(all, "") .. "\n"
end

return truth
