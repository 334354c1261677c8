-- The stations of a plant, drawn from a seed: servers, lines with their controllers, panels and remote I/O, cameras,
-- printers, switches, machines of people on the floor, engineering stations, and an office behind the router.
--
-- Owns names, addresses and makers. Two runs with the same seed and number of terminals have the same plant.

local controllers = require "factory.controllers"
local plant = require "plant"

local site = {}
site.__index = site

for maker, block in pairs { axis = "00:40:8c", cisco = "00:1b:54", keyence = "00:01:fc", fanuc = "00:e0:e4",
  beckhoff = "00:01:05", canon = "00:00:85", ricoh = "00:26:73", apc = "00:c0:b7", cognex = "00:d0:24", zebra = "00:07:4d",
  hirschmann = "00:80:63", tplink = "50:c7:bf" } do
  plant.OUI[maker] = block
end

local NETWORKS <const> = { "192.168", "172.16", "10.20", "10.142", "172.23" }

-- Shares of the terminals; what is left are machines of people on the floor.
local SHARES <const> = { plc = 0.17, io = 0.08, panel = 0.10, engineering = 0.03, camera = 0.05, printer = 0.03, switch = 0.04,
  office = 0.22, gauge = 0.06 }

local function address(self, number)
  local n = self.first + number
  return ("%s.%d.%d"):format(self.network, n >> 8, n & 255)
end

-- The next free address of the plant's own network; .0 and .255 are left out.
function site:next_address()
  repeat self.used = self.used + 1 until self.used & 255 ~= 0 and self.used & 255 ~= 255
  return address(self, self.used)
end

-- Addresses that DHCP gives to machines of people: a range of their own at the end.
function site:next_lease()
  repeat self.leased = self.leased + 1 until self.leased & 255 ~= 0 and self.leased & 255 ~= 255
  return address(self, self.leased)
end

