-- CIP messages and a controller that answers them: from the CIP Networks Library (volume 1: EPATH in appendix C, the
-- objects in chapter 5, connection manager in 3-5) and "Logix 5000 Controllers Data Access" (1756-PM020).
--
-- Knows nothing of what carries the messages; that is enip.lua. PCCC inside them is pccc.lua.

local cip = {}
local pack, unpack = string.pack, string.unpack

cip.CLASS = { identity = 0x01, router = 0x02, assembly = 0x04, connection = 0x05, manager = 0x06, parameter = 0x0f,
  file = 0x37, safety_supervisor = 0x39, safety_validator = 0x3a, time_sync = 0x43, dlr = 0x47, qos = 0x48,
  program_name = 0x64, pccc = 0x67, program = 0x68, symbol = 0x6b, template = 0x6c, wall_clock = 0x8b,
  controller = 0x8e, storage = 0xa1, port = 0xf4, tcp_ip = 0xf5, ethernet_link = 0xf6 }

cip.TYPE = { bool = 0xc1, sint = 0xc2, int = 0xc3, dint = 0xc4, lint = 0xc5, usint = 0xc6, uint = 0xc7, udint = 0xc8,
  ulint = 0xc9, real = 0xca, lreal = 0xcb, dword = 0xd3, structure = 0x02a0 }

cip.STATUS = { ok = 0, connection_failure = 1, path_segment = 4, path_unknown = 5, partial = 6, not_supported = 8,
  state_conflict = 0x0c, privilege = 0x0f, device_state = 0x10, short = 0x13, attribute = 0x14, long = 0x15,
  embedded = 0x1e, vendor = 0xff }

-- Paths (appendix C) -------------------------------------------------------------------------------------------------

local path = {}
cip.path = path

-- An 8-bit logical segment, or the padded 16 or 32-bit one where the value needs it.
local function logical(kind, value)
  if value < 0x100 then return pack("BB", kind, value) end
  if value < 0x10000 then return pack("<BBI2", kind | 1, 0, value) end
  return pack("<BBI4", kind | 2, 0, value)
end

function path.object(class, instance, attribute)
  return logical(0x20, class) .. (instance and logical(0x24, instance) or "")
    .. (attribute and logical(0x30, attribute) or "")
end
function path.member(index) return logical(0x28, index) end
function path.point(number) return logical(0x2c, number) end

