-- The truth about a made run, a JSON object a line: first the run itself, then every attack, fault and benign look-alike with
-- its kind, times (seconds since the epoch), source, target, what happened and with which parameters; last what was written.

local truth = {}
truth.__index = truth

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
end

local json

local function sorted_keys(t)
  local keys = {}
  for key in next, t do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

local function object(t)
  local out = {}
  for _, key in ipairs(sorted_keys(t)) do out[#out + 1] = quoted(key) .. ": " .. json(t[key]) end
  return "{" .. table.concat(out, ", ") .. "}"
end

function json(v)
  if type(v) == "string" then return quoted(v) end
  if type(v) == "table" and (#v > 0 or next(v) == nil) then
    local out = {}
    for i, item in ipairs(v) do out[i] = json(item) end
    return "[" .. table.concat(out, ", ") .. "]"
  end
  if type(v) == "table" then return object(v) end
  if math.type(v) == "float" then return ("%.6f"):format(v) end
  return tostring(v)
end
truth.json = json

local FIRST <const> = { "kind", "id", "start", "end", "source", "target", "what", "parameters" }

local function line(row)
  local out = {}
  for _, key in ipairs(FIRST) do
    if row[key] ~= nil then out[#out + 1] = quoted(key) .. ": " .. json(row[key]) end
  end
  return "{" .. table.concat(out, ", ") .. "}\n"
end
truth.line = line

function truth.open(options)
  local self = setmetatable({ rows = {}, number = 0 }, truth)
  if options.truth then
    local file, why = io.open(options.truth, "w")
    self.file = file or error(why, 0)
    self.file:write(line { kind = "run", start = options.start, ["end"] = options.start + options.days * 86400, what = "a made plant",
      parameters = { seed = options.seed, days = options.days, learn = options.learn, terminals = options.terminals,
        connections = options.connections, polls = options.polls, zone = options.zone } })
  end
  return self
end

local function station(host) return host and { ip = host.ip, mac = (host.beyond or host).mac, name = host.name, role = host.role } end

-- row: kind, source, target (hosts), what, parameters, length (s; may be put in later as row["end"]). Returns the row, which may
-- be completed until the hour is over.
function truth:note(row)
  self.number = self.number + 1
  row.id = self.number
  row.start = self.stage:now() / 1e9
  row["end"] = row.start + (row.length or 0)
  row.length = nil
  row.source, row.target = station(row.source), station(row.target)
  table.insert(self.rows, row)
  return row
end

-- Writes rows that are over.
function truth:flush(all)
  if not self.file then return end
  local now, kept, last = self.stage:now() / 1e9, {}, (self.stage.start / 1e9) + self.stage.length
  for _, row in ipairs(self.rows) do
    if all then row["end"] = math.min(row["end"], last) end
    if all or row["end"] + 3600 < now then self.file:write(line(row)) else kept[#kept + 1] = row end
  end
  self.rows = kept
  self.file:flush()
end

function truth:close(totals)
  self:flush(true)
  if not self.file then return end
  self.file:write(line { kind = "written", what = "the capture", parameters = totals })
  self.file:close()
end

return truth
