-- BACnet (ASHRAE 135): tags, services, APDUs, network and virtual link layer, and devices that answer over BACnet/IP, over Ethernet
-- and behind
-- routers. The truth counts messages by sender, receiver, type of APDU and service.

local wire = require "wire"

local bacnet = {}
local pack = string.pack

bacnet.PORT = 0xbac0

-- Tags (20.2) --------------------------------------------------------------------------------------------------------

local function tag(number, class, content)
  local first = number < 15 and number << 4 or 0xf0
  local extended = number < 15 and "" or string.char(number)
  local n = #content
  if n <= 4 then return string.char(first | class | n) .. extended .. content end
  local length = n < 254 and string.char(n) or n < 65536 and pack(">BI2", 254, n) or pack(">BI4", 255, n)
  return string.char(first | class | 5) .. extended .. length .. content
end

local function whole(n) return n < 256 and pack("B", n) or n < 65536 and pack(">I2", n) or n < 1 << 24 and pack(">I3", n) or pack(">I4",
  n) end
local function integer(n)
  for size = 1, 8 do
    if n >= -(1 << size * 8 - 1) and n < 1 << size * 8 - 1 then return pack(">i" .. size, n) end
  end
end

-- Object types and properties by the words that the recipes need.
bacnet.TYPE = { analog_input = 0, analog_output = 1, analog_value = 2, binary_input = 3, binary_output = 4, binary_value = 5,
  device = 8, file = 10,
  program = 16, schedule = 17, trend_log = 20, life_safety_point = 21, network_port = 56 }
bacnet.PROPERTY = { all = 8, application_software_version = 12, description = 28, event_state = 36, firmware_revision = 44,
  list_of_keys = 55,
  local_time = 57, location = 58, model_name = 70, object_identifier = 75, object_list = 76, object_name = 77, object_type = 79,
  out_of_service = 81, present_value = 85, priority_array = 87, program_change = 90, protocol_revision = 139, recipient_list = 102,
  log_buffer = 131, status_flags = 111, system_status = 112, units = 117, vendor_identifier = 120, vendor_name = 121,
    weekly_schedule = 123,
  serial_number = 372, vendors_own = 600 }
local TYPE, PROPERTY = bacnet.TYPE, bacnet.PROPERTY

local function object(kind, instance) return pack(">I4", TYPE[kind] << 22 | instance) end