-- One symbolic segment of ASCII letters, padded to a whole number of words.
local function symbol(name) return pack("Bs1", 0x91, name) .. (#name % 2 == 1 and "\0" or "") end

-- "Program:Main.Valve[2].Open" as Logix sends it: a segment for each name, a member for each index.
function path.tag(name)
  local out = {}
  for part in name:gmatch("[^.]+") do
    local word, indices = part:match("^([^%[]+)%[?([%d,]*)%]?$")
    out[#out + 1] = symbol(word)
    for index in indices:gmatch("%d+") do out[#out + 1] = path.member(tonumber(index)) end
  end
  return table.concat(out)
end

-- PORT 1 is the backplane; LINK a slot number or an address as text.
function path.port(port, link)
  if type(link) == "number" then return pack("BB", port, link) end
  return pack("BB", port | 0x10, #link) .. link .. (#link % 2 == 1 and "\0" or "")
end

-- The electronic key segment; COMPATIBLE sets the bit in the major revision.
function path.key(vendor, device_type, product, major, minor, compatible)
  return pack("<BBI2I2I2BB", 0x34, 4, vendor, device_type, product, major | (compatible and 0x80 or 0), minor)
end
function path.data(bytes) return pack("BB", 0x80, #bytes // 2) .. bytes end
function path.inhibit(ms) return pack("BB", 0x43, ms) end

-- The safety network segment, target format (volume 5, 3-3): unique node identifiers are a safety network number and a
-- node address each.
function path.safety(options)
  local body = pack("<BBI4", options.format or 0, 0, options.configuration_crc) .. options.configuration_stamp
    .. pack("<I4I2", options.correction_interval or 0, options.correction_parameters or 0)
    .. options.target .. options.originator
    .. pack("<I2I2I2BBI4I4", 1000, 24, 1000, 2, 1, options.parameter_crc, options.correction_id or 0xffffffff)
    .. (options.format == 2 and pack("<I2I2I2", 0, 0, 0) or "") -- faults, first time stamp and rollover
  return pack("BB", 0x50, #body // 2) .. body
end

-- Requests and responses ---------------------------------------------------------------------------------------------

function cip.request(service, where, data) return pack("BB", service, #where // 2) .. where .. (data or "") end

function cip.response(service, data, status, extended)
  local words = {}
  for i, word in ipairs(extended or {}) do words[i] = pack("<I2", word) end
  return pack("BBBB", service | 0x80, 0, status or 0, #words) .. table.concat(words) .. (data or "")
end

local ask = {}
cip.ask = ask

function ask.get_all(class, instance) return cip.request(0x01, path.object(class, instance)) end
function ask.get(class, instance, attribute) return cip.request(0x0e, path.object(class, instance, attribute)) end
function ask.set(class, instance, attribute, value)
  return cip.request(0x10, path.object(class, instance, attribute), value)
end

local function words(list)
  local out = {}
  for i, value in ipairs(list) do out[i] = pack("<I2", value) end
  return table.concat(out)
end

function ask.get_list(class, instance, attributes)
  return cip.request(0x03, path.object(class, instance), pack("<I2", #attributes) .. words(attributes))
end
-- values: { attribute, bytes } each.
function ask.set_list(class, instance, values)
  local out = {}
  for i, value in ipairs(values) do out[i] = pack("<I2", value[1]) .. value[2] end
  return cip.request(0x04, path.object(class, instance), pack("<I2", #values) .. table.concat(out))
end
function ask.object(service, class, instance, data) return cip.request(service, path.object(class, instance), data) end
function ask.reset(kind) return cip.request(0x05, path.object(cip.CLASS.identity, 1), kind and string.char(kind)) end

function ask.read_tag(name, count) return cip.request(0x4c, path.tag(name), pack("<I2", count or 1)) end
function ask.read_fragmented(name, count, offset)
  return cip.request(0x52, path.tag(name), pack("<I2I4", count, offset))
end
-- KIND is a type, or the words that a structure's type takes.
local function type_of(kind, handle) return handle and pack("<I2I2", kind, handle) or pack("<I2", kind) end
function ask.write_tag(name, kind, count, values, handle)
  return cip.request(0x4d, path.tag(name), type_of(kind, handle) .. pack("<I2", count) .. values)
end
function ask.write_fragmented(name, kind, count, offset, values)
  return cip.request(0x53, path.tag(name), type_of(kind) .. pack("<I2I4", count, offset) .. values)
end
function ask.modify_tag(name, or_mask, and_mask)
  return cip.request(0x4e, path.tag(name), pack("<I2", #or_mask) .. or_mask .. and_mask)
end
function ask.read_tag_by_instance(instance, count)
  return cip.request(0x4c, path.object(cip.CLASS.symbol, instance), pack("<I2", count))
end
-- The symbols from INSTANCE on, of the controller or of a PROGRAM: name and type each.
function ask.list_symbols(instance, program)
  local scope = program and path.tag(program) or ""
  return cip.request(0x55, scope .. path.object(cip.CLASS.symbol, instance), words { 2, 1, 2 })
end
function ask.template_attributes(instance)
  return ask.get_list(cip.CLASS.template, instance, { 4, 5, 2, 1 })
end
function ask.read_template(instance, offset, count)
  return cip.request(0x4c, path.object(cip.CLASS.template, instance), pack("<I4I2", offset, count))
end

function ask.multiple(requests)
  local at, offsets = 2 + 2 * #requests, {}
  for i, request in ipairs(requests) do
    offsets[i] = at
    at = at + #request
  end
  return cip.request(0x0a, path.object(cip.CLASS.router, 1),
    pack("<I2", #requests) .. words(offsets) .. table.concat(requests))
end

-- Connection manager (3-5.5): the time-out is a tick of 2^10 ms times its number of ticks.
local TICK <const>, TICKS <const> = 0x0a, 0x0e

function ask.unconnected_send(request, route)
  return cip.request(0x52, path.object(cip.CLASS.manager, 1), pack("<BBs2", TICK, TICKS, request)
    .. (#request % 2 == 1 and "\0" or "") .. pack("BB", #route // 2, 0) .. route)
end

-- connection: serial, vendor, originator (the triad), o_t, t_o { id, rpi (us), size, fixed, kind (2 point-to-point,
-- 1 multicast, 0 null), priority }, transport (class and trigger), path; large makes Large_Forward_Open.
function ask.forward_open(connection)
  local function parameters(way)
    local high = (way.kind or 2) << 13 | (way.priority or 0) << 10 | (way.fixed and 0 or 1) << 9
    if connection.large then return pack("<I4I4", way.rpi, high << 16 | way.size) end
    return pack("<I4I2", way.rpi, high | way.size)
  end
  local body = pack("<BBI4I4I2I2I4BBBB", TICK, TICKS, connection.o_t.id, connection.t_o.id, connection.serial,
    connection.vendor, connection.originator, connection.multiplier or 3, 0, 0, 0)
    .. parameters(connection.o_t) .. parameters(connection.t_o)
    .. pack("BB", connection.transport or 0xa3, #connection.path // 2) .. connection.path
  return cip.request(connection.large and 0x5b or 0x54, path.object(cip.CLASS.manager, 1), body)
end

function ask.forward_close(connection)
  return cip.request(0x4e, path.object(cip.CLASS.manager, 1), pack("<BBI2I2I4BB", TICK, TICKS, connection.serial,
    connection.vendor, connection.originator, #connection.path // 2, 0) .. connection.path)
end

-- PCCC in CIP (class 0x67): the requestor's length, vendor and serial number stand before the command.
local REQUESTOR <const> = pack("<BI2I4", 7, 0x004d, 0x00c0ffee)
function ask.pccc(command)
  return cip.request(0x4b, path.object(cip.CLASS.pccc, 1), REQUESTOR .. command)
end

-- The controller -----------------------------------------------------------------------------------------------------

local controller = {}
controller.__index = controller

-- spec: identity { vendor, type, product, major, minor, status, serial, name }, tags { name = { kind, bytes, count,
-- handle } } with their order in `symbols`, templates { [instance] = { handle, size, members, definition } }, files
-- { [instance] = bytes }, slots { [number] = controller }, host_name, ip, mac, pccc (a pccc device).
function cip.controller(spec)
  return setmetatable({ identity = spec.identity, tags = spec.tags or {}, symbols = spec.symbols or {},
    templates = spec.templates or {}, files = spec.files or {}, slots = spec.slots or {}, spec = spec,
    next_id = spec.first_connection or 0x10000001, connections = {} }, controller)
end

function controller:identity_bytes()
  local it = self.identity
  return pack("<I2I2I2BBI2I4s1", it.vendor, it.type, it.product, it.major, it.minor, it.status, it.serial, it.name)
end

-- What a request is addressed to: class, instance, attribute, and names joined as people write them.
local function destination(where)
  local out, at, names = {}, 1, nil
  local KINDS <const> = { [0x20] = "class", [0x24] = "instance", [0x28] = "member", [0x2c] = "point",
    [0x30] = "attribute" }
  while at <= #where do
    local kind = where:byte(at)
    if kind == 0x91 then
      local name = unpack("s1", where, at + 1)
      names = names and names .. "." .. name or name
      at = at + 2 + #name + #name % 2
    else
      local width = kind & 3
      local format = ({ [0] = "B", "<xI2", "<xI4" })[width]
      local value = unpack(format, where, at + 1)
      out[KINDS[kind & 0xfc]] = value
      if kind & 0xfc == 0x28 and names then names = names .. "[" .. value .. "]" end
      at = at + ({ [0] = 2, 4, 6 })[width]
    end
  end
  out.tag = names
  return out
end

local function split(request)
  local service, size = unpack("BB", request)
  return service, request:sub(3, 2 + 2 * size), request:sub(3 + 2 * size)
end

local IDENTITY_FIELDS <const> = { "<I2", "<I2", "<I2", "BB", "<I2", "<I4", "s1" }
local function identity_attribute(self, number)
  local it = self.identity
  local values = { { it.vendor }, { it.type }, { it.product }, { it.major, it.minor }, { it.status }, { it.serial },
    { it.name } }
  return values[number] and pack(IDENTITY_FIELDS[number], table.unpack(values[number]))
end

-- An address is a number here: its last byte is the first on the wire.
local function ip_number(text) return unpack(">I4", (text:gsub("(%d+)%.?", function(n) return string.char(n) end))) end

-- Attributes by class and number; a function computes.
local ATTRIBUTES <const> = {
  [0x04] = { [3] = function() return "\1\2\3\4\5\6\7\8" end },
  [0x0f] = { [1] = function() return pack("<I2", 500) end, [7] = function() return pack("s1", "Acceleration") end },
  [0x39] = { [11] = function() return "\2" end },
  [0x43] = { [1] = function() return "\1" end, [3] = function() return pack("<I8", 1715587200000000) end,
    [4] = function() return pack("<I8", 1715587200000000000) end },
  [0x47] = { [1] = function() return "\1" end, [2] = function() return "\0" end },
  [0x48] = { [4] = function() return "\x37" end },
  [0x8b] = { [6] = function() return pack("<I8", 1715587200000000) end, [11] = function() return pack("<I8", 0) end },
  [0xf4] = { [1] = function() return pack("<I2", 1) end, [4] = function() return pack("s1", "Backplane") end },
  [0xf5] = { [1] = function() return pack("<I4", 2) end,
    [5] = function(self)
      return pack("<I4I4I4I4I4s2", ip_number(self.spec.ip), ip_number "255.255.255.0", ip_number(self.spec.gateway), 0, 0,
        "plant.example")
    end,
    [6] = function(self) return pack("<s2", self.spec.host_name) .. (#self.spec.host_name % 2 == 1 and "\0" or "") end },
  [0xf6] = { [1] = function() return pack("<I4", 100) end, [2] = function() return pack("<I4", 0x0f) end,
    [3] = function(self) return self.spec.mac end },
}

function controller:attribute(class, number)
  if class == cip.CLASS.identity then return identity_attribute(self, number) end
  local known = ATTRIBUTES[class] and ATTRIBUTES[class][number]
  return known and known(self)
end

local function attribute_list(self, to, data)
  local count, out = unpack("<I2", data), {}
  for i = 1, count do
    local number = unpack("<I2", data, 1 + 2 * i)
    local value
    if to.class == cip.CLASS.template then
      local template = self.templates[to.instance]
      value = ({ [4] = pack("<I4", template.words), [5] = pack("<I4", template.size),
        [2] = pack("<I2", template.members), [1] = pack("<I2", template.handle) })[number]
    else
      value = self:attribute(to.class, number)
    end
    out[i] = value and pack("<I2I2", number, 0) .. value or pack("<I2I2", number, cip.STATUS.attribute)
  end
  return pack("<I2", count) .. table.concat(out)
end

local function all_attributes(self, to)
  if to.class == cip.CLASS.identity then return self:identity_bytes() end
  local out = {}
  for number = 1, 12 do out[#out + 1] = self:attribute(to.class, number) end
  return table.concat(out)
end

local WIDTH <const> = { [0xc1] = 1, [0xc2] = 1, [0xc3] = 2, [0xc4] = 4, [0xc5] = 8, [0xc6] = 1, [0xc7] = 2, [0xc8] = 4,
  [0xc9] = 8, [0xca] = 4, [0xcb] = 8, [0xd3] = 4 }
local MOST <const> = 480 -- bytes of values in one response on a connection of 504 bytes

local function tag_of(self, to)
  if to.class == cip.CLASS.symbol then return self.tags[self.symbols[to.instance]] end
  return self.tags[to.tag] or self.tags[to.tag:gsub("%[%d+%]", "")]
end

local function read_tag(self, to, data, offset)
  local tag = tag_of(self, to)
  if not tag then return nil, cip.STATUS.path_segment, { 0 } end
  local count = unpack("<I2", data)
  local size = tag.handle and #tag.bytes or count * WIDTH[tag.kind]
  local rest = tag.bytes:sub(1 + (offset or 0), size)
  if size > #tag.bytes then return nil, cip.STATUS.vendor, { 0x2105 } end
  return type_of(tag.kind, tag.handle) .. rest:sub(1, MOST), #rest > MOST and cip.STATUS.partial or 0
end

local function write_tag(self, to, data)
  local tag = tag_of(self, to)
  if not tag then return nil, cip.STATUS.path_segment, { 0 } end
  if unpack("<I2", data) ~= tag.kind then return nil, cip.STATUS.vendor, { 0x2107 } end
  return ""
end

local function symbol_list(self, to)
  local out, n = {}, 0
  for instance = math.max(to.instance, 1), #self.symbols do
    local name = self.symbols[instance]
    local tag = self.tags[name]
    out[#out + 1] = pack("<I4s2I2", instance, name, tag.template and 0x8000 | tag.template
      or tag.kind | (tag.array and 0x2000 or 0))
    n = n + 1
    if n == 6 and instance < #self.symbols then return table.concat(out), cip.STATUS.partial end
  end
  return table.concat(out)
end

local function read_template(self, to, data)
  local offset, count = unpack("<I4I2", data)
  return self.templates[to.instance].definition:sub(offset + 1, offset + count)
end

-- Connections --------------------------------------------------------------------------------------------------------

local function forward_open(self, data, large)
  local _, _, _, t_o, serial, vendor, originator = unpack("<BBI4I4I2I2I4", data)
  local at = 23 + (large and 16 or 12)
  local o_t_rpi, t_o_rpi = unpack("<I4", data, 23), unpack("<I4", data, 23 + (large and 8 or 6))
  local _, words_of_path = unpack("BB", data, at)
  local key = serial << 48 | vendor << 32 | originator
  if self.connections[key] then
    return pack("<I2I2I4BB", serial, vendor, originator, words_of_path, 0), cip.STATUS.connection_failure, { 0x0100 }
  end
  self.connections[key] = true
  local connection = self.next_id
  self.next_id = self.next_id + 1
  local reply = self.safety_reply or ""
  return pack("<I4I4I2I2I4I4I4BB", connection, t_o, serial, vendor, originator, o_t_rpi, t_o_rpi, #reply // 2, 0) .. reply
end

local function forward_close(self, data)
  local _, _, serial, vendor, originator, words_of_path = unpack("<BBI2I2I4B", data)
  local key = serial << 48 | vendor << 32 | originator
  if not self.connections[key] then
    return pack("<I2I2I4BB", serial, vendor, originator, words_of_path, 0), cip.STATUS.connection_failure, { 0x0107 }
  end
  self.connections[key] = nil
  return pack("<I2I2I4BB", serial, vendor, originator, 0, 0)
end

local function unconnected_send(self, data)
  local message, at = unpack("<s2", data, 3)
  at = at + #message % 2
  local route = data:sub(at + 2)
  local port, slot = route:byte(1, 2)
  local there = port == 1 and self.slots[slot]
  if not there then return nil, pack("BB", #route // 2, 0), cip.STATUS.connection_failure, { 0x0311 } end
  return there:answer(message)
end

local function multiple(self, data)
  local count, out, offsets, failed = unpack("<I2", data), {}, {}, false
  local at = 2 + 2 * count
  for i = 1, count do
    local from, to = unpack("<I2", data, 1 + 2 * i), i < count and unpack("<I2", data, 3 + 2 * i) or #data
    out[i] = self:answer(data:sub(from + 1, to))
    failed = failed or out[i]:byte(3) ~= 0
    offsets[i] = at
    at = at + #out[i]
  end
  return pack("<I2", count) .. words(offsets) .. table.concat(out), failed and cip.STATUS.embedded or 0
end

-- The file object (5-42): uploads and downloads in numbered transfers; the first and last say so.
local FILE_TRANSFER <const> = 200

local function transfer_packet(number, whole)
  local last = (#whole - 1) // FILE_TRANSFER
  local kind = last == 0 and 4 or number == 0 and 0 or number == last and 2 or 1
  local sum = 0
  for i = 1, #whole do sum = sum - whole:byte(i) & 0xffff end
  return pack("BB", number, kind) .. whole:sub(number * FILE_TRANSFER + 1, (number + 1) * FILE_TRANSFER)
    .. ((kind == 2 or kind == 4) and pack("<I2", sum) or "")
end

function ask.begin_upload(instance) return ask.object(0x4b, cip.CLASS.file, instance, string.char(FILE_TRANSFER)) end
function ask.upload_transfer(instance, number)
  return ask.object(0x4f, cip.CLASS.file, instance, string.char(number))
end
-- The name is an international string: one language, English, SHORT_STRING, ISO 8859-1.
function ask.begin_download(instance, content, name)
  return ask.object(0x4c, cip.CLASS.file, instance, pack("<I4I2BB", #content, 1, 3, 1)
    .. pack("<Bc3BI2s1", 1, "eng", 0xda, 4, name))
end
function ask.download_transfer(instance, number, content)
  return ask.object(0x50, cip.CLASS.file, instance, transfer_packet(number, content))
end
function cip.transfers(content) return (#content - 1) // FILE_TRANSFER + 1 end

local FILE <const> = {
  [0x4b] = function(self, to)
    local content = self.files[to.instance]
    if not content then return nil, cip.STATUS.device_state end
    return pack("<I4B", #content, FILE_TRANSFER)
  end,
  [0x4c] = function() return pack("<I4I2B", 0, 0, FILE_TRANSFER) end,
  [0x4f] = function(self, to, data) return transfer_packet(data:byte(1), self.files[to.instance]) end,
  [0x50] = function(_, _, data) return data:sub(1, 1) end,
  [0x51] = function() return "" end,
}

local function done() return "" end

-- By class; [0] answers every other class.
local SERVICES <const> = {
  [0] = {
    [0x01] = all_attributes, [0x03] = attribute_list, [0x04] = function(_, _, data) return pack("<I2", 1) .. data:sub(3, 4) .. "\0\0" end,
    [0x0e] = function(self, to)
      local value = self:attribute(to.class, to.attribute)
      if not value then return nil, cip.STATUS.attribute end
      return value
    end,
    [0x10] = done, [0x05] = done, [0x06] = done, [0x07] = done, [0x08] = function() return pack("<I2", 2) end,
    [0x09] = done, [0x0d] = done, [0x11] = function() return pack("<BI2", 1, 1) end, [0x15] = done, [0x16] = done,
    [0x17] = done, [0x4b] = done, [0x4c] = done, [0x4d] = done,
  },
  [0x06] = {
    [0x4e] = function(self, _, data) return forward_close(self, data) end,
    [0x54] = function(self, _, data) return forward_open(self, data) end,
    [0x5b] = function(self, _, data) return forward_open(self, data, true) end,
    [0x56] = function(_, _, data) return data:sub(1, 2) .. ("\0"):rep(46) end,
  },
  [0x02] = { [0x0a] = function(self, _, data) return multiple(self, data) end },
  [0x37] = FILE,
  [0x67] = { [0x4b] = function(self, _, data)
    return data:sub(1, data:byte(1)) .. self.spec.pccc:answer(data:sub(1 + data:byte(1)))
  end },
  [0x6b] = { [0x55] = symbol_list, [0x4c] = read_tag },
  [0x6c] = { [0x03] = attribute_list, [0x4c] = read_template },
}

local TAG_SERVICES <const> = {
  [0x4c] = read_tag, [0x4d] = write_tag, [0x53] = write_tag, [0x4e] = done, [0x55] = symbol_list,
  [0x52] = function(self, to, data) return read_tag(self, to, data, (unpack("<I4", data, 3))) end,
}

-- The response to a request.
function controller:answer(request)
  local service, where, data = split(request)
  local to = destination(where)
  if to.class == cip.CLASS.manager and service == 0x52 then
    local whole, body, status, extended = unconnected_send(self, data)
    return whole or cip.response(service, body, status, extended)
  end
  local handlers = to.tag and not to.class and TAG_SERVICES or SERVICES[to.class] or SERVICES[0]
  local handler = handlers[service] or SERVICES[0][service]
  if not handler then return cip.response(service, "", cip.STATUS.not_supported) end
  local body, status, extended = handler(self, to, data)
  return cip.response(service, body, status, extended)
end

-- Every service inside a message, itself included, with PCCC: VISIT(service, is_response, status, command).
function cip.each(message, visit)
  local is_response = message:byte(1) & 0x80 ~= 0
  local service = message:byte(1) & 0x7f
  local data, status, class
  if is_response then
    status = message:byte(3)
    data = message:sub(5 + 2 * message:byte(4))
  else
    local _, where, rest = split(message)
    class, data = destination(where).class, rest
  end
  visit(service, is_response, status, class)
  if service == 0x52 and class == cip.CLASS.manager then cip.each((unpack("<s2", data, 3)), visit) end
  if service == 0x0a and #data > 2 then
    local count = unpack("<I2", data)
    for i = 1, count do
      local from, to = unpack("<I2", data, 1 + 2 * i), i < count and unpack("<I2", data, 3 + 2 * i) or #data
      cip.each(data:sub(from + 1, to), visit)
    end
  end
end

return cip
