-- Modbus, from "MODBUS Application Protocol Specification V1.1b3" and "MODBUS Messaging on TCP/IP Implementation
-- Guide V1.0b": requests of every function code, a device that answers them from its memory, and the conversation
-- that carries them over TCP or UDP and counts them.

local tcp = require "tcp"
local arp = require "arp"
local plant = require "plant"

local modbus = {}
local pack, unpack = string.pack, string.unpack

-- Requests (the protocol data unit, from the function code on) -------------------------------------------------------

local request = {}
modbus.request = request

local function registers(values)
  local out = {}
  for i, value in ipairs(values) do out[i] = pack(">I2", value & 0xffff) end
  return table.concat(out)
end

-- Coils travel packed, the first one in the lowest bit of the first byte.
local function bits(values)
  local bytes = {}
  for i = 1, (#values + 7) // 8 do bytes[i] = 0 end
  for i, value in ipairs(values) do
    if value ~= 0 then bytes[(i + 7) // 8] = bytes[(i + 7) // 8] | 1 << ((i - 1) & 7) end
  end
  return string.char(table.unpack(bytes))
end

local function reader(func)
  return function(address, quantity) return pack(">BI2I2", func, address, quantity) end
end

request.read_coils = reader(1)
request.read_discrete_inputs = reader(2)
request.read_holding_registers = reader(3)
request.read_input_registers = reader(4)
function request.write_single_coil(address, on) return pack(">BI2I2", 5, address, on and 0xff00 or 0) end
function request.write_single_register(address, value) return pack(">BI2I2", 6, address, value) end
function request.read_exception_status() return pack("B", 7) end
function request.diagnostics(sub_function, data) return pack(">BI2", 8, sub_function) .. (data or "\0\0") end
function request.get_comm_event_counter() return pack("B", 11) end
function request.get_comm_event_log() return pack("B", 12) end
function request.write_multiple_coils(address, values)
  local packed = bits(values)
  return pack(">BI2I2B", 15, address, #values, #packed) .. packed
end
function request.write_multiple_registers(address, values)
  return pack(">BI2I2B", 16, address, #values, 2 * #values) .. registers(values)
end
function request.report_server_id() return pack("B", 17) end

-- records: { file, record, length } each.
function request.read_file_record(records)
  local out = {}
  for i, r in ipairs(records) do out[i] = pack(">BI2I2I2", 6, r.file, r.record, r.length) end
  return pack(">Bs1", 20, table.concat(out))
end

-- records: { file, record, values } each.
function request.write_file_record(records)
  local out = {}
  for i, r in ipairs(records) do
    out[i] = pack(">BI2I2I2", 6, r.file, r.record, #r.values) .. registers(r.values)
  end
  return pack(">Bs1", 21, table.concat(out))
end

function request.mask_write_register(address, and_mask, or_mask)
  return pack(">BI2I2I2", 22, address, and_mask, or_mask)
end

function request.read_write_multiple_registers(read_address, quantity, write_address, values)
  return pack(">BI2I2I2I2B", 23, read_address, quantity, write_address, #values, 2 * #values) .. registers(values)
end

function request.read_fifo_queue(address) return pack(">BI2", 24, address) end
function request.canopen_general_reference(data) return pack("BB", 43, 13) .. data end

-- CODE: 1 basic, 2 regular, 3 extended, 4 one object.
function request.read_device_identification(code, object) return pack("BBBB", 43, 14, code, object or 0) end

-- A device -----------------------------------------------------------------------------------------------------------

local device = {}
device.__index = device

modbus.EXCEPTION = {
  illegal_function = 1, illegal_data_address = 2, illegal_data_value = 3, server_device_failure = 4, acknowledge = 5,
  server_device_busy = 6, memory_parity_error = 8, gateway_path_unavailable = 10, gateway_target_failed = 11,
}

-- options: size (addresses per table), objects { [id] = text } for the device identification, id (report server id),
-- input(address, time) giving input registers.
function modbus.device(options)
  return setmetatable({ size = options.size or 1000, objects = options.objects or {}, id = options.id or "\x01",
    input = options.input or function(address) return 1000 + address * 7 end,
    coils = {}, holding = {}, files = {}, events = 0 }, device)
end

local function exception(func, code) return pack("BB", func | 0x80, code) end

local answer = {}

local function in_range(self, address, quantity, most)
  if quantity < 1 or quantity > most then return modbus.EXCEPTION.illegal_data_value end
  if address + quantity > self.size then return modbus.EXCEPTION.illegal_data_address end
end

local function read_bits(get)
  return function(self, pdu)
    local func, address, quantity = unpack(">BI2I2", pdu)
    local bad = in_range(self, address, quantity, 2000)
    if bad then return exception(func, bad) end
    local values = {}
    for i = 1, quantity do values[i] = get(self, address + i - 1) end
    return pack(">Bs1", func, bits(values))
  end
end

local function read_words(get)
  return function(self, pdu)
    local func, address, quantity = unpack(">BI2I2", pdu)
    local bad = in_range(self, address, quantity, 125)
    if bad then return exception(func, bad) end
    local values = {}
    for i = 1, quantity do values[i] = get(self, address + i - 1) end
    return pack(">Bs1", func, registers(values))
  end
end

local function holding(self, address) return self.holding[address] or 0 end

answer[1] = read_bits(function(self, address) return self.coils[address] or 0 end)
answer[2] = read_bits(function(self, address) return self.input(address) & 1 end)
answer[3] = read_words(holding)
answer[4] = read_words(function(self, address) return self.input(address) end)

answer[5] = function(self, pdu)
  local func, address, value = unpack(">BI2I2", pdu)
  local bad = in_range(self, address, 1, 1)
  if bad then return exception(func, bad) end
  self.coils[address] = value == 0 and 0 or 1
  return pdu
end

answer[6] = function(self, pdu)
  local func, address, value = unpack(">BI2I2", pdu)
  local bad = in_range(self, address, 1, 1)
  if bad then return exception(func, bad) end
  self.holding[address] = value
  return pdu
end

answer[7] = function(self) return pack("BB", 7, self.exception_status or 0x6d) end

-- Counters answer with a number, everything else with what was asked; 4 (listen only) is not answered at all.
answer[8] = function(self, pdu)
  local sub_function = unpack(">I2", pdu, 2)
  if sub_function == 4 then return nil end
  if sub_function == 2 or sub_function >= 11 and sub_function <= 18 then
    return pack(">BI2I2", 8, sub_function, sub_function == 11 and self.events or sub_function)
  end
  return pdu
end

answer[11] = function(self) return pack(">BI2I2", 11, 0, self.events) end

-- Status, event count, message count, then the events, the newest first (6.10): a message received, a restart, and a
-- server that entered listen only mode.
answer[12] = function(self)
  return pack(">Bs1", 12, pack(">I2I2I2BBB", 0, self.events, self.events + 5, 0x80, 0x00, 0x04))
end

answer[15] = function(self, pdu)
  local func, address, quantity, size = unpack(">BI2I2B", pdu)
  local bad = in_range(self, address, quantity, 1968)
  if bad then return exception(func, bad) end
  for i = 0, quantity - 1 do self.coils[address + i] = pdu:byte(7 + i // 8) >> (i & 7) & 1 end
  assert(size == (quantity + 7) // 8)
  return pdu:sub(1, 5)
end

answer[16] = function(self, pdu)
  local func, address, quantity = unpack(">BI2I2B", pdu)
  local bad = in_range(self, address, quantity, 123)
  if bad then return exception(func, bad) end
  for i = 0, quantity - 1 do self.holding[address + i] = unpack(">I2", pdu, 7 + 2 * i) end
  return pdu:sub(1, 5)
end

answer[17] = function(self) return pack(">Bs1", 17, self.id .. "\xff" .. (self.objects[1] or "")) end

answer[20] = function(self, pdu)
  local groups = {}
  for at = 3, #pdu, 7 do
    local _, file, record, length = unpack(">BI2I2I2", pdu, at)
    local values = {}
    for i = 1, length do values[i] = (self.files[file] or {})[record + i - 1] or (file << 8 | record + i - 1) end
    groups[#groups + 1] = pack(">s1", "\6" .. registers(values))
  end
  return pack(">Bs1", 20, table.concat(groups))
end

answer[21] = function(self, pdu)
  local at = 3
  while at <= #pdu do
    local _, file, record, length = unpack(">BI2I2I2", pdu, at)
    self.files[file] = self.files[file] or {}
    for i = 1, length do self.files[file][record + i - 1] = unpack(">I2", pdu, at + 5 + 2 * i) end
    at = at + 7 + 2 * length
  end
  return pdu
end

answer[22] = function(self, pdu)
  local _, address, and_mask, or_mask = unpack(">BI2I2I2", pdu)
  self.holding[address] = holding(self, address) & and_mask | or_mask & ~and_mask & 0xffff
  return pdu
end

-- The write comes before the read (6.17).
answer[23] = function(self, pdu)
  local _, address, quantity, write_address, count = unpack(">BI2I2I2I2", pdu)
  for i = 0, count - 1 do self.holding[write_address + i] = unpack(">I2", pdu, 11 + 2 * i) end
  local values = {}
  for i = 1, quantity do values[i] = holding(self, address + i - 1) end
  return pack(">Bs1", 23, registers(values))
end

answer[24] = function(self, pdu)
  local address = unpack(">I2", pdu, 2)
  local values = { holding(self, address), holding(self, address + 1) }
  return pack(">BI2I2", 24, 2 + 2 * #values, #values) .. registers(values)
end

-- Objects of a category go out in order; one that does not fit waits for the next request (6.21).
local LAST_OBJECT <const> = { 0x02, 0x7f, 0xff }

answer[43] = function(self, pdu)
  local _, mei, code, first = unpack("BBBB", pdu .. "\0\0")
  if mei == 13 then return pdu end
  if mei ~= 14 then return exception(43, modbus.EXCEPTION.illegal_function) end
  local conformity, list, number, size, next_object = 0x83, {}, 0, 0, 0
  local last = code == 4 and first or LAST_OBJECT[code]
  if not last or code == 4 and not self.objects[first] then
    return exception(43, last and modbus.EXCEPTION.illegal_data_address or modbus.EXCEPTION.illegal_data_value)
  end
  for id = first, last do
    local text = self.objects[id]
    if text and next_object == 0 then
      if size + 2 + #text > 240 then
        next_object = id
      else
        number, size = number + 1, size + 2 + #text
        list[number] = pack("Bs1", id, text)
      end
    end
  end
  return pack("BBBBBBB", 43, 14, code, conformity, next_object > 0 and 0xff or 0, next_object, number)
    .. table.concat(list)
end

-- The response to a request PDU; nil when the device stays silent.
function device:answer(pdu)
  self.events = self.events + 1
  local func = pdu:byte(1)
  local respond = answer[func]
  if not respond then return exception(func, modbus.EXCEPTION.illegal_function) end
  return respond(self, pdu)
end

-- Carrying and counting ----------------------------------------------------------------------------------------------

-- The MODBUS application protocol header before a PDU. LENGTH is for headers that lie.
function modbus.adu(transaction, unit, pdu, length, protocol)
  return pack(">I2I2I2B", transaction, protocol or 0, length or 1 + #pdu, unit) .. pdu
end

local link = {}
link.__index = link

-- options: client, server, device; optional port (502), unit (1), udp, latency (s), transaction (the first), and
-- what tcp.new takes. Opens the connection, unless options.midstream says that it was open before.
function modbus.connect(w, options)
  options.port = options.port or 502
  arp.resolve(w, options.client, options.server)
  local self = setmetatable({ world = w, options = options, transaction = options.transaction or 0,
    unit = options.unit or 1, latency = options.latency or 0.004, device = options.device,
    rng = w:chance_of("modbus " .. options.client.name .. " " .. options.server.name) }, link)
  if options.udp then
    self.port = plant.next_port(options.client)
  else
    self.tcp = tcp.new(w, options)
    if not options.midstream then self.tcp:open() end
  end
  return self
end

function link:count(unit, func, counts)
  return self.world.truth:add("modbus", { client = self.options.client.ip, server = self.options.server.ip,
    port = self.options.port, unit = unit, func = func }, counts)
end

-- Sends bytes one way, whatever they are. True if the capture shows all of them.
function link:send(side, bytes, fault)
  if self.tcp then return self.tcp:send(side, bytes, fault) end
  local client, server, port = self.options.client, self.options.server, self.options.port
  if side == "client" then return self.world:udp(client, self.port, server, port, bytes, fault) end
  return self.world:udp(server, port, client, self.port, bytes, fault)
end

function link:next_transaction()
  self.transaction = (self.transaction + 1) & 0xffff
  return self.transaction
end

-- One request and its response, which is returned. options: unit, latency, exception (answer with that code),
-- no_answer (and why), response (a PDU to answer with), request_fault and response_fault (see tcp.send).
function link:ask(pdu, options)
  options = options or {}
  local unit, func, transaction = options.unit or self.unit, pdu:byte(1), self:next_transaction()
  arp.resolve(self.world, self.options.client, self.options.server)
  local request_time = self.world:time()
  local asked = self:send("client", modbus.adu(transaction, unit, pdu), options.request_fault)
  if asked then self:count(unit, func, { requests = 1 }) end
  local response = options.response or options.exception and exception(func, options.exception)
    or self.device:answer(pdu)
  if options.no_answer or not response then
    self:unanswered(request_time, transaction, unit, func, options.no_answer or "device is silent")
    return nil
  end
  self.world:sleep(options.latency or self.rng:about(self.latency, 0.3))
  self:respond(transaction, unit, response, options.response_fault)
  return response
end

function link:unanswered(time, transaction, unit, func, why)
  self.world.truth:note("unanswered", { protocol = "modbus", time = time, client = self.options.client.ip,
    server = self.options.server.ip, transaction = transaction, unit = unit, func = func, why = why })
  self:count(unit, func, { unanswered = 1 })
end

function link:respond(transaction, unit, response, fault)
  local func = response:byte(1)
  if self:send("server", modbus.adu(transaction, unit, response), fault) then
    self:count(unit, func & 0x7f, func >= 0x80 and { exceptions = 1 } or { responses = 1 })
  end
end

-- Several requests before the first response; both directions each fit into one segment when TOGETHER.
function link:pipeline(pdus, together)
  local asked, answered, transactions = {}, {}, {}
  for i, pdu in ipairs(pdus) do
    transactions[i] = self:next_transaction()
    asked[i] = modbus.adu(transactions[i], self.unit, pdu)
    self:count(self.unit, pdu:byte(1), { requests = 1 })
    local response = self.device:answer(pdu)
    answered[i] = modbus.adu(transactions[i], self.unit, response)
    self:count(self.unit, pdu:byte(1), response:byte(1) >= 0x80 and { exceptions = 1 } or { responses = 1 })
  end
  if together then
    self:send("client", table.concat(asked))
    self.world:sleep(self.latency)
    self:send("server", table.concat(answered))
    return
  end
  for _, adu in ipairs(asked) do
    self:send("client", adu)
    self.world:sleep(0.0002)
  end
  self.world:sleep(self.latency)
  for _, adu in ipairs(answered) do
    self:send("server", adu)
    self.world:sleep(0.0002)
  end
end

function link:close(side) if self.tcp then self.tcp:close(side) end end

return modbus
