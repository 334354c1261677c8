-- S7comm-plus, from the published descriptions of the protocol (first byte 0x72): frames of versions 1 to 3 with trailer,
-- digest and fragments, system events and keep-alives, values and object trees, and conversations counted in the truth.
-- A command is a table: its function, what a request carries, what the response does.
--
-- Knows COTP's connection below. Digests are made up: who has no key cannot tell.

local cotp = require "cotp"

local s7plus = {}
local pack = string.pack

local REQUEST <const>, RESPONSE <const>, NOTIFICATION <const>, SHORT_RESPONSE <const> = 0x31, 0x32, 0x33, 0x02

local FUNCTION <const> = { error = 0x04b1, explore = 0x04bb, create = 0x04ca, delete = 0x04d4, set_variable = 0x04f2,
  get_variable = 0x04fc, add_link = 0x0506, remove_link = 0x051a, get_link = 0x0524, set_multi = 0x0542, get_multi = 0x054c,
  begin_sequence = 0x0556, end_sequence = 0x0560, invoke = 0x056b, set_streamed = 0x057c, get_streamed = 0x0586,
  get_addresses = 0x0590, abort = 0x059a, error2 = 0x05a9, init_ssl = 0x05b3 }

-- Numbers and values --------------------------------------------------------------------------------------------------

-- Seven bits a byte, the most significant first, a mark on all but the last.
local function vlq(n)
  local out = string.char(n & 0x7f)
  n = n >> 7
  while n > 0 do
    out = string.char(n & 0x7f | 0x80) .. out
    n = n >> 7
  end
  return out
end
s7plus.vlq = vlq

-- Signed: bit 6 of the first byte is the sign.
local function signed(n)
  local out, bytes = string.char(n & 0x7f), 1
  while n > 63 or n < -64 do
    n = n >> 7 | (n < 0 and ~(-1 >> 7) or 0)
    out, bytes = string.char(n & 0x7f | 0x80) .. out, bytes + 1
  end
  return out
end

-- The return value of an error: negative in its low half, of eight seven-bit groups and a whole byte.
local function return_value(code)
  if code >= 0 then return vlq(code) end
  local value, out = 0x8009890012cb0000 | code & 0xffff, ""
  for shift = 57, 8, -7 do out = out .. string.char(value >> shift & 0x7f | 0x80) end
  return out .. string.char(value & 0xff)
end

local value = {}
s7plus.value = value

