-- MELSOFT direct connection, as public captures show it: search datagrams, request and response frames of an
-- engineering tool and a controller, counted in the truth. There is no published specification.

local tcp = require "tcp"
local arp = require "arp"

local melsoft = {}
local pack = string.pack

local REQUEST_ROUTE <const>, RESPONSE_ROUTE <const> = "\x07\0\0\xff\xff\3\0\0\xfe\3\0\0",
  "\x7f\0\0\0\xa8\3\0\xff\xff\3\0\0"

function melsoft.frame(kind, udp, code, serial, data)
  local request = kind == "request"
  local body = (request and "\x1c\x0a\x16\x14" or "\x9c\x0a\x18\x14") .. ("\0"):rep(request and 20 or 22)
    .. pack(">I2", code) .. pack("<I2", serial) .. data
  return (request and "\x57" or "\xd7") .. (udp and "\1" or "\0") .. "\0\0\0\x11\x11"
    .. (request and REQUEST_ROUTE or RESPONSE_ROUTE) .. pack("<I2", #body) .. body
end

-- A length in bytes, UTF-16 characters, a NUL.
function melsoft.name(text) return pack("<I2", 2 * #text + 2) .. text:gsub(".", "%0\0") .. "\0\0" end

local link = {}
link.__index = link

-- options: client, server, port; udp.
function melsoft.connect(w, options)
  local self = setmetatable({ world = w, options = options, serial = 0 }, link)
  options.port = options.port or 5562
  arp.resolve(w, options.client, options.server)
  if not options.udp then
    self.tcp = tcp.new(w, options)
    self.tcp:open()
  end
  return self
end

function link:send(side, bytes, fault)
  local o = self.options
  if self.tcp then return self.tcp:send(side, bytes, fault) end
  if side == "client" then return self.world:udp(o.client, 49152, o.server, o.port, bytes) end
  return self.world:udp(o.server, o.port, o.client, 49152, bytes)
end

function link:count(code, counts)
  self.world.truth:add("melsoft", { client = self.options.client.ip, server = self.options.server.ip,
    command = ("%04x"):format(code) }, counts)
end

-- answer: the response's data behind its end code; nil for silence.
function link:ask(code, data, answer, end_code, fault)
  self.serial = self.serial + 1
  self:send("client", melsoft.frame("request", not self.tcp, code, self.serial, data), fault)
  self:count(code, { requests = 1 })
  if not answer then return end
  self.world:sleep(0.003)
  local data_back = pack("<I2", end_code or 0) .. answer
  self:send("server", melsoft.frame("response", not self.tcp, code, self.serial, data_back), fault)
  self:count(code, { responses = 1 })
end

function link:search(what, answer)
  self:send("client", "\x5a\0\0" .. what)
  self.world:sleep(0.001)
  self:send("server", "\xda\0\0" .. what .. answer)
  self:count(0x5a00 | what:byte(), { requests = 1, responses = 1 })
end

function link:close() self.tcp:close("client") end

return melsoft
