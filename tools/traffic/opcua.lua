-- OPC UA Binary over TCP (OPC 10000-6): transport messages, secure channels, chunks, and services (OPC 10000-4) as pairs of a request and
-- its answer. A channel may be signed or encrypted: the signature and what is encrypted are chance bytes of the right length.

local tcp = require "tcp"
local arp = require "arp"

local opcua = { PORT = 4840 }
local POLICY <const> = "http://opcfoundation.org/UA/SecurityPolicy#"
local SIGNATURE <const> = 32 -- Basic256Sha256

-- Built-in types (5.2.2) ---------------------------------------------------------------------------------------------------------------

local pack = string.pack
local function u8(n) return pack("B", n) end
local function u32(n) return pack("<I4", n) end
local function f64(x) return pack("<d", x) end
local function str(s) return s and pack("<s4", s) or u32(0xffffffff) end
opcua.u8, opcua.u32, opcua.f64, opcua.str = u8, u32, f64, str

local function array(list, each)
  if not list then return u32(0xffffffff) end
  local out = { u32(#list) }
  for i, item in ipairs(list) do out[i + 1] = each and each(item) or item end
  return table.concat(out)
end
opcua.array = array

local EPOCH <const> = 116444736000000000
local function time(seconds) return pack("<i8", seconds and EPOCH + math.floor(seconds * 10000000) or 0) end
opcua.time = time

-- "i=85", "ns=2;s=Motor", "ns=1;g=" and 16 bytes, "ns=1;b=" and bytes; a number is i=.
local function node(text, flags)
  if type(text) == "number" then text = "i=" .. text end
  local space, kind, id = text:match "^ns=(%d+);(%a)=(.*)$"
  if not space then space, kind, id = 0, text:match "^(%a)=(.*)$" end
  space, flags = math.tointeger(tonumber(space)), flags or 0
  if kind == "s" then return pack("<BI2s4", 3 | flags, space, id) end
  if kind == "g" then return pack("<BI2", 4 | flags, space) .. id end
  if kind == "b" then return pack("<BI2s4", 5 | flags, space, id) end
  local n = math.tointeger(tonumber(id))
  if space == 0 and n < 256 then return u8(flags) .. u8(n) end
  if space < 256 and n < 65536 then return pack("<BBI2", 1 | flags, space, n) end
  return pack("<BI2I4", 2 | flags, space, n)
end
opcua.node = node
-- In another namespace by its URI, of another server by its number.
function opcua.far(text, uri, server)
  return node(text, (uri and 0x80 or 0) | (server and 0x40 or 0)) .. (uri and str(uri) or "") .. (server and u32(server) or "")
end

local function name(text, space) return pack("<I2", space or 0) .. str(text) end
local function localized(text, locale)
  return u8((locale and 1 or 0) | (text and 2 or 0)) .. (locale and str(locale) or "") .. (text and str(text) or "")
end
local function extension(type, body) return node(type) .. (body and "\1" .. str(body) or "\0") end
opcua.name, opcua.localized, opcua.extension = name, localized, extension

-- A variant of one value, or of an array of them, with or without dimensions.
local TYPES <const> = {
  boolean = { 1, "B" }, sbyte = { 2, "b" }, byte = { 3, "B" }, int16 = { 4, "<i2" }, uint16 = { 5, "<I2" }, int32 = { 6, "<i4" },
  uint32 = { 7, "<I4" }, int64 = { 8, "<i8" }, uint64 = { 9, "<I8" }, float = { 10, "<f" }, double = { 11, "<d" }, string = { 12, str },
  datetime = { 13, time }, guid = { 14, "c16" }, bytes = { 15, str }, xml = { 16, str }, node = { 17, node }, expanded = { 18, node },
  status = { 19, "<I4" }, name = { 20, name }, text = { 21, localized }, extension = { 22, function(x) return x end },
  data = { 23, function(x) return x end }, variant = { 24, function(x) return x end }, diagnostic = { 25, function(x) return x end },
  future = { 28, str },
}
local function element(t, value)
  return type(t[2]) == "string" and pack(t[2], value) or t[2](value)
end
function opcua.variant(type, value) return u8(TYPES[type][1]) .. element(TYPES[type], value) end
function opcua.list(type, values, dimensions)
  local t = TYPES[type]
  return u8(t[1] | 0x80 | (dimensions and 0x40 or 0)) .. array(values, function(v) return element(t, v) end)
    .. (dimensions and array(dimensions, u32) or "")
end
opcua.null = "\0"

-- options: status, source and server (times), fine (picoseconds of both).
function opcua.data(variant, options)
  local o = options or {}
  local has = (variant and 1 or 0) | (o.status and 2 or 0) | (o.source and 4 or 0) | (o.server and 8 or 0)
    | (o.fine and o.source and 0x10 or 0) | (o.fine and o.server and 0x20 or 0)
  return u8(has) .. (variant or "") .. (o.status and u32(o.status) or "") .. (o.source and time(o.source) or "")
    .. (o.fine and o.source and "\1\0" or "") .. (o.server and time(o.server) or "") .. (o.fine and o.server and "\2\0" or "")
end
-- Texts by their place in the table of the header, additional information, what is inside.
function opcua.diagnostic(o)
  return u8((o.symbol and 1 or 0) | (o.text and 4 or 0) | (o.info and 0x10 or 0) | (o.status and 0x20 or 0) | (o.inner and 0x40 or 0))
    .. (o.symbol and u32(o.symbol) or "") .. (o.text and u32(o.text) or "") .. (o.info and str(o.info) or "")
    .. (o.status and u32(o.status) or "") .. (o.inner or "")
end

-- What services have in common (OPC 10000-4 7) --------------------------------------------------------------------------------------------

function opcua.application(o)
  return str(o.uri) .. str(o.product) .. localized(o.name, "en") .. u32(o.type or 0) .. str() .. str() .. array(o.urls or {}, str)
end
function opcua.endpoint(o)
  return str(o.url) .. opcua.application(o.application) .. str(o.certificate) .. u32(o.mode or 1) .. str(POLICY .. (o.policy or "None"))
    .. array(o.tokens or { 0 }, function(kind) return str("token" .. kind) .. u32(kind) .. str() .. str() .. str() end)
    .. str "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary" .. u8(o.level or 0)
end
function opcua.value_id(id, attribute, range) return node(id) .. u32(attribute or 13) .. str(range) .. name() end
function opcua.parameters(handle, filter)
  return u32(handle) .. f64(250) .. (filter or extension(0)) .. u32(4) .. u8(1)
end
function opcua.results(...) return array({ ... }, u32) .. array {} end
function opcua.view() return node(0) .. time() .. u32(0) end
-- Notifications (7.25): data changes, events, a status.
function opcua.changes(list)
  return extension(811, array(list, function(c) return u32(c[1]) .. c[2] end) .. array {})
end
function opcua.events(list)
  return extension(916, array(list, function(e) return u32(e[1]) .. array(e[2]) end))
end
function opcua.status_change(status) return extension(820, u32(status) .. "\0") end
function opcua.notification(number, ...) return u32(number) .. time(1700000000) .. array { ... } end
function opcua.published(subscription, number, ...)
  return u32(subscription) .. array({ number }, u32) .. u8(0) .. opcua.notification(number, ...) .. array({}, u32) .. array {}
end

-- Channels --------------------------------------------------------------------------------------------------------------------------------

local link = {}
link.__index = link

local OTHER <const> = { client = "server", server = "client" }

function opcua.message(type, chunk, body) return type .. chunk .. u32(8 + #body) .. body end

local function hello(url, chunk) return u32(0) .. u32(chunk) .. u32(chunk) .. u32(0) .. u32(0) .. (url and str(url) or "") end

-- options: client, server; mode ("none", "sign", "encrypt"), certificate and peer (octets of certificates), reverse (the server connects),
-- midstream, channel, chunk (longest chunk), refused (an error instead of the channel), and what tcp.new takes.
function opcua.connect(w, options)
  options.port = options.port or opcua.PORT
  arp.resolve(w, options.client, options.server)
  local self = setmetatable({ world = w, options = options, mode = options.mode or "none", channel = options.channel or 7, request = 0,
    handle = 1000, number = { client = 0, server = 50 }, token = opcua.node(0), rng = w:chance_of("opcua " .. options.client.name),
    waiting = {} }, link)
  self.tcp = tcp.new(w, options.reverse and { client = options.server, server = options.client, port = options.port } or options)
  if options.midstream then return self end
  self.tcp:open()
  self:open()
  return self
end

function link:send(side, bytes, fault)
  if self.options.reverse then side = OTHER[side] end
  local whole = self.tcp:send(side, bytes, fault)
  self.world:sleep(0.002)
  return whole
end

function link:open()
  local o, w = self.options, self.world
  local url = o.url or ("opc.tcp://%s:%d/plant"):format(o.server.ip, o.port)
  if o.reverse then self:send("server", opcua.message("RHE", "F", str "urn:cell:reverse" .. str(url))) end
  self:send("client", opcua.message("HEL", "F", hello(url, o.chunk or 65536)))
  if o.refused == "hello" then return self:error(0x80830000, "no such endpoint") end
  self:send("server", opcua.message("ACK", "F", hello(nil, o.chunk or 65536)))
  self:renew("issue", o.refused)
  w:sleep(0.002)
end

local MODES <const> = { none = 1, sign = 2, encrypt = 3 }

-- Opens the channel, or gives it new keys.
function link:renew(kind, refused)
  local o, policy = self.options, self.options.policy or self.mode ~= "none" and "Basic256Sha256" or "None"
  self.request = self.request + 1
  local function open(side, channel, certificate, peer, id, body)
    self.number[side] = self.number[side] + 1
    local inner = u32(self.number[side]) .. u32(self.request) .. node(id) .. body
    if self.mode ~= "none" then inner = self.rng:bytes(512) end
    self:send(side, opcua.message("OPN", "F", u32(channel) .. str(POLICY .. policy) .. str(certificate) .. str(peer) .. inner))
  end
  open("client", kind == "issue" and 0 or self.channel, o.certificate, o.certificate and ("\1"):rep(20), 446,
    self:request_header() .. u32(0) .. u32(kind == "issue" and 0 or 1) .. u32(MODES[self.mode]) .. str() .. u32(3600000))
  if refused then return self:error(0x801a0000, "certificate is not trusted") end
  open("server", self.channel, o.peer, o.peer and ("\2"):rep(20), 449,
    self:answer_header(0) .. u32(0) .. u32(self.channel) .. u32(1) .. time(1700000000) .. u32(3600000) .. str())
end

function link:error(status, reason) self:send("server", opcua.message("ERR", "F", u32(status) .. str(reason))) end

function link:request_header()
  self.handle = self.handle + 1
  return self.token .. time(1700000000) .. u32(self.handle) .. u32(0) .. str() .. u32(10000) .. extension(0)
end
function link:answer_header(status, diagnostic, texts)
  return time(1700000000) .. u32(self.handle) .. u32(status or 0) .. (diagnostic or "\0") .. array(texts or {}, str) .. extension(0)
end

-- One chunk; `more` is C, F or A.
function link:chunk(side, type, more, request, body)
  self.number[side] = self.number[side] + 1
  local inner = u32(self.number[side]) .. u32(request) .. body
  if self.mode == "encrypt" then inner = self.rng:bytes(#inner + SIGNATURE) end
  local signature = self.mode == "sign" and self.rng:bytes(SIGNATURE) or ""
  return opcua.message(type, more, u32(self.channel) .. u32(1) .. inner .. signature)
end

-- A message: in one chunk, or in pieces of so many octets.
function link:say(side, request, body, options)
  options = options or {}
  local piece, out = options.piece or #body, {}
  for at = 1, #body, piece do
    local last = at + piece > #body
    out[#out + 1] = self:chunk(side, options.type or "MSG", last and (options.last or "F") or "C", request, body:sub(at, at + piece - 1))
  end
  if options.hold then return table.concat(out) end
  return self:send(side, table.concat(out), options.fault)
end

-- A service by the encoding id of its request; an answer's is `step` higher. `answer` nil: none comes; a number: a fault with that status.
-- options: request and answer (see say), wait (seconds until the answer), status, diagnostic, texts, step.
function link:ask(id, body, answer, options)
  local o = options or {}
  self.request = self.request + 1
  local request = self.request
  self:say("client", request, node(id) .. self:request_header() .. (body or ""), o.request)
  if not answer then return request end
  self.world:sleep(o.wait or 0.003)
  local header = self:answer_header(type(answer) == "number" and answer or o.status, o.diagnostic, o.texts)
  if type(answer) == "number" then
    self:say("server", request, node(397) .. header, o.answer)
  else
    self:say("server", request, node(id + (o.step or 3)) .. header .. answer, o.answer)
  end
  return request
end

function link:answer(request, id, body, options)
  self:say("server", request, node(id) .. self:answer_header((options or {}).status) .. body, options)
end

-- A session: its id, its token, who the user is ({ kind = "anonymous" }, { kind = "user", name, password, algorithm } ...), the endpoints.
function link:session(o)
  local app = opcua.application { uri = "urn:station:" .. self.options.client.name, product = "urn:example:client",
    name = "Example Client", type = 1 }
  local endpoints = o.endpoints or {}
  self:ask(461, app .. str() .. str(o.url or "opc.tcp://cell:4840") .. str(o.name or "session") .. str(("n"):rep(32)) .. str(o.certificate)
    .. f64(60000) .. u32(0), node(o.id) .. node(o.token) .. f64(60000) .. str(("s"):rep(32)) .. str(o.server_certificate)
    .. array(endpoints, opcua.endpoint) .. array {} .. str() .. str() .. u32(0))
  self.token = node(o.token)
  self:activate(o.user or { kind = "anonymous" }, o.refused)
end

local IDENTITY <const> = { anonymous = 321, user = 324, certificate = 327, issued = 940 }
function link:activate(user, refused)
  local body = str(user.kind)
  if user.kind == "user" then body = body .. str(user.name) .. str(user.password) .. str(user.algorithm) end
  if user.kind == "certificate" then body = body .. str(user.der) end
  if user.kind == "issued" then body = body .. str(user.secret) .. str(user.algorithm) end
  self:ask(467, str() .. str() .. array {} .. array({ "en" }, str) .. extension(IDENTITY[user.kind], body) .. str() .. str(),
    refused or str(("t"):rep(32)) .. array({}, u32) .. array {})
end

function link:close(options)
  self.request = self.request + 1
  self:say("client", self.request, node(452) .. self:request_header(), { type = "CLO" })
  if not (options or {}).open then self.tcp:close() end
end

return opcua