function site:add(role, spec)
  spec.role = role
  spec.name = spec.name or ("%s-%02d"):format(role, #self[role] + 1)
  spec.ip = spec.ip or (spec.dhcp and self:next_lease() or self:next_address())
  local host = self.stage:host(spec)
  host.role = role
  table.insert(self[role], host)
  table.insert(self.all, host)
  return host
end

local function servers(self)
  local stage = self.stage
  self.router = self:add("router", { name = "router", ip = address(self, 1), vendor = "cisco", os = "linux" })
  self.dc = self:add("server", { name = "dc1", vendor = "vmware", os = "windows", model = "Windows Server 2019" })
  self.historian = self:add("server", { name = "historian", vendor = "dell", os = "windows" })
  self.mes = self:add("server", { name = "mes", vendor = "vmware", os = "linux" })
  self.files = self:add("server", { name = "files", vendor = "dell", os = "windows" })
  self.monitor = self:add("server", { name = "monitor", vendor = "vmware", os = "linux" })
  self.broker = self:add("server", { name = "broker", vendor = "vmware", os = "linux" })
  self.recorder = self:add("server", { name = "recorder", vendor = "hewlett_packard", os = "linux" })
  self.updates = stage:host { name = "updates", role = "internet", ip = ("198.51.100.%d"):format(self.rng:range(10, 250)),
    vendor = "cisco", os = "linux", beyond = self.router, hops = 9 }
  self.time = stage:host { name = "time", role = "internet", ip = ("203.0.113.%d"):format(self.rng:range(10, 250)), vendor = "cisco",
    os = "linux", beyond = self.router, hops = 11 }
end

-- A line has one maker of controllers, its own panels and its own remote I/O.
local function lines(self, count)
  local rng, makers = self.rng, {}
  for i, name in ipairs(controllers.NAMES) do makers[i] = name end
  for i = #makers, 2, -1 do
    local j = rng:range(1, i)
    makers[i], makers[j] = makers[j], makers[i]
  end
  local n = math.max(2, math.min(#makers, count.plc // 3))
  for i = 1, math.max(n, (count.plc + 5) // 6) do
    self.lines[i] = { name = "line" .. i, protocol = makers[(i - 1) % n + 1], plcs = {}, panels = {}, ios = {} }
  end
  for i = 1, count.plc do
    local line = self.lines[(i - 1) % #self.lines + 1]
    local protocol = controllers[line.protocol]
    local model = rng:pick(controllers.MODELS[line.protocol])
    local plc = self:add("plc", { vendor = rng:pick(protocol.vendors), os = "controller", protocol = line.protocol })
    plc.maker, plc.model, plc.firmware, plc.line = model[1], model[2], model[3], line
    plc.base, plc.span, plc.slot = 100 * rng:range(1, 90), rng:range(6, 30), rng:range(1, 3)
    plc.serial, plc.area = rng:below(0x7fffffff), rng:pick { "Fill", "Cap", "Label", "Pack", "Press", "Oven", "Weld" }
    plc.device = protocol.device and protocol.device(plc)
    table.insert(line.plcs, plc)
  end
  for i = 1, count.panel do
    local line = self.lines[(i - 1) % #self.lines + 1]
    table.insert(line.panels, self:add("panel", { vendor = rng:pick { "advantech", "moxa" }, os = "windows", line = line,
      dhcp = false }))
  end
  for i = 1, count.io do
    local line = self.lines[(i - 1) % #self.lines + 1]
    local io = self:add("io", { vendor = rng:pick { "wago", "phoenix_contact", "beckhoff" }, os = "controller", line = line,
      protocol = "modbus" })
    local model = controllers.MODELS.modbus[2]
    io.maker, io.model, io.firmware, io.base, io.span = model[1], model[2], model[3], 100 * rng:range(0, 20), rng:range(4, 16)
    io.device = controllers.modbus.device(io)
    table.insert(line.ios, io)
  end
end

local PEOPLE <const> = { "dell", "hewlett_packard", "intel", "wistron" }

-- options: stage, rng, terminals.
function site.new(options)
  local rng = options.rng
  local self = setmetatable({ stage = options.stage, rng = rng, all = {}, lines = {}, first = 0, used = 1, network = rng:pick(NETWORKS) },
    site)
  for _, role in ipairs { "router", "server", "plc", "io", "panel", "engineering", "camera", "printer", "switch", "office", "gauge",
    "pc" } do
    self[role] = {}
  end
  local count, left = {}, options.terminals - 8
  for _, role in ipairs { "plc", "io", "panel", "engineering", "camera", "printer", "switch", "office", "gauge" } do
    count[role] = math.max(role == "plc" and 3 or 1, math.floor(options.terminals * SHARES[role] + 0.5))
    left = left - count[role]
  end
  self.first = rng:range(1, 60) * 256
  self.leased = math.max(((options.terminals // 256) + 1) * 256 + 99, 0)
  self.broadcast = "255.255.255.255"
  servers(self)
  self.mask_bits = 32 - (self.leased + options.terminals > 1024 and 12 or 10)
  lines(self, count)
  for _ = 1, count.engineering do self:add("engineering", { vendor = rng:pick(PEOPLE), os = "windows" }) end
  for _ = 1, count.camera do self:add("camera", { vendor = "axis", os = "linux" }) end
  for _ = 1, count.printer do self:add("printer", { vendor = rng:pick { "brother", "canon", "ricoh", "zebra" }, os = "linux" }) end
  for _ = 1, count.switch do self:add("switch", { vendor = rng:pick { "hirschmann", "allied_telesis", "cisco" }, os = "linux" }) end
  for _ = 1, count.gauge do self:add("gauge", { vendor = rng:pick { "keyence", "cognex", "fanuc", "zebra" }, os = "linux" }) end
  for _ = 1, math.max(left, 2) do self:add("pc", { vendor = rng:pick(PEOPLE), os = "windows", dhcp = true }) end
  for i = 1, count.office do
    local host = self.stage:host { name = ("office-%02d"):format(i), role = "office", vendor = rng:pick(PEOPLE), os = "windows",
      ip = ("%s.%d.%d"):format(self.network, 200 + i // 250, 1 + i % 250), beyond = self.router }
    host.role = "office"
    table.insert(self.office, host)
    table.insert(self.all, host)
  end
  return self
end

-- An address nobody has; the plant's own network.
function site:free_address() return self:next_address() end

function site:pick(role) return self.rng:pick(self[role]) end

return site
