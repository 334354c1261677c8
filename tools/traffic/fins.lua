-- Omron FINS, from the "FINS Commands Reference Manual" (W342): command frames, a controller that answers them, and
-- the conversations over UDP and FINS/TCP (W421, with its exchange of node addresses), counted in the truth.

local tcp = require "tcp"
local arp = require "arp"

local fins = {}
local pack, unpack = string.pack, string.unpack

fins.PORT = 9600

-- Memory area codes (5-2-2), word and bit designation of CS/CJ-series controllers.
fins.AREA = { cio = 0xb0, cio_bit = 0x30, work = 0xb1, work_bit = 0x31, holding = 0xb2, auxiliary = 0xb3,
  dm = 0x82, dm_bit = 0x02, em0 = 0xa0, timer = 0x89, clock = 0x07 }

-- Modes of the controller (5-3-17): what Run asks for and what Status Read tells.
fins.MODE = { program = 0x00, monitor = 0x02, run = 0x04 }

-- Commands: from the command code on ---------------------------------------------------------------------------------

local command = {}
fins.command = command

local function address(area, word, bit) return pack(">BI2B", area, word, bit or 0) end

local function words(values)
  local out = {}
  for i, value in ipairs(values) do out[i] = pack(">I2", value & 0xffff) end
  return table.concat(out)
end

local function file_name(name)
  local base, extension = name:match("^([^.]*)%.?(.*)$")
  return ("%-8s.%-3s"):format(base, extension)
end

local NO_DIRECTORY <const> = "\0\0"

