-- The command: reads the options, lets the plant live, writes the capture and the truth.

local folder, writer = ... -- of the maker's files; the C side
package.path = folder .. "/?.lua;" .. package.path

local life = require "factory.life"
local truth = require "factory.truth"

local USAGE <const> = [[
usage: plant [options]

Makes weeks of a plant's traffic, the same bytes for the same options: an ordinary life first, attacks and faults after
the learning period.

  -o, --output FILE      the capture; "-" writes it to standard output (default)
      --truth FILE       every attack, fault and benign look-alike, a JSON object a line
      --seed N           the source of all chance (default 1)
      --days N           how long (default 28)
      --learn N          days of ordinary life before the first attack (default: half of them)
      --terminals N      stations of the plant (default 100)
      --connections N    connections on a working day (default 300 for each station)
      --polls N          requests to controllers a day (default 4000 for each station)
      --start TIME       2026-03-02T00:00:00Z (default), in UTC
      --zone HOURS       the plant's zone, east of UTC (default 0)
      --only KIND,...    these kinds of attack and fault; "none": ordinary life only
      --without KIND,... all but these
      --times N          how often each kind happens (default 1)
      --list             prints the kinds and ends
      --progress         says on standard error how far it is
  -h, --help             this text

examples:
  plant --seed 7 --days 28 --truth truth.jsonl | otoscope -r - --state DIR
  plant --seed 7 --days 3 --learn 2 --terminals 30 --only plc-stop,port-scan -o short.pcap
]]

local function fail(text)
  io.stderr:write("plant: ", text, "\n")
  os.exit(2)
end

local function days_of(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 719469
end

local function time_of(text)
  local y, m, d, h, min, s = text:match "^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)Z$"
  if not y then fail("not a time: " .. text .. " (write 2026-03-02T00:00:00Z)") end
  return ((days_of(y // 1, m // 1, d // 1) * 24 + h) * 60 + min) * 60 + s // 1 | 0
end

local function number(low, high)
  return function(text, name)
    local n = tonumber(text)
    if not n or n < low or n > high then fail(("%s takes a number from %g to %g"):format(name, low, high)) end
    return math.tointeger(n) or n
  end
end

local function words(text)
  local set = {}
  for word in text:gmatch "[^,]+" do set[word] = true end
  return set
end

local OPTIONS <const> = {
  ["--output"] = { "output", tostring }, ["--truth"] = { "truth", tostring }, ["--seed"] = { "seed", number(0, 2 ^ 53) },
  ["--days"] = { "days", number(0.01, 3660) }, ["--learn"] = { "learn", number(0, 3660) }, ["--terminals"] = { "terminals", number(20,
    3000) },
  ["--connections"] = { "connections", number(0, 1e9) }, ["--polls"] = { "polls", number(0, 1e9) }, ["--start"] = { "start", time_of },
  ["--zone"] = { "zone", number(-12, 14) }, ["--only"] = { "only", words }, ["--without"] = { "without", words },
    ["--times"] = { "times", number(1, 100) },
}
OPTIONS["-o"] = OPTIONS["--output"]

local function arguments(list)
  local options = { output = "-", seed = 1, days = 28, terminals = 100, start = time_of "2026-03-02T00:00:00Z", zone = 0, times = 1 }
  local i = 1
  while list[i] do
    local name = list[i]
    local known = OPTIONS[name]
    if name == "-h" or name == "--help" then
      io.stdout:write(USAGE)
      os.exit(0)
    elseif name == "--list" then
      options.list = true
    elseif name == "--progress" then
      options.progress = true
    elseif not known then
      fail("unknown option " .. name .. "; see --help")
    else
      i = i + 1
      options[known[1]] = known[2](list[i] or fail(name .. " needs a value; see --help"), name)
    end
    i = i + 1
  end
  options.learn = options.learn or options.days / 2
  options.connections = options.connections or 300 * options.terminals
  options.polls = math.max(1, options.polls or 4000 * options.terminals)
  return options
end

local grammar = require "factory.grammar"
local options = arguments(arg)
if options.list then
  for _, kind in ipairs(grammar.KINDS) do io.stdout:write(("%-28s %s\n"):format(kind.name, kind.what)) end
  os.exit(0)
end
local unknown = grammar.unknown(options)
if unknown then fail("no kind is called " .. unknown .. "; --list prints them") end

local log = truth.open(options)
options.note = function(row) return log:note(row) end
options.writer = writer
writer.open(options.seed, options.output)
local plant = life.new(options)
log.stage = plant.stage
plant:start()
grammar.start(plant, options)
plant.stage:run(function(time)
  log:flush()
  if options.progress and time % (86400 * 1000000000) < 3600 * 1000000000 then
    local packets = writer.totals()
    io.stderr:write(("day %d: %d packets\n"):format((time // 1000000000 - options.start) // 86400, packets))
  end
end)
local packets, bytes, conversations = writer.totals()
writer.close()
log:close { packets = packets, bytes = bytes, conversations = conversations }
