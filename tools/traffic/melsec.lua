-- The MELSEC communication protocol with frames 3E and 4E, which is SLMP too: the frames, and the conversation that carries
-- them over TCP or UDP and tells each exchange in the truth. From the MELSEC Communication Protocol Reference Manual
-- (SH-080008) and the SLMP Reference Manual (SH-080956). Requests are melsec_commands', frames 1E melsec_1e's.

local arp = require "arp"
local code = require "melsec_code"
local controller = require "melsec_controller"
local plant = require "plant"
local tcp = require "tcp"

local melsec = { controller = controller.new, device = code.device, command = require "melsec_commands" }

local OWN_STATION <const> = { network = 0, station = 0xff, module = 0x3ff, multidrop = 0 }

-- A number of two bytes that is sent high byte first in both codes.
local function subheader(w, value) return w:octets(string.pack(">I2", value)) end

local function route(w, to)
  return w:number(to.network, 1):number(to.station, 1):number(to.module, 2):number(to.multidrop, 1)
end

-- options: frame ("3E", "4E"), ascii, serial, to (route). KIND: 0x5000 or 0xd000. The length counts what CONTENT writes,
-- characters in ASCII code.
function melsec.frame(options, kind, content)
  local head, rest = code.writer(options.ascii), code.writer(options.ascii)
  content(rest)
  local bytes = rest:done()
  subheader(head, kind | (options.frame == "4E" and 0x0400 or 0))
  if options.frame == "4E" then head:number(options.serial, 2):number(0, 2) end
  return route(head, options.to or OWN_STATION):number(#bytes, 2):text(bytes):done()
end

function melsec.request(options, request)
  return melsec.frame(options, 0x5000, function(w)
    w:number(options.timer or 0x10, 2):number(request.command, 2):number(request.subcommand, 2)
    request.body(w)
  end)
end

function melsec.response(options, request, plc, end_code)
  return melsec.frame(options, 0xd000, function(w)
    w:number(end_code or 0, 2)
    if not end_code then return request.answer(w, plc) end
    route(w, options.to or OWN_STATION):number(request.command, 2):number(request.subcommand, 2)
  end)
end

-- What the truth says of an exchange, of any frame; of values the first eight.
local function first_values(values) return values and table.move(values, 1, math.min(#values, 8), 1, {}) end

function melsec.told(request)
  local row = { command = ("%04x"):format(request.command), subcommand = ("%04x"):format(request.subcommand),
    name = request.name, values = first_values(request.values) }
  for _, name in ipairs { "labels", "address", "points", "unit", "drive", "file" } do row[name] = request.told[name] end
  for i, d in ipairs(request.devices or {}) do
    row.devices = row.devices or {}
    local device = d[1]
    row.devices[i] = { device = device.name, code = device.kind.code, head = device.head, points = d[2], unit = d.unit,
      network = device.link, module = device.module or device.cpu, index = device.index }
  end
  return row
end

-- Carrying and telling -------------------------------------------------------------------------------------------------

local link = {}
link.__index = link
melsec.link = link

-- options: client, server, controller, port; optional frame ("3E"), ascii, udp, to { network, station, module, multidrop },
-- serial (the first of 4E), latency (s), midstream, and what tcp.new takes. CODEC: request, response (melsec itself, melsec_1e).
function melsec.connect(w, options, codec)
  options.frame = options.frame or "3E"
  arp.resolve(w, options.client, options.server)
  local self = setmetatable({ world = w, options = options, codec = codec or melsec, serial = options.serial or 0,
    latency = options.latency or 0.004, controller = options.controller,
    rng = w:chance_of("melsec " .. options.client.name .. " " .. options.server.name) }, link)
  if options.udp then
    self.port = plant.next_port(options.client)
  else
    self.tcp = tcp.new(w, options)
    if not options.midstream then self.tcp:open() end
  end
  return self
end

function link:send(side, bytes, fault)
  if self.tcp then return self.tcp:send(side, bytes, fault) end
  local client, server, port = self.options.client, self.options.server, self.options.port
  if side == "client" then return self.world:udp(client, self.port, server, port, bytes, fault) end
  return self.world:udp(server, port, client, self.port, bytes, fault)
end

-- The frame's own part of an exchange: options of frame and a row for the truth.
function link:exchange(request, options)
  options = options or {}
  local o = self.options
  local frame = { frame = o.frame, ascii = o.ascii, to = options.to or o.to, timer = options.timer }
  if o.frame == "4E" then
    self.serial = (self.serial + 1) & 0xffff
    frame.serial = self.serial
  end
  request.scope = o.client.name
  local row = self.codec.told(request)
  local to = frame.to
  row.client, row.server, row.port, row.transport = o.client.ip, o.server.ip, o.port, o.udp and "udp" or "tcp"
  row.frame, row.code, row.serial = o.frame, o.ascii and "ascii" or "binary", frame.serial
  row.route = to and ("%d/%d/%04x/%d"):format(to.network, to.station, to.module, to.multidrop) or nil
  self.world.truth:note("messages", row)
  return frame, row
end

-- Values of a response are known when it is written; those of a request that nobody answered are those it carried.
-- What the capture shows of the exchange: both when the row has no "seen", else request, response or nothing.
local function answered(row, request, end_code, asked, shown)
  row.seen = not (asked and shown) and (asked and "request" or shown and "response" or "nothing") or nil
  row.values = row.values or not end_code and first_values(request.values) or nil
  if shown then row.end_code = end_code or 0 end
end

-- One request and its response. options: end_code (refused with it), no_answer (and why), to, timer, latency,
-- request_fault and response_fault (see tcp.send), unsure (a loss leaves open whose response it is).
function link:ask(request, options)
  options = options or {}
  local frame, row = self:exchange(request, options)
  local shown = self:send("client", self.codec.request(frame, request), options.request_fault)
  local asked_at = self.world:time()
  row.no_answer, row.unsure = options.no_answer, options.unsure or nil
  if options.no_answer then return answered(row, request, nil, shown, false) end
  self.world:sleep(options.latency or self.rng:about(self.latency, 0.3))
  local bytes = self.codec.response(frame, request, self.controller, options.end_code)
  answered(row, request, options.end_code, shown, self:send("server", bytes, options.response_fault))
  row.latency = not row.seen and self.world:time() - asked_at or nil
end

-- Several requests before the first response, each direction in one segment. options: order (that of the responses).
function link:pipeline(requests, options)
  local asked, answers, rows = {}, {}, {}
  for i, request in ipairs(requests) do
    local frame, row = self:exchange(request)
    asked[i] = self.codec.request(frame, request)
    rows[i], answers[i] = row, self.codec.response(frame, request, self.controller)
  end
  local shown = self:send("client", table.concat(asked))
  local asked_at = self.world:time()
  self.world:sleep(self.latency)
  local ordered = {}
  for i in ipairs(requests) do ordered[i] = answers[options and options.order and options.order[i] or i] end
  local back = self:send("server", table.concat(ordered))
  for i, row in ipairs(rows) do
    answered(row, requests[i], nil, shown, back)
    row.latency = not row.seen and self.world:time() - asked_at or nil
  end
end

function link:close(side) if self.tcp then self.tcp:close(side) end end

return melsec