-- Application values.
local value = {}
bacnet.value = value
function value.null() return "\x00" end
function value.boolean(b) return b and "\x11" or "\x10" end
function value.unsigned(n) return tag(2, 0, whole(n)) end
function value.signed(n) return tag(3, 0, integer(n)) end
function value.real(x) return tag(4, 0, pack(">f", x)) end
function value.double(x) return tag(5, 0, pack(">d", x)) end
function value.octets(s) return tag(6, 0, s) end
function value.text(s, set) return tag(7, 0, string.char(set or 0) .. s) end
function value.bits(s) -- "TFFT"
  local out, n = {}, #s
  for at = 1, n, 8 do
    local byte = 0
    for i = 0, 7 do byte = byte << 1 | (s:sub(at + i, at + i) == "T" and 1 or 0) end
    out[#out + 1] = string.char(byte)
  end
  return tag(8, 0, string.char((8 - n % 8) % 8) .. table.concat(out))
end
function value.enumerated(n) return tag(9, 0, whole(n)) end
function value.date(year, month, day, weekday) return tag(10, 0, pack("BBBB", year - 1900, month, day, weekday or 255)) end
function value.time(hour, minute, second, hundredths) return tag(11, 0, pack("BBBB", hour, minute, second, hundredths or 0)) end
function value.object(kind, instance) return tag(12, 0, object(kind, instance)) end

-- Values whose type the context tells, and brackets.
local function at(number, content) return tag(number, 8, content) end
local function number_at(number, n) return at(number, whole(n)) end
local function object_at(number, kind, instance) return at(number, object(kind, instance)) end
local function text_at(number, s) return at(number, "\0" .. s) end
local function inside(number, content) return string.char(number << 4 | 0x0e) .. content .. string.char(number << 4 | 0x0f) end
bacnet.at, bacnet.number_at, bacnet.object_at, bacnet.text_at, bacnet.inside = at, number_at, object_at, text_at, inside

local function property_at(number, name, index)
  return number_at(number, PROPERTY[name]) .. (index and number_at(number + 1, index) or "")
end
bacnet.property_at = property_at

-- Services: choice, then what they carry -----------------------------------------------------------------------------

local C = {}
bacnet.confirmed = C
function C.acknowledge_alarm(kind, instance, source)
  local stamp = inside(3, inside(2, value.date(2024, 5, 13) .. value.time(8, 0, 1)))
  return 0, number_at(0, 7) .. object_at(1, kind, instance) .. number_at(2, 2) .. stamp .. text_at(4, source)
    .. inside(5, inside(2, value.date(2024, 5, 13) .. value.time(8, 1, 0)))
end
local function changes(process, device, kind, instance, left, values)
  return number_at(0, process) .. object_at(1, "device", device) .. object_at(2, kind, instance) .. number_at(3, left) .. inside(4,
    values)
end
function C.cov_notification(...) return 1, changes(...) end
local function event(device, kind, instance, from, to, text)
  return number_at(0, 7) .. object_at(1, "device", device) .. object_at(2, kind, instance)
    .. inside(3, inside(2, value.date(2024, 5, 13) .. value.time(8, 0, 1))) .. number_at(4, 3) .. number_at(5, 100) .. number_at(6, 5)
    .. text_at(7, text) .. number_at(8, 0) .. number_at(9, 1) .. number_at(10, from) .. number_at(11, to)
    .. inside(12, inside(5, at(0, pack(">f", 91.5)) .. at(1, "\x04\x80") .. at(2, pack(">f", 1)) .. at(3, pack(">f", 90))))
end
function C.event_notification(...) return 2, event(...) end
function C.get_alarm_summary() return 3, "" end
function C.get_enrollment_summary() return 4, number_at(0, 0) end
function C.subscribe_cov(kind, instance, lifetime)
  return 5, number_at(0, 18) .. object_at(1, kind, instance) .. (lifetime and number_at(2, 1) .. number_at(3, lifetime) or "")
end
function C.atomic_read_file(file, start, count)
  return 6, value.object("file", file) .. inside(0, value.signed(start) .. value.unsigned(count))
end
function C.read_records(file, start, count) return 6, value.object("file", file) .. inside(1, value.signed(start)
  .. value.unsigned(count)) end
function C.atomic_write_file(file, start, data) return 7, value.object("file", file) .. inside(0, value.signed(start)
  .. value.octets(data)) end
function C.write_records(file, start, records)
  local out = {}
  for i, r in ipairs(records) do out[i] = value.octets(r) end
  return 7, value.object("file", file) .. inside(1, value.signed(start) .. value.unsigned(#records) .. table.concat(out))
end
function C.add_list_element(kind, instance, name, values) return 8, object_at(0, kind, instance) .. property_at(1, name) .. inside(3,
  values) end
function C.remove_list_element(kind, instance, name, values) return 9, object_at(0, kind, instance) .. property_at(1, name) .. inside(3,
  values) end
function C.create_object(kind, values) return 10, inside(0, number_at(0, TYPE[kind])) .. (values and inside(1, values) or "") end
function C.delete_object(kind, instance) return 11, value.object(kind, instance) end
function C.read_property(kind, instance, name, index) return 12, object_at(0, kind, instance) .. property_at(1, name, index) end
function C.read_property_multiple(list)
  local out = {}
  for i, item in ipairs(list) do
    local names = {}
    for k, name in ipairs(item[3]) do names[k] = property_at(0, name) end
    out[i] = object_at(0, item[1], item[2]) .. inside(1, table.concat(names))
  end
  return 14, table.concat(out)
end
function C.write_property(kind, instance, name, v, priority, index)
  return 15, object_at(0, kind, instance) .. property_at(1, name, index) .. inside(3, v) .. (priority and number_at(4, priority) or "")
end
function C.write_property_multiple(list)
  local out = {}
  for i, item in ipairs(list) do
    out[i] = object_at(0, item[1], item[2]) .. inside(1, property_at(0, item[3]) .. inside(2, item[4]) .. (item[5] and number_at(3,
      item[5]) or ""))
  end
  return 16, table.concat(out)
end
local DCC <const> = { enable = 0, disable = 1, disable_initiation = 2 }
function C.device_communication_control(state, minutes, password)
  return 17, (minutes and number_at(0, minutes) or "") .. number_at(1, DCC[state]) .. (password and text_at(2, password) or "")
end
function C.private_transfer(vendor, number) return 18, number_at(0, vendor) .. number_at(1, number) .. inside(2,
  value.octets "\1\2\3") end
function C.text_message(device, text) return 19, object_at(0, "device", device) .. inside(1, number_at(0, 1)) .. number_at(2, 1)
  .. text_at(3, text) end
local REINITIALIZE <const> = { coldstart = 0, warmstart = 1, start_backup = 2, end_backup = 3, start_restore = 4, end_restore = 5,
  abort_restore = 6,
  activate_changes = 7 }
function C.reinitialize_device(state, password) return 20, number_at(0, REINITIALIZE[state]) .. (password and text_at(1, password)
  or "") end
function C.vt_open() return 21, value.enumerated(0) .. value.unsigned(5) end
function C.vt_close() return 22, value.unsigned(5) end
function C.vt_data(text) return 23, value.unsigned(5) .. value.octets(text) .. value.unsigned(0) end
function C.read_range(kind, instance, name, count)
  return 26, object_at(0, kind, instance) .. property_at(1, name) .. inside(3, value.unsigned(1) .. value.signed(count))
end
function C.life_safety_operation(request, kind, instance)
  return 27, number_at(0, 18) .. text_at(1, "guard") .. number_at(2, request) .. object_at(3, kind, instance)
end
function C.subscribe_cov_property(kind, instance, name)
  return 28, number_at(0, 18) .. object_at(1, kind, instance) .. number_at(2, 0) .. number_at(3, 300) .. inside(4, property_at(0, name))
end
function C.get_event_information() return 29, "" end
function C.subscribe_cov_property_multiple(kind, instance, name)
  return 30, number_at(0, 18) .. number_at(1, 1) .. number_at(2, 60) .. number_at(3, 5)
    .. inside(4, object_at(0, kind, instance) .. inside(1, inside(0, property_at(0, name)) .. number_at(2, 0)))
end
local function several_changes(device, kind, instance, v)
  return number_at(0, 18) .. object_at(1, "device", device) .. number_at(2, 60)
    .. inside(4, object_at(0, kind, instance) .. inside(1, property_at(0, "present_value") .. inside(2, v)))
end
function C.cov_notification_multiple(...) return 31, several_changes(...) end

local U = {}
bacnet.unconfirmed = U
function U.i_am(device, vendor) return 0, value.object("device", device) .. value.unsigned(1476) .. value.enumerated(0)
  .. value.unsigned(vendor) end
function U.i_have(device, kind, instance, name) return 1, value.object("device", device) .. value.object(kind, instance)
  .. value.text(name) end
function U.cov_notification(...) return 2, changes(...) end
function U.event_notification(...) return 3, event(...) end
function U.private_transfer(vendor, number) return 4, number_at(0, vendor) .. number_at(1, number) end
function U.text_message(device, text) return 5, object_at(0, "device", device) .. number_at(2, 0) .. text_at(3, text) end
function U.time_synchronization() return 6, value.date(2024, 5, 13, 1) .. value.time(8, 0, 0) end
function U.who_has(name, low, high) return 7, (low and number_at(0, low) .. number_at(1, high) or "") .. text_at(3, name) end
function U.who_has_object(kind, instance) return 7, object_at(2, kind, instance) end
function U.who_is(low, high) return 8, low and number_at(0, low) .. number_at(1, high) or "" end
function U.utc_time_synchronization() return 9, value.date(2024, 5, 13, 1) .. value.time(6, 0, 0, 50) end
function U.write_group(group, v) return 10, number_at(0, group) .. number_at(1, 8) .. inside(2, number_at(0, 1) .. v) end
function U.cov_notification_multiple(...) return 11, several_changes(...) end
function U.who_am_i(vendor, model, serial) return 13, value.unsigned(vendor) .. value.text(model) .. value.text(serial) end
function U.you_are(vendor, model, serial, device)
  return 14, value.unsigned(vendor) .. value.text(model) .. value.text(serial) .. value.object("device", device) .. value.octets "\x0a"
end

-- APDUs (20.1) -------------------------------------------------------------------------------------------------------

local apdu = {}
bacnet.apdu = apdu
function apdu.confirmed(id, service, content, s)
  if s then return pack("BBBBBB", 0x0a | (s.more and 4 or 0), 0x75, id, s.number, s.window or 4, service) .. content end
  return pack("BBBB", 0x02, 0x75, id, service) .. content
end
function apdu.unconfirmed(service, content) return pack("BB", 0x10, service) .. content end
function apdu.simple_ack(id, service) return pack("BBB", 0x20, id, service) end
function apdu.complex_ack(id, service, content, s)
  if s then return pack("BBBBB", 0x38 | (s.more and 4 or 0), id, s.number, s.window or 4, service) .. content end
  return pack("BBB", 0x30, id, service) .. content
end
function apdu.segment_ack(id, number, by_server, negative)
  return pack("BBBB", 0x40 | (negative and 2 or 0) | (by_server and 1 or 0), id, number, 4)
end
function apdu.error(id, service, class, code, bracket)
  local both = value.enumerated(class) .. value.enumerated(code)
  return pack("BBB", 0x50, id, service) .. (bracket and inside(0, both) or both)
end
function apdu.reject(id, reason) return pack("BBB", 0x60, id, reason) end
function apdu.abort(id, reason, by_server) return pack("BBB", 0x70 | (by_server and 1 or 0), id, reason) end

-- Network layer (6.2) ------------------------------------------------------------------------------------------------

-- o: to, from ({ network, address }), message (a number), reply, priority.
function bacnet.npdu(content, o)
  o = o or {}
  local control = (o.message and 0x80 or 0) | (o.to and 0x20 or 0) | (o.from and 0x08 or 0) | (o.reply and 4 or 0) | (o.priority or 0)
  return pack("BB", 1, control) .. (o.to and pack(">I2s1", o.to[1], o.to[2]) or "") .. (o.from and pack(">I2s1", o.from[1], o.from[2])
    or "")
    .. (o.to and "\xff" or "") .. (o.message and string.char(o.message) or "") .. content
end

function bacnet.networks(...)
  local out = {}
  for i, n in ipairs { ... } do out[i] = pack(">I2", n) end
  return table.concat(out)
end

-- Virtual link layer (J.2) -------------------------------------------------------------------------------------------

bacnet.LINK = { result = 0, write_bdt = 1, read_bdt = 2, read_bdt_ack = 3, forwarded = 4, register = 5, read_fdt = 6, read_fdt_ack = 7,
  delete_fdt = 8,
  distribute = 9, unicast = 10, broadcast = 11, secure = 12 }
function bacnet.bvlc(link, content) return pack(">BBI2", 0x81, bacnet.LINK[link], 4 + #content) .. content end
function bacnet.bvlc6(number, content) return pack(">BBI2", 0x82, number, 4 + #content) .. content end

-- Conversations ------------------------------------------------------------------------------------------------------

local KINDS <const> = { [0] = "confirmed", "unconfirmed", "simple_ack", "complex_ack", "segment_ack", "error", "reject", "abort" }

-- What a message is, for the truth.
local function count(w, from, to, kind, ethernet)
  local function name(host) return ethernet and host.mac or host.ip or host.ip6 end
  w.truth:add("bacnet", { from = name(from), to = name(to), kind = kind }, { messages = 1 })
end

-- One APDU. o: link ("unicast"), port, sport, to, from (networks), origin (bytes of an address, with link forwarded), ethernet, reply.
function bacnet.say(w, from, to, bytes, o)
  o = o or {}
  local npdu = bacnet.npdu(bytes, { to = o.to, from = o.from, reply = o.reply })
  count(w, from, to, KINDS[bytes:byte(1) >> 4], o.ethernet)
  if o.ethernet then
    local llc = "\x82\x82\x03" .. npdu
    return w:frame(from, to, #llc, llc)
  end
  w:udp(from, o.sport or bacnet.PORT, to, o.port or bacnet.PORT, o.whole or bacnet.bvlc(o.link or "unicast", (o.origin or "") .. npdu))
end

-- A message as given, of the network or link layer unless o.kind says which type of APDU is in it.
function bacnet.send(w, from, to, payload, o)
  o = o or {}
  count(w, from, to, o.kind or "other")
  w:udp(from, o.sport or bacnet.PORT, to, o.port or bacnet.PORT, payload)
end

-- A client's requests to one device: link:ask(service, content, answer) where answer is an APDU's maker, a function of the invoke
-- identifier, or
-- nil for silence.
local link = {}
link.__index = link

function bacnet.connect(w, o)
  return setmetatable({ w = w, o = o, id = o.first or 0 }, link)
end

function link:say(by_client, bytes)
  local o = self.o
  local way = { ethernet = o.ethernet, reply = by_client }
  if by_client then
    way.to, way.from, way.port, way.sport = o.behind, o.before, o.port, o.sport
    return bacnet.say(self.w, o.client, o.server, bytes, way)
  end
  way.to, way.from, way.port, way.sport = o.before, o.behind, o.sport, o.port
  bacnet.say(self.w, o.server, o.client, bytes, way)
end

function link:ask(service, content, answer)
  self.id = self.id % 255 + 1
  self:say(true, apdu.confirmed(self.id, service, content))
  self.w:sleep(0.004)
  if answer then self:say(false, answer(self.id, service)) end
  self.w:sleep(0.01)
end

-- In segments of `size` bytes; lost: the number of one that the capture does not show.
local function segments(self, by_client, make, content, size, lost)
  local n, number = #content, 0
  for first = 1, n, size do
    local more = first + size <= n
    if number ~= lost then
      self:say(by_client, make(self.id, self.service, content:sub(first, first + size - 1), { more = more, number = number & 255 }))
    end
    self.w:sleep(0.002)
    if number % 4 == 3 or not more then self:say(not by_client, apdu.segment_ack(self.id, number & 255, by_client)) end
    number = number + 1
  end
end

-- options: size, lost.
function link:ask_long(service, content, answer, options)
  self.id, self.service = self.id % 255 + 1, service
  segments(self, true, apdu.confirmed, content, options.size, options.lost)
  self.w:sleep(0.004)
  if answer then self:say(false, answer(self.id, service)) end
  self.w:sleep(0.01)
end

function link:answer_long(service, content, answer, options)
  self.id, self.service = self.id % 255 + 1, service
  self:say(true, apdu.confirmed(self.id, service, content))
  self.w:sleep(0.004)
  segments(self, false, apdu.complex_ack, answer, options.size, options.lost)
  self.w:sleep(0.01)
end

-- Answers.
function bacnet.done(id, service) return apdu.simple_ack(id, service) end
function bacnet.with(content) return function(id, service) return apdu.complex_ack(id, service, content) end end
function bacnet.refused(class, code, bracket) return function(id, service) return apdu.error(id, service, class, code, bracket) end end
function bacnet.rejected(reason) return function(id) return apdu.reject(id, reason) end end
function bacnet.aborted(reason) return function(id) return apdu.abort(id, reason, true) end end

-- The value of a property.
function bacnet.property(kind, instance, name, v, index)
  return bacnet.with(object_at(0, kind, instance) .. property_at(1, name, index) .. inside(3, v))
end

function bacnet.address(host, port) return wire.ip(host.ip) .. pack(">I2", port or bacnet.PORT) end

return bacnet
