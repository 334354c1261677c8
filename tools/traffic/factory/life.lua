-- The life of the plant: starts the polling of every line, lets people work with it (set points, engineering, maintenance,
-- mornings), and keeps what attacks need to find: which conversation polls which controller.

local calendar = require "factory.calendar"
local controllers = require "factory.controllers"
local habits = require "factory.habits"
local polling = require "factory.polling"
local site = require "factory.site"
local stages = require "factory.stage"

local life = {}
life.__index = life

local DAY <const> = 86400

-- options: seed, start (s since the epoch), days, learn (days), terminals, connections, polls (requests a day), zone, writer,
-- note(row) takes what belongs into the truth.
function life.new(options)
  local s = stages.new { seed = options.seed, start = options.start * 1000000000, length = options.days * DAY, writer = options.writer }
  local self = setmetatable({ options = options, stage = s, rng = s.rng, note = options.note, links = {}, learn = options.learn * DAY,
    length = options.days * DAY }, life)
  self.calendar = calendar.new { rng = s.rng:fork "calendar", start = options.start, days = options.days, learn = options.learn,
    zone = options.zone }
  local _, second, weekday = self.calendar:moment(0)
  self.calendar.monday = (8 - weekday) % 7 * DAY - second
  self.site = site.new { stage = s, rng = s.rng:fork "site", terminals = options.terminals }
  return self
end

-- Polling ------------------------------------------------------------------------------------------------------------

local function link(self, client, server, weight, polls, kind, first)
  local l = { client = client, server = server, weight = weight, polls = polls, kind = kind, first = first }
  table.insert(self.links, l)
  return l
end