local function typed(flags, type, bytes) return string.char(flags, type) .. bytes end
function value.null() return typed(0, 0x00, "") end
function value.bool(b) return typed(0, 0x01, b and "\1" or "\0") end
function value.usint(n) return typed(0, 0x02, pack("B", n)) end
function value.uint(n) return typed(0, 0x03, pack(">I2", n)) end
function value.udint(n) return typed(0, 0x04, vlq(n)) end
function value.ulint(n) return typed(0, 0x05, vlq(n)) end
function value.sint(n) return typed(0, 0x06, pack("b", n)) end
function value.int(n) return typed(0, 0x07, pack(">i2", n)) end
function value.dint(n) return typed(0, 0x08, signed(n)) end
function value.lint(n) return typed(0, 0x09, signed(n)) end
function value.byte(n) return typed(0, 0x0a, pack("B", n)) end
function value.word(n) return typed(0, 0x0b, pack(">I2", n)) end
function value.dword(n) return typed(0, 0x0c, pack(">I4", n)) end
function value.lword(n) return typed(0, 0x0d, pack(">I8", n)) end
function value.real(x) return typed(0, 0x0e, pack(">f", x)) end
function value.lreal(x) return typed(0, 0x0f, pack(">d", x)) end
function value.timestamp(n) return typed(0, 0x10, pack(">I8", n)) end
function value.timespan(n) return typed(0, 0x11, signed(n)) end
function value.rid(n) return typed(0, 0x12, pack(">I4", n)) end
function value.aid(n) return typed(0, 0x13, vlq(n)) end
function value.blob(bytes) return typed(0, 0x14, "\0" .. vlq(#bytes) .. bytes) end
function value.typed_blob(id, bytes) return typed(0, 0x14, vlq(id) .. ("\0"):rep(8) .. "\3" .. vlq(#bytes) .. bytes) end
function value.wstring(text) return typed(0, 0x15, vlq(#text) .. text) end
function value.bytes(bytes) return typed(0x10, 0x02, vlq(#bytes) .. bytes) end
function value.udints(list)
  local out = { vlq(#list) }
  for i, n in ipairs(list) do out[i + 1] = vlq(n) end
  return typed(0x20, 0x04, table.concat(out))
end
-- list: { key, text }
function value.sparse(list)
  local out = {}
  for i, v in ipairs(list) do out[i] = vlq(v[1]) .. vlq(#v[2]) .. v[2] end
  return typed(0x40, 0x15, table.concat(out) .. "\0")
end
-- members: { identifier, value }
function value.struct(id, members)
  local out = { pack(">I4", id) }
  for _, m in ipairs(members) do out[#out + 1] = vlq(m[1]) .. m[2] end
  return typed(0, 0x17, table.concat(out) .. "\0")
end
function value.packed(id, bytes, twice)
  local size = vlq(#bytes)
  return typed(0, 0x17, pack(">I4I8", id, 0x0123456789abcdef) .. vlq(twice and 0x402 or 2) .. size .. (twice and size or "") .. bytes)
end

-- entries: { number, text }, number is language << 16 | kind of text
function value.texts(entries)
  local out = {}
  for i, v in ipairs(entries) do out[i] = vlq(v[1]) .. vlq(0x0200003e) .. vlq(#v[2]) .. v[2] end
  return typed(0x40, 0x14, table.concat(out) .. "\0")
end
function value.blobs(list)
  local out = { vlq(#list) }
  for i, bytes in ipairs(list) do out[i + 1] = "\0" .. vlq(#bytes) .. bytes end
  return typed(0x10, 0x14, table.concat(out))
end

-- An object: content is a concatenation of what follows here.
function s7plus.object(id, class, content, parent_attribute)
  return "\xa1" .. pack(">I4", id) .. vlq(class) .. "\0" .. (parent_attribute and vlq(parent_attribute) .. "\0" or "\0")
    .. content .. "\xa2"
end
function s7plus.attribute(id, v) return "\xa3" .. vlq(id) .. v end
function s7plus.relation(id, object) return "\xa4" .. vlq(id) .. pack(">I4", object) end
-- A variable's description: one with a plain offset, one with an array of dimensions.
function s7plus.tag(name, lid) return "\xa7\4" .. vlq(#name) .. name .. "\0\1" .. vlq(1) .. pack(">I4", 0x00900013) .. vlq(lid)
  .. vlq(0) .. vlq(0) .. vlq(4) .. vlq(0x90) .. vlq(168) .. "\xa8" end
function s7plus.tag_of_arrays(name, lid, dimensions)
  local out = { "\xa7\7", vlq(#name), name, "\0\2", vlq(2), pack(">I4", 0x00900013), vlq(lid), vlq(0) }
  for n = 1, 6 do out[#out + 1] = vlq(n) end
  out[#out + 1] = vlq(#dimensions)
  for _, d in ipairs(dimensions) do out[#out + 1] = signed(d[1]) .. vlq(d[2]) end
  return table.concat(out) .. "\xa8"
end
function s7plus.type_list(bytes) return "\xab" .. pack(">s2", bytes) .. "\0\0" end
function s7plus.name_list(bytes) return "\xac" .. pack(">s2", bytes) .. "\0\0" end

-- What a subscription tells, a list of { number, area, { numbers } }; what is ValueActual unless it is said.
function s7plus.subscribed(list)
  local out = { 0x80010000, 0, #list }
  for _, v in ipairs(list) do
    table.move({ 0x80040000 | #v[3] + 1, v[1], 0, v[2], v.crc or 0, v.what or (v[2] >> 16 ~= 0 and 2550 or 3736) }, 1, 6, #out + 1, out)
    table.move(v[3], 1, #v[3], #out + 1, out)
  end
  return value.udints(out)
end
-- An alarm that came or went: about has id, number, going, at (nanoseconds), acknowledged, text, values.
function s7plus.alarm(about)
  local happening = value.struct(0xd91, { { 3474, value.usint(0x87) }, { 3475, value.timestamp(about.at) },
    { 3476, value.blobs(about.values or {}) }, { 3646, value.timestamp(about.acknowledged or 0) } })
  return s7plus.object(0x70100000 | about.number, 2681, s7plus.attribute(233, value.wstring("DAI_" .. about.number))
    .. s7plus.attribute(2670, value.lword(about.id)) .. s7plus.attribute(2671, value.usint(0x87))
    .. s7plus.attribute(2672, value.uint(1)) .. s7plus.attribute(about.going and 2677 or 2673, happening)
    .. s7plus.attribute(4079, value.dint(3)) .. s7plus.attribute(7917, value.udint(about.number))
    .. (about.text and s7plus.attribute(2715, value.texts { { 1033 << 16 | 1, "information" }, { 1033 << 16 | 2, about.text } }) or ""))
end

-- Who is asked for what at the end of many requests.
local QUALIFIER <const> = pack(">I4", 0x4e8) .. vlq(1257) .. value.rid(0) .. vlq(1258) .. value.aid(0) .. vlq(1259)
  .. value.udint(0) .. "\0"

-- Commands: { function, request's body, response's body, V1 (the version it is always sent in) } ----------------------------

local command = {}
s7plus.command = command

local name, attribute, object = 233, s7plus.attribute, s7plus.object

-- about: host (the client's name), version ("1;6ES7 ...;V4.3"), session (the number that is given)
function command.open_session(about)
  local session = object(211, 287, attribute(name, value.wstring "ServerSession_1") .. attribute(289, value.wstring "1:1:TCPIP.1")
    .. attribute(296, value.wstring "") .. attribute(297, value.wstring "") .. attribute(298, value.wstring(about.host))
    .. attribute(299, value.udint(1)) .. attribute(300, value.rid(0x01c9c3ad)) .. attribute(301, value.wstring "")
    .. object(211, 255, attribute(name, value.wstring "SubscriptionContainer")))
  local opened = object(288, 287, attribute(name, value.wstring(about.fingerprint or "")) .. attribute(303, value.bytes(("C"):rep(20)))
    .. attribute(306, value.struct(314, { { 315, value.udint(512) }, { 319, value.wstring(about.version) },
      { 320, value.wstring "2;1084" }, { 321, value.uint(3) } })))
  return { FUNCTION.create, pack(">I4", 285) .. value.udint(0) .. ("\0"):rep(4) .. session,
    vlq(2) .. vlq(about.session) .. vlq(about.session + 1) .. opened, 1, no_session = true }
end
-- Content is one object; EXTRA a number that S7-1500 and newer have in front of it.
function command.create(parent, content, extra)
  return { FUNCTION.create, pack(">I4", parent) .. value.udint(0) .. ("\0"):rep(4) .. (extra and vlq(extra) or "") .. content,
    vlq(1) .. vlq(0x70400001) }
end
function command.delete(id)
  return { FUNCTION.delete, pack(">I4", id) .. "\0" .. QUALIFIER, pack(">I4", id) }
end
-- list: { attribute, value }
function command.set(id, list)
  local out = { pack(">I4", id), vlq(#list) }
  for _, a in ipairs(list) do out[#out + 1] = vlq(a[1]) .. a[2] end
  return { FUNCTION.set_variable, table.concat(out) .. QUALIFIER .. "\0", "" }
end
function command.get(id, attributes, answer)
  local out = { pack(">I4", id), vlq(#attributes) }
  for _, a in ipairs(attributes) do out[#out + 1] = vlq(a) end
  return { FUNCTION.get_variable, table.concat(out) .. QUALIFIER, answer }
end

-- An address: area, then numbers (LIDs); what of it (ValueActual).
local function address(a)
  local what, lids = a.what or (a[1] >> 16 ~= 0 and 2550 or 3736), a[2]
  local out = { vlq(a.crc or 0x1234abcd), vlq(a[1]), vlq(#lids + 1), vlq(what) }
  for _, lid in ipairs(lids) do out[#out + 1] = vlq(lid) end
  return table.concat(out), 4 + #lids
end
local function addresses(list)
  local out, fields = {}, 0
  for i, a in ipairs(list) do
    local bytes, n = address(a)
    out[i], fields = bytes, fields + n
  end
  return vlq(#list) .. vlq(fields) .. table.concat(out)
end
local function numbered(values, errors)
  local out = {}
  for i, v in ipairs(values) do
    if not (errors and errors[i]) then out[#out + 1] = vlq(i) .. v end
  end
  return table.concat(out)
end
-- errors: { [place] = code }
function command.read(list, values, errors)
  local wrong = {}
  for i = 1, #list do
    if errors and errors[i] then wrong[#wrong + 1] = vlq(i) .. return_value(errors[i]) end
  end
  return { FUNCTION.get_multi, ("\0"):rep(4) .. addresses(list) .. "\0" .. QUALIFIER,
    numbered(values, errors) .. "\0" .. table.concat(wrong) .. "\0" }
end
function command.write(list, values)
  return { FUNCTION.set_multi, ("\0"):rep(4) .. addresses(list) .. numbered(values) .. "\0" .. QUALIFIER, "\0" }
end
function command.read_attributes(id, attributes, values)
  local out = { pack(">I4", id), vlq(#attributes), vlq(#attributes) }
  for _, a in ipairs(attributes) do out[#out + 1] = vlq(a) end
  return { FUNCTION.get_multi, table.concat(out) .. QUALIFIER, numbered(values) .. "\0\0" }
end
function command.write_attributes(id, list)
  local ids, values = {}, {}
  for i, a in ipairs(list) do ids[i], values[i] = vlq(a[1]), a[2] end
  return { FUNCTION.set_multi, pack(">I4", id) .. vlq(#list) .. vlq(#list) .. table.concat(ids) .. numbered(values) .. "\0" .. QUALIFIER,
    "\0" }
end
local function streamed(code, id, attributes, rest, answer)
  return { code, pack(">I4", id) .. value.udints(attributes) .. rest .. "\0" .. QUALIFIER .. "\0", answer }
end
function command.get_streamed(id, attributes, answer) return streamed(FUNCTION.get_streamed, id, attributes, "", "\0" .. answer) end
function command.set_streamed(id, attributes, v) return streamed(FUNCTION.set_streamed, id, attributes, v, "") end
function command.explore(id, answer) return { FUNCTION.explore, pack(">I4", id) .. "\0\1\0\1\0\0", pack(">I4", id) .. answer } end
local function link_command(code, answer)
  return function(id, aid) return { code, pack(">I4", id) .. vlq(aid) .. "\0\0", answer } end
end
command.get_link = link_command(FUNCTION.get_link, "\2" .. pack(">I4I4", 0x88e10101, 0x88e10102))
command.add_link = link_command(FUNCTION.add_link, "")
command.remove_link = link_command(FUNCTION.remove_link, "")
function command.begin_transaction()
  return { FUNCTION.begin_sequence, "\2\0\1\0" .. object(0x7fffc001, 1700, attribute(name, value.wstring "DLTransaction")),
    "\0\x12" .. pack(">I4", 0x70400069) }
end
function command.begin_sequence(id) return { FUNCTION.begin_sequence, "\4\0\x12" .. pack(">I4", id), "\0\x12" .. pack(">I4", id) } end
function command.end_sequence() return { FUNCTION.end_sequence, "\0\0", "" } end
function command.invoke(id) return { FUNCTION.invoke, pack(">I4I4", id, 0) .. "\1" .. value.udint(1) .. "\0\0", "\0\0\0\0" } end
function command.get_addresses() return { FUNCTION.get_addresses, pack(">I4", 537) .. "\0", "\0" } end
function command.abort() return { FUNCTION.abort, "\0\0\0\0", "" } end
function command.init_ssl() return { FUNCTION.init_ssl, "\0\0\0\0", "", 1, no_session = true } end
function command.unknown(code) return { code, "\0\0\0\0", "" } end

-- I&M0 of a device: order number, serial number, firmware { letter, major, minor, patch }.
function s7plus.identification(order, serial, firmware)
  return value.blob(pack(">I2I2BBI2", 0x0020, 0x38, 1, 0, 0x002a) .. ("%-20s%-16s"):format(order, serial)
    .. pack(">I2", 10) .. firmware[1] .. pack("BBB", firmware[2], firmware[3], firmware[4]) .. ("\0"):rep(14))
end

-- A block with code, as it is loaded and read: KIND of block gives the upper half of its identifier and its class.
local BLOCK <const> = { OB = { 0x8a32, 2647 }, DB = { 0x8a0e, 2574 }, FB = { 0x8a20, 2578 }, UDT = { 0x8a24, 3932 } }
function s7plus.block(kind, number, title, code)
  local b = BLOCK[kind]
  return object(b[1] << 16 | number, b[2], attribute(name, value.wstring(title)) .. attribute(2521, value.uint(number))
    .. attribute(2453, value.timestamp(0x0123456789abcdef)) .. attribute(kind == "DB" and 2548 or 2580, value.blob(code)))
end
function s7plus.block_id(kind, number) return BLOCK[kind][1] << 16 | number end

-- Frames ------------------------------------------------------------------------------------------------------------

local function digest(rng) return "\x20" .. rng:bytes(32) end

-- Message as frames of at most SIZE bytes of it. Version 3 has its digest in front of each, version 2 behind the whole.
function s7plus.frames(version, message, rng, size)
  if version == 2 then message = message .. vlq(7) .. digest(rng) end
  local out = {}
  for at = 1, #message, size do
    local data = message:sub(at, at + size - 1)
    if version == 3 then data = digest(rng) .. data end
    local last = at + size > #message
    out[#out + 1] = pack(">BBs2", 0x72, version, data) .. (last and pack("BBBB", 0x72, version, 0, 0) or "")
  end
  return out
end

-- Conversations -----------------------------------------------------------------------------------------------------

local link = {}
link.__index = link

-- options: client, server; version (1 to 3 of what follows the session's beginning), session, midstream, what cotp.connect takes.
function s7plus.connect(w, options)
  options.calling, options.called = options.calling or "\6\0", options.called or "SIMATIC-ROOT-ES"
  local self = setmetatable({ world = w, options = options, version = options.version or 3, session = options.session or 0x00000394,
    sequence = options.sequence or 0, size = options.fragment or 960,
    rng = w:chance_of("s7plus " .. options.client.name .. " " .. options.server.name) }, link)
  self.cotp = cotp.connect(w, options)
  self.tcp = self.cotp.tcp
  return self
end

function link:count(from, func, counts)
  local o = self.options
  self.world.truth:add("s7comm_plus", { client = o.client.ip, server = o.server.ip, from = from, func = func }, counts)
end

-- Sends a message in as many frames as it takes. options: those of cotp's send; drop { [frame] = true } (of fragments: sent, not captured),
-- no_trailer, spoil(frame) changes each.
function link:send(side, message, options, version)
  options = options or {}
  local whole = true
  for i, frame in ipairs(s7plus.frames(version or self.version, message, self.rng, options.fragment or self.size)) do
    if options.spoil then frame = options.spoil(frame) end
    local lost = options.drop and options.drop[i]
    whole = self.cotp:send(side, frame, lost and { fault = { lose = { true } } } or options) and whole
  end
  return whole
end

local function name_of(code) return ("%04x"):format(code) end

-- One command and its answer. options: code (a return value other than 0), no_answer, flags (transport flags), request and response
-- (options of send), short (the response is of the short kind), latency (more than 40 ms: the request is acknowledged alone).
function link:ask(cmd, options)
  options = options or {}
  self.sequence = self.sequence + 1 & 0xffff
  local sequence, func, version = self.sequence, name_of(cmd[1]), cmd[4] or self.version
  local session = cmd.no_session and 288 or self.session
  local request = pack(">BI2I2I2I2I4B", REQUEST, 0, cmd[1], 0, sequence, session, options.flags or 0x34) .. cmd[2]
    .. (version == 3 and vlq(sequence) or "") .. ("\0"):rep(4)
  if self:send("client", request, options.request, version) then self:count("client", func, { requests = 1 }) end
  if options.no_answer then return self:count("client", func, { unanswered = 1 }) end
  self.world:sleep(options.latency or self.rng:about(0.005, 0.3))
  local response = pack(">BI2I2I2I2B", options.short and SHORT_RESPONSE or RESPONSE, 0, options.func or cmd[1], 0, sequence, 0x34)
    .. return_value(options.code or 0) .. ((options.code or 0) < 0 and "" or cmd[3]) .. ("\0"):rep(5)
  if self:send("server", response, options.response, version) then
    self:count("server", func, { responses = 1, errors = (options.code or 0) < 0 and 1 or 0 })
  end
end

-- Several commands before their answers, which come in ORDER.
function link:pipeline(commands, order)
  local first = self.sequence
  for i, cmd in ipairs(commands) do
    self:send("client", pack(">BI2I2I2I2I4B", REQUEST, 0, cmd[1], 0, first + i, self.session, 0x34) .. cmd[2] .. ("\0"):rep(4))
    self:count("client", name_of(cmd[1]), { requests = 1 })
  end
  self.sequence = first + #commands
  for _, i in ipairs(order) do
    local cmd = commands[i]
    self:send("server", pack(">BI2I2I2I2B", RESPONSE, 0, cmd[1], 0, first + i, 0x34) .. vlq(0) .. cmd[3] .. ("\0"):rep(4))
    self:count("server", name_of(cmd[1]), { responses = 1 })
  end
end

-- Values of a subscription by their numbers from 1. options: first (the first number), at (new firmware: microseconds), errors { [place] =
-- kind }, old (firmware without numbers), object (in the list, as old firmware does it), alarms (objects), raw (a list of its own).
function link:notify(id, values, options)
  options = options or {}
  self.ticks = (self.ticks or 0) + 1
  local out = { pack(">BI4I2I2I2B", NOTIFICATION, id, 0x0400, 0, 0, 1), options.old and "" or vlq(self.ticks),
    options.at and pack(">I8", options.at) or "", "\1" }
  for i, v in ipairs(values) do
    local failed, number = options.errors and options.errors[i], (options.first or 1) + i - 1
    out[#out + 1] = pack(">BI4", failed or 0x92, number) .. (failed and "" or v)
  end
  out[#out + 1] = (options.raw or "") .. (options.object and "\x81" .. options.object or "") .. "\0"
  if options.alarms then out[#out + 1] = pack(">I4I2B", id, 0, 0x81) .. table.concat(options.alarms) end
  self:send("server", table.concat(out) .. "\0\0\0\0")
  self:count("server", "notification", { notifications = 1 })
end

-- What keeps the session alive: an event with the bytes that were received and perhaps a text, or four bytes.
function link:system_event(side, confirmed, text)
  self.cotp:send(side, pack(">BBs2", 0x72, 0xfe, pack(">I4I4I4I4", 0, confirmed, 0, 0) .. (text or "")))
  self:count(side, "system_event", { events = 1 })
end
function link:keep_alive(side, number) self.cotp:send(side, pack("BBBB", 0x72, 0xff, number, 0)) end

-- A record of TLS in a TSDU of its own.
function link:tls(side, type, bytes) self.cotp:send(side, pack(">Bs2", type, ""):sub(1, 1) .. "\3\3" .. pack(">s2", bytes)) end

function link:close(side) self.tcp:close(side) end

return s7plus