function command.memory_read(area, word, count, bit) return "\1\1" .. address(area, word, bit) .. pack(">I2", count) end
function command.memory_write(area, word, values)
  return "\1\2" .. address(area, word) .. pack(">I2", #values) .. words(values)
end
function command.memory_write_bits(area, word, bit, values)
  return "\1\2" .. address(area, word, bit) .. pack(">I2", #values) .. string.char(table.unpack(values))
end
function command.memory_fill(area, word, count, value)
  return "\1\3" .. address(area, word) .. pack(">I2I2", count, value)
end
-- list: { area, word, bit } each.
function command.multiple_read(list)
  local out = {}
  for i, item in ipairs(list) do out[i] = address(item[1], item[2], item[3]) end
  return "\1\4" .. table.concat(out)
end
function command.memory_transfer(from_area, from_word, to_area, to_word, count)
  return "\1\5" .. address(from_area, from_word) .. address(to_area, to_word) .. pack(">I2", count)
end
function command.parameter_read(area, word, count) return "\2\1" .. pack(">I2I2I2", area, word, count) end
function command.parameter_write(area, word, values)
  return "\2\2" .. pack(">I2I2I2", area, word, #values | 0x8000) .. words(values)
end
function command.parameter_clear(area, count) return "\2\3" .. pack(">I2I2I2I2", area, 0, count, 0) end
function command.program_read(word, count) return "\3\6" .. pack(">I2I4I2", 0xffff, word, count) end
function command.program_write(word, code, last)
  return "\3\7" .. pack(">I2I4I2", 0xffff, word, #code | (last and 0x8000 or 0)) .. code
end
function command.program_clear() return "\3\8" .. pack(">I2B", 0xffff, 0) end
function command.run(mode) return "\4\1" .. pack(">I2B", 0xffff, mode or fins.MODE.monitor) end
function command.stop(program) return "\4\2" .. (program and pack(">I2", program) or "") end
function command.controller_data_read(part) return "\5\1" .. (part and string.char(part) or "") end
function command.connection_data_read(unit, count) return "\5\2" .. string.char(unit, count) end
function command.status_read() return "\6\1" end
function command.cycle_time_read() return "\6\32\1" end
function command.clock_read() return "\7\1" end
-- Year, month, day, hour, minute, second and day of the week, each two binary-coded decimals.
function command.clock_write(bcd) return "\7\2" .. bcd end
function command.message_read(which) return "\9\32" .. pack(">I2", 0x8000 | which) end
function command.message_clear(which) return "\9\32" .. pack(">I2", 0x4000 | which) end
function command.access_right_acquire() return "\12\1" .. pack(">I2", 0xffff) end
function command.access_right_forced_acquire() return "\12\2" .. pack(">I2", 0xffff) end
function command.access_right_release() return "\12\3" .. pack(">I2", 0xffff) end
function command.error_clear(code) return "\33\1" .. pack(">I2", code or 0xffff) end
function command.error_log_read(first, count) return "\33\2" .. pack(">I2I2", first, count) end
function command.error_log_clear() return "\33\3" end
function command.write_access_log_read(first, count) return "\33\64" .. pack(">I2I2", first, count) end
function command.write_access_log_clear() return "\33\65" end
function command.file_name_read(disk, first, count)
  return "\34\1" .. pack(">I2I2I2", disk, first, count) .. NO_DIRECTORY
end
function command.file_read(disk, name, position, count)
  return "\34\2" .. pack(">I2", disk) .. file_name(name) .. pack(">I4I2", position, count) .. NO_DIRECTORY
end
function command.file_write(disk, name, position, contents)
  return "\34\3" .. pack(">I2I2", disk, 0) .. file_name(name) .. pack(">I4s2", position, contents) .. NO_DIRECTORY
end
function command.file_format(disk) return "\34\4" .. pack(">I2", disk) end
function command.file_delete(disk, name) return "\34\5" .. pack(">I2I2", disk, 1) .. file_name(name) .. NO_DIRECTORY end
function command.file_copy(disk, name, new_name)
  return "\34\7" .. pack(">I2", disk) .. file_name(name) .. pack(">I2", disk) .. file_name(new_name)
    .. NO_DIRECTORY .. NO_DIRECTORY
end
function command.file_rename(disk, name, new_name)
  return "\34\8" .. pack(">I2", disk) .. file_name(name) .. file_name(new_name) .. NO_DIRECTORY
end
-- way: 0 memory to file, 1 file to memory, 2 compare.
function command.memory_file_transfer(way, area, word, count, disk, name)
  return "\34\10" .. pack(">I2", way) .. address(area, word) .. pack(">I2I2", count, disk) .. file_name(name)
    .. NO_DIRECTORY
end
function command.parameter_file_transfer(way, area, word, count, disk, name)
  return "\34\11" .. pack(">I2I2I2I2I2", way, area, word, count, disk) .. file_name(name) .. NO_DIRECTORY
end
function command.program_file_transfer(way, word, count, disk, name)
  return "\34\12" .. pack(">I2I2I4I4I2", way, 0xffff, word, count, disk) .. file_name(name) .. NO_DIRECTORY
end
function command.directory_create(disk, name)
  return "\34\21" .. pack(">I2I2", disk, 0) .. ("%-12s"):format(name) .. NO_DIRECTORY
end
-- list: { what, area, word, bit } each; what: 0 force off, 1 force on, 0x8000 and 0x8001 release to off and on.
function command.forced_set_reset(list)
  local out = {}
  for i, item in ipairs(list) do out[i] = pack(">I2", item[1]) .. address(item[2], item[3], item[4]) end
  return "\35\1" .. pack(">I2", #list) .. table.concat(out)
end
function command.forced_cancel() return "\35\2" end

-- A controller -------------------------------------------------------------------------------------------------------

local controller = {}
controller.__index = controller

-- options: model, version, mode, area data (the sizes that Controller Data Read tells).
function fins.controller(options)
  return setmetatable({ model = options.model, version = options.version, mode = options.mode or fins.MODE.run,
    memory = {} }, controller)
end

fins.END = { normal = 0x0000, cancelled = 0x0001, routing_error = 0x0501, undefined_command = 0x0401,
  too_long = 0x1001, too_short = 0x1002, area_missing = 0x1101, address_out_of_range = 0x1103,
  access_error = 0x2002, wrong_mode = 0x2202, unit_missing = 0x2501, no_access_right = 0x3001 }

local function word_at(self, area, word) return self.memory[area << 16 | word] or (area * 257 + word) & 0xffff end

-- Bit areas are those below the word areas: a bit takes a byte.
local function is_bit(area) return area < 0x40 end

local function read(self, area, word, bit, count)
  local out = {}
  for i = 0, count - 1 do
    if is_bit(area) then
      out[#out + 1] = string.char(word_at(self, area | 0x80, word) >> (bit + i & 15) & 1)
    else
      out[#out + 1] = pack(">I2", word_at(self, area, word + i))
    end
  end
  return table.concat(out)
end

local respond = {}

respond["0101"] = function(self, body)
  local area, word, bit, count = unpack(">BI2BI2", body)
  return read(self, area, word, bit, count)
end

respond["0102"] = function(self, body)
  local area, word, _, count = unpack(">BI2BI2", body)
  if is_bit(area) then return "" end
  for i = 0, count - 1 do self.memory[area << 16 | word + i] = unpack(">I2", body, 7 + 2 * i) end
  return ""
end

respond["0103"] = function(self, body)
  local area, word, _, count, value = unpack(">BI2BI2I2", body)
  for i = 0, count - 1 do self.memory[area << 16 | word + i] = value end
  return ""
end

respond["0104"] = function(self, body)
  local out = {}
  for at = 1, #body, 4 do
    local area, word, bit = unpack(">BI2B", body, at)
    out[#out + 1] = string.char(area) .. read(self, area, word, bit, 1)
  end
  return table.concat(out)
end

local function empty() return "" end
respond["0105"] = empty

respond["0201"] = function(_, body)
  local area, word, count = unpack(">I2I2I2", body)
  return pack(">I2I2I2", area, word, count | 0x8000) .. ("\0\1"):rep(count & 0x7fff)
end
respond["0202"], respond["0203"] = empty, empty

respond["0306"] = function(_, body)
  local program, word, count = unpack(">I2I4I2", body)
  return pack(">I2I4I2", program, word, count | 0x8000) .. ("\x41\x4c"):rep(count // 2)
end
respond["0307"] = function(_, body) return body:sub(1, 8) end
respond["0308"] = empty

respond["0401"] = function(self, body)
  self.mode = body:byte(3) or fins.MODE.monitor
  return ""
end
respond["0402"] = function(self)
  self.mode = fins.MODE.program
  return ""
end

-- Controller Data Read (5-3-13). Part 0: model and version in twenty characters each, forty bytes for the system,
-- then sizes: program area (K words), IOM (K bytes), DM (words), timers (K), EM banks, memory card kind and size.
-- Part 1: the CPU bus units, the number of SYSMAC BUS masters, the number of racks. Both parts when none is named.
respond["0501"] = function(self, body)
  local names = ("%-20s%-20s"):format(self.model, self.version) .. ("\0"):rep(40)
  local sizes = pack(">I2BI2BBI2BI2", 60, 23, 32768, 8, 3, 0, 4, 64)
  local units, part = "\x81\x00" .. ("\0"):rep(62) .. "\0\0\1", body:byte(1)
  return (part ~= 1 and names .. sizes or "") .. (part ~= 0 and units or "")
end

respond["0502"] = function(self, body)
  local unit, count = body:byte(1, 2)
  local out = {}
  for i = 0, count - 1 do out[#out + 1] = pack("B", unit + i) .. ("%-20s"):format(self.model) end
  return pack("B", count) .. table.concat(out)
end

respond["0601"] = function(self)
  return pack(">BBI2I2I2I2", self.mode == fins.MODE.program and 0 or 1, self.mode, 0, 0, 0, 0) .. (" "):rep(16)
end
respond["0620"] = function() return pack(">I4I4I4", 12, 31, 9) end
respond["0701"] = function(self) return self.clock or "\x24\x05\x13\x08\x00\x00\x01" end
respond["0702"] = function(self, body)
  self.clock = body
  return ""
end
respond["0920"] = function(_, body)
  local what = unpack(">I2", body)
  if what & 0x8000 == 0 then return "" end
  return body:sub(1, 2) .. ("%-32s"):format("HOPPER 2 EMPTY")
end
respond["0c01"], respond["0c02"], respond["0c03"] = empty, empty, empty
respond["2101"] = empty

-- An error record: two codes, then minute and second, day and hour, year and month in decimal.
local ERROR_RECORD <const> = "\x80\xf1\x00\x00\x12\x34\x13\x08\x24\x05"
respond["2102"] = function(_, body)
  local _, count = unpack(">I2I2", body)
  return pack(">I2I2I2", 20, 2, count) .. ERROR_RECORD:rep(count)
end
respond["2103"], respond["2141"] = empty, empty
respond["2140"] = function(_, body)
  local _, count = unpack(">I2I2", body)
  local record = "\x00\x0a\x00\x00\x01\x02\x12\x34\x13\x08\x24\x05"
  return pack(">I2I2I2", 20, count, count) .. record:rep(count)
end

local STAMP <const> = "\x58\xad\x40\x00" -- 2024-05-13 08:00:00 as MS-DOS packs it
respond["2201"] = function()
  return ("%-12s"):format("CARD") .. STAMP .. pack(">I4I4I2I2", 61440000, 60000000, 2, 0x8002)
    .. file_name("PROGRAM.OBJ") .. STAMP .. pack(">I4", 20480)
    .. file_name("PARAM.STD") .. STAMP .. pack(">I4", 4096)
end
respond["2202"] = function(_, body)
  local position, count = unpack(">I4I2", body, 15)
  return pack(">I4I4I2", 4096, position, count) .. ("\x55"):rep(count)
end
for _, code in ipairs { "2203", "2204", "2207", "2208", "2215", "2301", "2302" } do respond[code] = empty end
respond["2205"] = function() return pack(">I2", 1) end
for _, code in ipairs { "220a", "220b" } do respond[code] = function() return pack(">I2", 16) end end
respond["220c"] = function() return pack(">I4", 20480) end

-- The response to a command: its code, the end code, the data.
function controller:answer(bytes)
  local code = fins.code(bytes)
  local handler = respond[code]
  if not handler then return bytes:sub(1, 2) .. pack(">I2", fins.END.undefined_command) end
  return bytes:sub(1, 2) .. "\0\0" .. handler(self, bytes:sub(3))
end

-- Frames and conversations -------------------------------------------------------------------------------------------

-- The command code as four hexadecimal digits: how the truth names a command.
function fins.code(bytes) return ("%02x%02x"):format(bytes:byte(1, 2)) end

local RESPONSE <const>, NO_RESPONSE_WANTED <const> = 0x40, 0x01

-- ends: { dna, da1, da2, sna, sa1, sa2 }.
function fins.frame(icf, ends, service_id, bytes)
  return pack("BBBBBBBBBB", icf, 0, 2, ends[1], ends[2], ends[3], ends[4], ends[5], ends[6], service_id) .. bytes
end

-- FINS/TCP (W421, 7-4): length counts what follows it.
function fins.tcp_frame(tcp_command, body, error_code)
  return "FINS" .. pack(">I4I4I4", 8 + #body, tcp_command, error_code or 0) .. body
end

local link = {}
link.__index = link

local function node(host) return host.ip_bytes:byte(4) end

-- options: client, server, device (a controller); optional tcp, port, client_port (UDP, 9600), latency, and what
-- tcp.new takes. Over TCP it opens the connection and exchanges node addresses.
function fins.connect(w, options)
  local self = setmetatable({ world = w, options = options, device = options.device, service_id = 0,
    port = options.port or fins.PORT, latency = options.latency or 0.003,
    rng = w:chance_of("fins " .. options.client.name .. " " .. options.server.name) }, link)
  options.port = self.port
  arp.resolve(w, options.client, options.server)
  if options.tcp then
    self.tcp = tcp.new(w, options)
    if options.midstream then return self end
    self.tcp:open()
    self.tcp:send("client", fins.tcp_frame(0, pack(">I4", 0)))
    w:sleep(self.latency)
    self.tcp:send("server", fins.tcp_frame(1, pack(">I4I4", node(options.client), node(options.server))))
    w:sleep(0.001)
  end
  return self
end

function link:send(side, frame, fault)
  if self.tcp then return self.tcp:send(side, fins.tcp_frame(2, frame), fault) end
  local client, server = self.options.client, self.options.server
  local client_port = self.options.client_port or fins.PORT
  if side == "client" then return self.world:udp(client, client_port, server, self.port, frame, fault) end
  return self.world:udp(server, self.port, client, client_port, frame, fault)
end

function link:count(code, counts)
  self.world.truth:add("fins", { client = self.options.client.ip, server = self.options.server.ip, command = code,
    transport = self.tcp and "tcp" or "udp" }, counts)
end

-- One command and its response. options: end_code (answer with that code and no data), no_answer (and why),
-- no_response_wanted, latency, request_fault, response_fault, network (the far network number).
function link:ask(bytes, options)
  options = options or {}
  local w, client, server, code = self.world, node(self.options.client), node(self.options.server), fins.code(bytes)
  local network = options.network or 0
  self.service_id = (self.service_id + 1) & 0xff
  local service_id, icf = self.service_id, 0x80 | (options.no_response_wanted and NO_RESPONSE_WANTED or 0)
  arp.resolve(w, self.options.client, self.options.server)
  local asked_at = w:time()
  if self:send("client", fins.frame(icf, { network, server, 0, 0, client, 0 }, service_id, bytes),
    options.request_fault) then
    self:count(code, { commands = 1 })
  end
  local response = options.end_code and bytes:sub(1, 2) .. pack(">I2", options.end_code) or self.device:answer(bytes)
  if options.no_response_wanted then return nil end
  if options.no_answer then
    w.truth:note("unanswered", { protocol = "fins", time = asked_at, client = self.options.client.ip,
      server = self.options.server.ip, command = code, service_id = service_id, why = options.no_answer })
    return self:count(code, { unanswered = 1 })
  end
  w:sleep(options.latency or self.rng:about(self.latency, 0.3))
  if self:send("server", fins.frame(icf | RESPONSE, { 0, client, 0, network, server, 0 }, service_id, response),
    options.response_fault) then
    self:count(code, unpack(">I2", response, 3) == 0 and { responses = 1 } or { responses = 1, errors = 1 })
  end
  return response
end

function link:close(side) if self.tcp then self.tcp:close(side) end end

return fins