local function plan(self, rng)
  for _, line in ipairs(self.site.lines) do
    for i, plc in ipairs(line.plcs) do
      local panel = line.panels[(i - 1) % math.max(1, #line.panels) + 1]
      if panel then
        local l = link(self, panel, plc, rng:pick { 1, 1, 2 }, rng:range(1, 3), 2)
        l.operators = true
      end
      link(self, self.site.historian, plc, rng:pick { 0.2, 0.5 }, rng:range(1, 2), 3, 3)
    end
    for i, io in ipairs(line.ios) do
      link(self, line.plcs[(i - 1) % math.max(1, #line.plcs) + 1] or self.site.historian, io, rng:pick { 1, 2 }, rng:range(1, 2))
    end
  end
end

-- Periods as people set them, so that all together ask about as often as wanted.
local PERIODS <const> = { 0.5, 1, 2, 3, 5, 10, 15, 20, 30, 60 }

local function period_near(seconds)
  local best = PERIODS[1]
  for _, p in ipairs(PERIODS) do
    if math.abs(math.log(p / seconds)) < math.abs(math.log(best / seconds)) then best = p end
  end
  return best
end

local function start_polling(self)
  local rng = self.rng:fork "polling"
  plan(self, rng)
  local weights = 0
  for _, l in ipairs(self.links) do weights = weights + l.weight * l.polls end
  for i, l in ipairs(self.links) do
    local a_day = self.options.polls * l.weight / weights
    l.link = polling.new { stage = self.stage, rng = rng:fork("link " .. i), client = l.client, server = l.server,
      period = period_near(DAY / a_day), jitter = 0.01 * rng:range(1, 12), polls = l.polls, first = l.first, kind = l.kind }
    self.stage:at(1 + 20 * rng:float(), function() l.link:start() end)
  end
end

-- People -------------------------------------------------------------------------------------------------------------

local function operate(self)
  local stage, rng = self.stage, self.rng:fork "operators"
  for _, l in ipairs(self.links) do
    if l.operators then
      local mean = 60 * rng:range(10, 90)
      local function again()
        if rng:float() < self.calendar:line(stage:clock()) then l.link:write_set_point() end
        stage:after(mean * (0.2 + 1.6 * rng:float()), again)
      end
      stage:after(mean * rng:float(), again)
    end
  end
end

-- Who programs a controller: each has one station.
local function engineers(self)
  for i, plc in ipairs(self.site.plc) do plc.engineer = self.site.engineering[(i - 1) % #self.site.engineering + 1] end
end

-- An engineer's session with a controller: body(raw, plc, w, protocol).
function life:session(client, plc, body)
  local protocol = controllers[plc.protocol]
  self.stage.w:at(self.stage:clock(), function()
    local raw = protocol.connect(self.stage.w, client, plc, plc, 1)
    self.stage.w:sleep(0.2)
    body(raw, plc, self.stage.w, protocol)
    self.stage.w:sleep(0.3)
    if raw.close then raw:close() end
  end)
end

local function look(raw, plc, w, protocol)
  protocol.identify(raw, plc)
  for i = 1, 4 do
    w:sleep(2)
    protocol.read(raw, plc, i)
  end
end

-- Looks at each of their controllers every few days, and saves its program.
local function engineering(self)
  local stage, rng = self.stage, self.rng:fork "engineering"
  local gap = math.min(2.5 * DAY, self.learn / 4)
  for _, plc in ipairs(self.site.plc) do
    local visits = 0
    local function again()
      local wait
      if self.calendar:office(stage:clock()) < 0.3 and self.learn > 3 * DAY then
        wait = 3600
      else
        visits = visits + 1
        self:session(plc.engineer, plc, look)
        local uploads = visits % 3 == 1 and controllers[plc.protocol].upload
        if uploads then
          stage:after(30, function() self:session(plc.engineer, plc, function(raw) uploads(raw, rng, 600) end) end)
        end
        wait = gap * (0.8 + 0.4 * rng:float())
      end
      stage:after(wait, again)
    end
    stage:after(gap * rng:float() * 0.5, again)
  end
end

-- A maintenance window: chosen controllers are stopped, loaded and started. Announced, always the same ones.
local function maintenance(self)
  local stage, rng = self.stage, self.rng:fork "maintenance"
  local chosen = {}
  for _, plc in ipairs(self.site.plc) do
    if controllers[plc.protocol].download and rng:chance(0.4) then chosen[#chosen + 1] = plc end
  end
  for _, window in ipairs(self.calendar:windows(self.options.learn)) do
    for _, plc in ipairs(chosen) do
      local at = window[1] + rng:float() * (window[2] - window[1] - 900)
      stage:at(at, function()
        local row = at > self.learn and self.note { kind = "benign-maintenance-download", source = plc.engineer, target = plc,
          what = "announced window: stop, load, start", length = 120 }
        if row then row.parameters = { window = { window[1], window[2] } } end
        self:session(plc.engineer, plc, function(raw, _, w, protocol)
          protocol.stop(raw)
          w:sleep(3)
          protocol.download(raw, rng, 256 * rng:range(2, 6))
          w:sleep(2)
          protocol.start(raw)
        end)
      end)
    end
  end
end

-- Machines of people are switched on in the morning.
local function mornings(self)
  local stage, rng = self.stage, self.rng:fork "mornings"
  for _, host in ipairs(self.site.pc) do
    for day = 0, self.options.days - 1 do
      local _, second, weekday = self.calendar:moment(day * DAY)
      if weekday <= 5 then
        stage:at(day * DAY - second + 3600 * (6.5 + 2 * rng:float()), function()
          if not host.gone then habits.boot(stage, host, self.site, rng) end
        end)
      end
    end
  end
end

-- Someone is away: the machine is silent for days.
local function vacations(self)
  local stage, rng = self.stage, self.rng:fork "vacations"
  for _ = 1, self.learn >= 7 * DAY and math.max(1, #self.site.pc // 8) or 0 do
    local host = rng:pick(self.site.pc)
    local at, days = rng:float() * self.length, rng:range(2, 8)
    stage:at(at, function()
      if host.gone then return end
      host.gone = true
      if at > self.learn then
        self.note { kind = "benign-vacation", source = host, target = host, what = "the machine of someone who is away",
          length = days * DAY }
      end
      stage:after(days * DAY, function() host.gone = false end)
    end)
  end
end

-- Backups: every night, the file server and the historian send to the recorder's disks.
local function backups(self)
  local stage, rng = self.stage, self.rng:fork "backups"
  local site_ = self.site
  local windows = require "factory.windows"
  local hour = rng:range(1, 4)
  for day = 0, self.options.days - 1 do
    for i, from in ipairs { site_.historian, site_.files } do
      stage:at(day * DAY + hour * 3600 + i * 900 + 60 * rng:float(), function()
        local template = stage:talk("backup" .. i, from, site_.recorder, function(w, c, s)
          windows.share(w, c, s, { who = { domain = "PLANT", user = "backup", computer = habits.computer(from) }, share = "backup",
            file = "nightly.bak", server = "RECORDER", write = ("block of the backup "):rep(40000) })
        end)
        stage:play(template, from, site_.recorder)
      end)
    end
  end
end

function life:start()
  local common = { stage = self.stage, site = self.site, calendar = self.calendar, controllers = controllers,
    rng = self.rng:fork "habits",
    connections = self.options.connections }
  engineers(self)
  start_polling(self)
  operate(self)
  engineering(self)
  maintenance(self)
  mornings(self)
  vacations(self)
  backups(self)
  habits.surroundings(common)
  habits.start(common)
  local rng = self.rng:fork "publishers"
  for i, gauge in ipairs(self.site.gauge) do
    if i % 2 == 1 then self.stage:at(5 + 30 * rng:float(), function() habits.publish(self.stage, gauge, self.site.broker, rng) end) end
  end
end

-- The conversations that poll this controller.
function life:links_to(plc)
  local out = {}
  for _, l in ipairs(self.links) do if l.server == plc then out[#out + 1] = l end end
  return out
end

return life
