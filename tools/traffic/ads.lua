-- Beckhoff ADS over AMS/TCP (Beckhoff Information System, "Specification for ADS/AMS") and the datagrams of the AMS router:
-- requests and responses as they stand on the wire, and the conversation that carries them.

local tcp = require "tcp"
local arp = require "arp"

local ads = {}
local pack = string.pack

ads.PORT, ads.ROUTER_PORT = 48898, 48899
ads.COMMAND = { info = 1, read = 2, write = 3, state = 4, control = 5, subscribe = 6, unsubscribe = 7, notification = 8,
  read_write = 9 }

local function net_id(text)
  local out = {}
  for n in text:gmatch "%d+" do out[#out + 1] = string.char(tonumber(n)) end
  return table.concat(out)
end
ads.net_id = net_id

-- Requests and responses (behind the AMS header) -----------------------------------------------------------------------

local ask, answer = {}, {}
ads.ask, ads.answer = ask, answer

function ask.read(group, offset, length) return pack("<I4I4I4", group, offset, length) end
function ask.write(group, offset, data) return pack("<I4I4s4", group, offset, data) end
function ask.read_write(group, offset, length, data) return pack("<I4I4I4s4", group, offset, length, data) end
function ask.control(state, device, data) return pack("<I2I2s4", state, device, data or "") end
-- delay and cycle in milliseconds; they travel in units of 100 ns.
function ask.subscribe(group, offset, length, mode, delay, cycle)
  return pack("<I4I4I4I4I4I4", group, offset, length, mode, delay * 10000, cycle * 10000) .. ("\0"):rep(16)
end
function ask.unsubscribe(handle) return pack("<I4", handle) end

function answer.info(name, major, minor, build) return pack("<I4BBI2c16", 0, major, minor, build, name) end
function answer.data(data) return pack("<I4s4", 0, data) end
function answer.state(state, device) return pack("<I4I2I2", 0, state, device or 0) end
function answer.result(code) return pack("<I4", code or 0) end
function answer.handle(handle) return pack("<I4I4", 0, handle) end

-- One entry of the symbol table.
function ads.symbol(name, kind, group, offset, length, type)
  local rest = pack("<I4I4I4I4I4I2I2I2", group, offset, length, type, 8, #name, #kind, 0) .. name .. "\0" .. kind .. "\0\0"
  return pack("<I4", 4 + #rest) .. rest
end

-- stamps: a list of { seconds since 1970, { handle, data } ... }.
function ads.notification(stamps)
  local out = {}
  for _, stamp in ipairs(stamps) do
    out[#out + 1] = pack("<I8I4", 116444736000000000 + math.floor(stamp[1] * 10000000), #stamp - 1)
    for i = 2, #stamp do out[#out + 1] = pack("<I4s4", stamp[i][1], stamp[i][2]) end
  end
  local body = pack("<I4", #stamps) .. table.concat(out)
  return pack("<s4", body)
end

-- Conversations ----------------------------------------------------------------------------------------------------------

local link = {}
link.__index = link

-- options: client, server, net_id (of the server), client_net_id, client_port, invoke, and what tcp.new takes.
function ads.connect(w, options)
  options.port = options.port or ads.PORT
  local self = setmetatable({ world = w, options = options, invoke = options.invoke or 0 }, link)
  arp.resolve(w, options.client, options.server)
  self.tcp = tcp.new(w, options)
  if not options.midstream then self.tcp:open() end
  return self
end

-- error: the router's, in the header.
function link:message(side, port, command, invoke, payload, error)
  local options = self.options
  local server = net_id(options.net_id) .. pack("<I2", port)
  local client = net_id(options.client_net_id) .. pack("<I2", options.client_port or 32905)
  local target, source = server, client
  if side == "server" then target, source = client, server end
  local is_response = side == "server" and command ~= ads.COMMAND.notification
  local head = target .. source .. pack("<I2I2I4I4I4", command, is_response and 5 or 4, #payload, error or 0, invoke)
  self.world.truth:add("ads", { client = options.client.ip, server = options.server.ip, port = port, command = command },
    { [is_response and "responses" or "requests"] = 1 })
  return pack("<I2s4", 0, head .. payload)
end

-- One exchange. error: the router's, in the header; no_answer: why.
function link:ask(port, command, request, response, options)
  options = options or {}
  local code = ads.COMMAND[command] or command
  self.invoke = self.invoke + 1
  self.tcp:send("client", self:message("client", port, code, self.invoke, request))
  self.world:sleep(0.002)
  if options.no_answer then
    self.world.truth:note("unanswered", { protocol = "ads", time = self.world:time(), client = self.options.client.ip,
      server = self.options.server.ip, command = code, why = options.no_answer })
    return
  end
  self.tcp:send("server", self:message("server", port, code, self.invoke, response, options.error), options.fault)
  self.world:sleep(0.01)
end

function link:notify(port, stamps)
  self.tcp:send("server", self:message("server", port, ads.COMMAND.notification, 0, ads.notification(stamps)))
end

function link:raw(side, bytes) self.tcp:send(side, bytes) end
function link:close() self.tcp:close() end

-- The router's datagrams ---------------------------------------------------------------------------------------------------

ads.TAG = { status = 1, password = 2, twincat = 3, os = 4, host = 5, net_id = 7, options = 9, route = 12, user = 13,
  fingerprint = 18 }
ads.SERVICE = { info = 1, add = 6, delete = 0xb001 }

-- parts: { tag, value } each, in order.
function ads.datagram(service, from, parts, invoke, is_response)
  local out = {}
  for i, part in ipairs(parts) do out[i] = pack("<I2s2", ads.TAG[part[1]] or part[1], part[2]) end
  return pack("<I4I4I4", 0x71146603, invoke or 0, service | (is_response and 0x80000000 or 0)) .. net_id(from)
    .. pack("<I2I4", 10000, #parts) .. table.concat(out)
end

function ads.os_version(major, minor, build, platform, pack_name)
  return pack("<I4I4I4I4I4", 276, major, minor, build, platform) .. (pack_name or ""):gsub(".", "%0\0") .. "\0\0"
end

return ads
