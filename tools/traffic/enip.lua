-- EtherNet/IP: encapsulation and the conversations that carry CIP (CIP Networks Library, volume 2, chapter 2), over TCP
-- and UDP, with implicit messages on UDP 2222; counted in the truth by command, CIP service and PCCC function.

local tcp = require "tcp"
local arp = require "arp"
local cip = require "cip"
local pccc = require "pccc"
local wire = require "wire"

local enip = {}
local pack = string.pack

enip.PORT, enip.IO_PORT = 44818, 2222

enip.COMMAND = { nop = 0x00, list_services = 0x04, list_identity = 0x63, list_interfaces = 0x64, register = 0x65,
  unregister = 0x66, send_rr_data = 0x6f, send_unit_data = 0x70, indicate_status = 0x72, cancel = 0x73 }
enip.ITEM = { null = 0x00, identity = 0x0c, connected_address = 0xa1, connected_data = 0xb1, unconnected = 0xb2,
  services = 0x100, sockaddr_o_t = 0x8000, sockaddr_t_o = 0x8001, sequenced_address = 0x8002 }

-- options: session, status, context (eight bytes).
function enip.frame(command, data, options)
  options = options or {}
  return pack("<I2I2I4I4c8I4", command, #data, options.session or 0, options.status or 0, options.context or "", 0)
    .. data
end

-- The common packet format: items { kind, bytes } each.
function enip.items(list)
  local out = { pack("<I2", #list) }
  for i, item in ipairs(list) do out[i + 1] = pack("<I2s2", item[1], item[2]) end
  return table.concat(out)
end

-- Interface handle 0 is CIP; the time-out counts seconds.
function enip.packet(items, timeout) return pack("<I4I2", 0, timeout or 0) .. enip.items(items) end

function enip.sockaddr(ip, port) return pack(">I2I2", 2, port) .. wire.ip(ip) .. ("\0"):rep(8) end

function enip.identity_item(device)
  return { enip.ITEM.identity, pack("<I2", 1) .. enip.sockaddr(device.spec.ip, enip.PORT) .. device:identity_bytes()
    .. "\3" }
end

local SERVICES_ITEM <const> = { enip.ITEM.services, pack("<I2I2c16", 1, 0x0120, "Communications") }

-- Conversations ------------------------------------------------------------------------------------------------------

local link = {}
link.__index = link

local function count(w, client, server, transport, command, counts)
  w.truth:add("enip", { client = client.ip, server = server.ip, transport = transport,
    command = ("0x%04x"):format(command) }, counts)
end

function link:count(command, counts)
  count(self.world, self.options.client, self.options.server, self.transport, command, counts)
end

function link:count_cip(message)
  local w, client, server = self.world, self.options.client.ip, self.options.server.ip
  cip.each(message, function(service, is_response, status)
    local key = { client = client, server = server, service = ("0x%02x"):format(service) }
    w.truth:add("cip", key, is_response and { responses = 1, errors = status ~= 0 and 1 or 0 } or { requests = 1 })
  end)
end

-- options: client, server, device (a cip.controller); optional udp, port, session, unregistered, and what tcp.new
-- takes. Over TCP it opens the connection and registers a session.
function enip.connect(w, options)
  options.port = options.port or enip.PORT
  local self = setmetatable({ world = w, options = options, device = options.device, latency = options.latency or 0.002,
    rng = w:chance_of("enip " .. options.client.name .. " " .. options.server.name), contexts = 0, sequence = 0,
    session = options.session or 0, transport = options.udp and "udp" or "tcp" }, link)
  arp.resolve(w, options.client, options.server)
  if options.udp then
    self.sport = options.sport or 51000
    return self
  end
  self.tcp = tcp.new(w, options)
  if options.midstream then return self end
  self.tcp:open()
  if not options.unregistered then self:register() end
  return self
end

function link:send(side, frame, fault)
  if self.tcp then return self.tcp:send(side, frame, fault) end
  local client, server = self.options.client, self.options.server
  if side == "client" then return self.world:udp(client, self.sport, server, self.options.port, frame, fault) end
  return self.world:udp(server, self.options.port, client, self.sport, frame, fault)
end

local function context_of(self)
  self.contexts = self.contexts + 1
  return pack("<I4c4", self.contexts, "oto")
end

-- One encapsulation command. options: reply (its data; false: none), status, request_status, context, fault.
function link:command(command, data, options)
  options = options or {}
  local context = options.context or context_of(self)
  local header = { session = options.session or self.session, context = context }
  if self:send("client", enip.frame(command, data, header), options.request_fault) then
    self:count(command, { requests = 1 })
  end
  if options.reply == false then return end
  self.world:sleep(self.rng:about(self.latency, 0.3))
  header.status, header.session = options.status, options.reply_session or header.session
  if self:send("server", enip.frame(command, options.reply or "", header), options.response_fault) then
    self:count(command, { replies = 1, errors = (options.status or 0) ~= 0 and 1 or 0 })
  end
end

function link:register()
  self.session = self.rng:u32()
  self:command(enip.COMMAND.register, pack("<I2I2", 1, 0), { session = 0, reply = pack("<I2I2", 1, 0),
    reply_session = self.session })
  self.world:sleep(0.001)
end

function link:list_identity()
  self:command(enip.COMMAND.list_identity, "", { reply = enip.items { enip.identity_item(self.device) }, session = 0 })
end
function link:list_services()
  self:command(enip.COMMAND.list_services, "", { reply = enip.items { SERVICES_ITEM }, session = 0 })
end
function link:list_interfaces()
  self:command(enip.COMMAND.list_interfaces, "", { reply = enip.items {}, session = 0 })
end

-- The encapsulation frame for a message and the one for its response; sequence counts on connections.
local function framed(self, message, side, items, context)
  local command = self.connection and enip.COMMAND.send_unit_data or enip.COMMAND.send_rr_data
  local address, data = { enip.ITEM.null, "" }, { enip.ITEM.unconnected, message }
  if self.connection then
    local id = side == "client" and self.connection.o_t.id or self.connection.t_o.id
    address = { enip.ITEM.connected_address, pack("<I4", id) }
    data = { enip.ITEM.connected_data, pack("<I2", self.sequence) .. message }
  end
  local all = { address, data }
  for _, item in ipairs(items or {}) do all[#all + 1] = item end
  return command, enip.frame(command, enip.packet(all), { session = self.session, context = context })
end

-- One message and its response, on the open connection or unconnected. options: response (bytes, or false: silence),
-- latency, request_fault, response_fault, items (more, with the request), reply_items. Returns the response.
function link:ask(message, options)
  options = options or {}
  local context = self.connection and "" or context_of(self)
  self.sequence = self.connection and (self.sequence + 1) & 0xffff or 0
  local command, frame = framed(self, message, "client", options.items, context)
  local asked_at = self.world:time()
  if self:send("client", frame, options.request_fault) then
    self:count(command, { requests = 1 })
    self:count_cip(message)
  end
  if options.response == false then
    self.world.truth:note("unanswered", { protocol = "cip", time = asked_at, client = self.options.client.ip,
      server = self.options.server.ip, service = ("0x%02x"):format(message:byte(1)), why = options.why or "silent" })
    return
  end
  local response = options.response or self.device:answer(message)
  self.world:sleep(options.latency or self.rng:about(self.latency, 0.3))
  local _, reply = framed(self, response, "server", options.reply_items, context)
  if self:send("server", reply, options.response_fault) then
    self:count(command, { replies = 1 })
    self:count_cip(response)
  end
  return response
end

-- Several requests in one segment, then their responses in another.
function link:pipeline(messages)
  local requests, responses = {}, {}
  for i, message in ipairs(messages) do
    self.sequence = self.connection and (self.sequence + 1) & 0xffff or 0
    local context = self.connection and "" or context_of(self)
    local command, request = framed(self, message, "client", nil, context)
    local response = self.device:answer(message)
    local _, reply = framed(self, response, "server", nil, context)
    requests[i], responses[i] = request, reply
    self:count(command, { requests = 1, replies = 1 })
    self:count_cip(message)
    self:count_cip(response)
  end
  self:send("client", table.concat(requests))
  self.world:sleep(self.latency)
  self:send("server", table.concat(responses))
end

-- A message through the backplane to the module in SLOT.
function link:ask_slot(slot, message, options)
  return self:ask(cip.ask.unconnected_send(message, cip.path.port(1, slot)), options)
end

function link:ask_pccc(name, ...)
  self.tns = ((self.tns or 0x1000) + 1) & 0xffff
  local command = pccc.command(name, self.tns, ...)
  local response = self:ask(cip.ask.pccc(command))
  pccc.count(self.world, self.options.client, self.options.server, command, response:sub(12))
end

local ORIGINATOR <const> = 0x00c0ffee

-- spec as cip.ask.forward_open takes it; the identifier that the target chooses comes from its response. On an
-- explicit connection (no `io`), what is asked next goes over it.
function link:open(spec, options)
  local connection = {
    serial = spec.serial or self.rng:below(0xffff), vendor = 0x004d, originator = ORIGINATOR, large = spec.large,
    path = spec.path or cip.path.object(cip.CLASS.router, 1), transport = spec.transport,
    o_t = spec.o_t or { id = 0, rpi = 2000000, size = spec.large and 4002 or 504 },
    t_o = spec.t_o or { id = self.rng:u32(), rpi = 2000000, size = spec.large and 4002 or 504 },
  }
  connection.o_t.id, connection.t_o.id = connection.o_t.id or 0, connection.t_o.id or self.rng:u32()
  local response = self:ask(cip.ask.forward_open(connection), options)
  if response and response:byte(3) == 0 then
    connection.o_t.id, connection.t_o.id = string.unpack("<I4I4", response, 5)
    if not spec.io then self.connection, self.sequence = connection, 0 end
  end
  return connection
end

function link:close_connection(connection)
  connection = connection or self.connection
  self.connection = nil
  return self:ask(cip.ask.forward_close(connection))
end

function link:unregister()
  self:command(enip.COMMAND.unregister, "", { reply = false })
end

function link:close(side)
  if self.tcp then
    self:unregister()
    self.world:sleep(0.0005)
    self.tcp:close(side)
  end
end

-- Implicit messages ---------------------------------------------------------------------------------------------------

-- One datagram of an I/O connection. way: id; options: number (of the encapsulation), sequence (class 1's, nil for class
-- 0), run (the run/idle header, nil for none), data, destination (a group for multicast).
function enip.io(w, from, to, way, options)
  local data = (options.sequence and pack("<I2", options.sequence) or "")
    .. (options.run ~= nil and pack("<I4", options.run and 1 or 0) or "") .. options.data
  local items = enip.items { { enip.ITEM.sequenced_address, pack("<I4I4", way.id, options.number) },
    { enip.ITEM.connected_data, data } }
  w:udp(from, enip.IO_PORT, options.destination or to, enip.IO_PORT, items)
  w.truth:add("cip_io", { orig = from.ip, resp = (options.destination or to).ip, connection = ("0x%08x"):format(way.id) },
    { datagrams = 1 })
end

-- A broadcast List Identity, and the answers of DEVICES { host, cip.controller } each.
function enip.discover(w, client, broadcast, devices)
  local context = pack("<I4c4", 0, "find")
  w:udp(client, 52000, w.group(broadcast), enip.PORT, enip.frame(enip.COMMAND.list_identity, "", { context = context }))
  count(w, client, w.group(broadcast), "udp", enip.COMMAND.list_identity, { requests = 1 })
  for _, device in ipairs(devices) do
    w:sleep(0.004)
    w:udp(device[1], enip.PORT, client, 52000, enip.frame(enip.COMMAND.list_identity,
      enip.items { enip.identity_item(device[2]) }, { context = context }))
    count(w, client, device[1], "udp", enip.COMMAND.list_identity, { replies = 1 })
  end
end

return enip
