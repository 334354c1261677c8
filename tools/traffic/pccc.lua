-- PCCC, the command set of PLC-5, SLC 500 and MicroLogix: from "DF1 Protocol and Command Set" (1770-6.5.16, chapter 7).
-- Commands, a controller that answers them, and the client/server frames that carried them over Ethernet before CIP.

local tcp = require "tcp"
local arp = require "arp"

local pccc = {}
local pack, unpack = string.pack, string.unpack

pccc.LEGACY_PORT = 2222

-- SLC file types (chapter 13).
pccc.FILE = { output = 0x8b, input = 0x8c, status = 0x84, bit = 0x85, timer = 0x86, counter = 0x87, control = 0x88,
  integer = 0x89, float = 0x8a, string = 0x8d, ascii = 0x8e, long = 0x91, message = 0x92, pid = 0x93 }

-- A field of an SLC address: one byte, or 0xff and two.
local function field(value) return value < 255 and pack("B", value) or pack("<BI2", 0xff, value) end

local function slc(file, kind, element, sub)
  return field(file) .. pack("B", kind) .. field(element) .. (sub and field(sub) or "")
end

-- The PLC-5 logical binary address: a mask of the levels that follow, then the levels.
local function plc5(levels)
  local mask, out = 0, {}
  for level = 1, 4 do
    if levels[level] then
      mask = mask | 1 << (level - 1)
      out[#out + 1] = field(levels[level])
    end
  end
  return pack("B", mask) .. table.concat(out)
end

-- The commands by the words of the manual: command, function (or nil) and what makes the rest.
local COMMANDS <const> = {
  protected_write = { 0x00, nil, function(at, bytes) return pack("<I2", at) .. bytes end },
  unprotected_read = { 0x01, nil, function(at, size) return pack("<I2B", at, size) end },
  protected_bit_write = { 0x02, nil, function(at, set, reset) return pack("<I2BB", at, set, reset) end },
  unprotected_bit_write = { 0x05, nil, function(at, set, reset) return pack("<I2BB", at, set, reset) end },
  unprotected_write = { 0x08, nil, function(at, bytes) return pack("<I2", at) .. bytes end },
  echo = { 0x06, 0x00, function(bytes) return bytes end },
  set_variables = { 0x06, 0x02, function(a, b, c) return pack("BBB", a, b, c) end },
  diagnostic_status = { 0x06, 0x03 },
  set_timeout = { 0x06, 0x04, function(cycles) return pack("B", cycles) end },
  set_naks = { 0x06, 0x05, function(n) return pack("B", n) end },
  set_enqs = { 0x06, 0x06, function(n) return pack("B", n) end },
  reset_counters = { 0x06, 0x07 },
  word_range_write = { 0x0f, 0x00, function(levels, offset, total, bytes)
    return pack("<I2I2", offset, total) .. plc5(levels) .. bytes
  end },
  word_range_read = { 0x0f, 0x01, function(levels, offset, total, size)
    return pack("<I2I2", offset, total) .. plc5(levels) .. pack("B", size)
  end },
  bit_write = { 0x0f, 0x02, function(levels, set, reset) return plc5(levels) .. pack("<I2I2", set, reset) end },
  shutdown = { 0x0f, 0x07 },
  restart = { 0x0f, 0x0a },
  get_edit_resource = { 0x0f, 0x11 },
  return_edit_resource = { 0x0f, 0x12 },
  read_bytes_physical = { 0x0f, 0x17, function(at, size) return pack("<I4B", at, size) end },
  write_bytes_physical = { 0x0f, 0x18, function(at, bytes) return pack("<I4", at) .. bytes end },
  read_modify_write = { 0x0f, 0x26, function(levels, and_mask, or_mask)
    return plc5(levels) .. pack("<I2I2", and_mask, or_mask)
  end },
  set_cpu_mode = { 0x0f, 0x3a, function(mode) return pack("B", mode) end },
  disable_forces = { 0x0f, 0x41 },
  download_all = { 0x0f, 0x50, function() return pack("<BI2I2", 1, 0, 4096) end },
  download_complete = { 0x0f, 0x52 },
  upload_all = { 0x0f, 0x53, function() return pack("<BI2I2", 1, 0, 4096) end },
  upload_complete = { 0x0f, 0x55 },
  initialize_memory = { 0x0f, 0x57 },
  typed_write = { 0x0f, 0x67, function(levels, offset, total, bytes)
    return pack("<I2I2", offset, total) .. plc5(levels) .. bytes
  end },
  typed_read = { 0x0f, 0x68, function(levels, offset, total, size)
    return pack("<I2I2", offset, total) .. plc5(levels) .. pack("<I2", size)
  end },
  change_mode = { 0x0f, 0x80, function(mode) return pack("B", mode) end },
  open_file = { 0x0f, 0x81, function(access, file, kind) return pack("<BI2B", access, file, kind) end },
  close_file = { 0x0f, 0x82, function(tag) return pack("<I2", tag) end },
  -- Commands as pccc.inner() gives them.
  execute_multiple = { 0x0f, 0x88, function(list)
    local out = { pack("B", #list) }
    for _, one in ipairs(list) do out[#out + 1] = pack("s1", one) end
    return table.concat(out)
  end },
  clear_memory = { 0x0f, 0x57 },
  read_2 = { 0x0f, 0xa1, function(size, file, kind, element) return pack("B", size) .. slc(file, kind, element) end },
  read_3 = { 0x0f, 0xa2, function(size, file, kind, element, sub)
    return pack("B", size) .. slc(file, kind, element, sub or 0)
  end },
  read_file = { 0x0f, 0xa7, function(size, tag, offset, kind) return pack("<BI2I2B", size, tag, offset, kind) end },
  write_2 = { 0x0f, 0xa9, function(file, kind, element, bytes)
    return pack("B", #bytes) .. slc(file, kind, element) .. bytes
  end },
  write_3 = { 0x0f, 0xaa, function(file, kind, element, sub, bytes)
    return pack("B", #bytes) .. slc(file, kind, element, sub) .. bytes
  end },
  write_masked = { 0x0f, 0xab, function(file, kind, element, sub, mask, bytes)
    return pack("B", #bytes) .. slc(file, kind, element, sub) .. pack("<I2", mask) .. bytes
  end },
  write_file = { 0x0f, 0xaf, function(tag, offset, kind, bytes)
    return pack("<BI2I2B", #bytes, tag, offset, kind) .. bytes
  end },
}

-- The command NAME with transaction number TNS.
function pccc.command(name, tns, ...)
  local command, func, rest = table.unpack(COMMANDS[name], 1, 3)
  return pack("<BBI2", command, 0, tns) .. (func and pack("B", func) or "") .. (rest and rest(...) or "")
end

-- The same without command, status and transaction: as it stands inside of execute_multiple.
function pccc.inner(name, ...) return pccc.command(name, 0, ...):sub(5) end

-- Command, function and transaction number of a command.
function pccc.head(bytes)
  local command, _, tns = unpack("<BBI2", bytes)
  local with_function = command & 0x0f == 0x0f or command & 0x0f == 0x06 or command & 0x0f == 0x07
  return command, with_function and bytes:byte(5) or nil, tns
end

-- Each command once, or more where it differs, in an order that a programming tool could use.
local FILE <const> = pccc.FILE
pccc.EVERY = {
  { "diagnostic_status" }, { "echo", "are you there" }, { "set_variables", 3, 3, 3 }, { "set_timeout", 5 },
  { "set_naks", 3 }, { "set_enqs", 3 }, { "reset_counters" },
  { "protected_write", 10, "\1\0" }, { "unprotected_read", 10, 4 }, { "protected_bit_write", 3, 1, 2 },
  { "unprotected_bit_write", 3, 1, 2 }, { "unprotected_write", 10, "\1\0" },
  { "read_3", 10, 7, FILE.integer, 0 }, { "read_3", 2, 4, FILE.timer, 3, 2 }, { "read_3", 4, 8, FILE.float, 1 },
  { "read_3", 84, 10, FILE.string, 2 }, { "read_3", 2, 3, FILE.bit, 5 }, { "read_3", 2, 2, FILE.status, 1 },
  { "read_3", 2, 300, FILE.integer, 1000 }, { "read_2", 2, 7, FILE.integer, 9 }, { "read_3", 4, 11, FILE.long, 0 },
  { "write_3", 7, FILE.integer, 0, 0, "\42\0" }, { "write_2", 7, FILE.integer, 1, "\43\0" },
  { "write_masked", 3, FILE.bit, 0, 0, 4, "\4\0" },
  { "word_range_read", { 0, 7, 10 }, 0, 4, 8 }, { "word_range_write", { 0, 7, 10 }, 0, 1, "\1\0" },
  { "typed_read", { 0, 7, 10 }, 0, 4, 4 }, { "typed_write", { 0, 7, 10 }, 0, 1, "\x42\x02\1\0" },
  { "bit_write", { 0, 3, 1 }, 1, 2 }, { "read_modify_write", { 0, 3, 1 }, 0xfffe, 1 },
  { "read_bytes_physical", 0x4000, 8 }, { "write_bytes_physical", 0x4000, "\1\2" },
  { "get_edit_resource" }, { "upload_all" }, { "open_file", 1, 2, 0x22 }, { "read_file", 40, 7, 0, 0x22 },
  { "close_file", 7 }, { "upload_complete" },
  { "change_mode", 1 }, { "download_all" }, { "open_file", 3, 2, 0x22 }, { "write_file", 7, 0, 0x22, ("\x11"):rep(40) },
  { "close_file", 7 }, { "download_complete" }, { "return_edit_resource" }, { "change_mode", 6 }, { "set_cpu_mode", 2 },
  { "disable_forces" }, { "initialize_memory" }, { "restart" }, { "shutdown" },
}

-- Counts a command by its codes, and its reply. LEGACY: it did not come in CIP.
function pccc.count(w, client, server, command, reply, of_legacy)
  local code, func = pccc.head(command)
  w.truth:add("pccc", { client = client.ip, server = server.ip, command = ("0x%02x"):format(code),
    func = func and ("0x%02x"):format(func) or "-", legacy = of_legacy },
    { commands = 1, replies = reply and 1 or 0, errors = reply and reply:byte(2) ~= 0 and 1 or 0 })
end

local device = {}
device.__index = device

-- spec: catalog (the bulletin number and name that diagnostic status tells), processor (its type codes).
function pccc.device(spec) return setmetatable({ spec = spec }, device) end

local function read_size(self, func, bytes)
  if func == 0xa1 or func == 0xa2 or func == 0xa7 then return bytes:byte(6) end
  if func == 0x01 then return bytes:byte(-1) end
  if func == 0x68 then return unpack("<I2", bytes, #bytes - 1) * 2 end
  if func == 0x17 then return bytes:byte(-1) end
  if func == 0x81 then return 2, pack("<I2", 7) end
  return 0, self.nothing
end

-- DIAGNOSTIC STATUS of a MicroLogix/SLC (table 10.C): mode and status, type extender, extended interface type, extended
-- processor type, series and revision, the bulletin number, then words about the program.
local function diagnostic(self)
  local spec = self.spec
  return pack("<BBBBBc11I2BBI2", 0, 0xee, spec.interface, spec.processor, spec.revision,
    ("%-11s"):format(spec.catalog), 0, 0x26, 0, 0x5a00) .. "\x21\xfc\x00\x00"
end

-- options: sts and ext (an error). The answer repeats the transaction number.
function device:answer(bytes, options)
  local command, func, tns = pccc.head(bytes)
  options = options or self.refuse and self.refuse(command, func, bytes) or {}
  local head = pack("<BBI2", command | 0x40, options.ext and 0xf0 or options.sts or 0, tns)
  if options.ext then return head .. pack("B", options.ext) end
  if options.sts then return head end
  if command == 0x06 and func == 0x03 then return head .. diagnostic(self) end
  if command == 0x06 and func == 0x00 then return head .. bytes:sub(6) end
  if command == 0x01 then return head .. ("\x5a"):rep(bytes:byte(7)) end
  if command ~= 0x0f then return head end
  local size, data = read_size(self, func, bytes)
  if func == 0x68 then data = pack("BB", 0x42, 0x42) .. ("\x2a\0"):rep(size // 2) end
  return head .. (data or ("\x2a\0"):rep(size // 2 + 1):sub(1, size))
end

-- Before CIP: a header of 28 bytes in network order, then the addresses of the link layer and the command.
local function legacy(mode, kind, connection, body, custom)
  return pack(">BBI2I4I4", mode, kind, #body, connection, 0) .. (custom or ("\0"):rep(16)) .. body
end

function pccc.legacy_connect() return legacy(1, 1, 0, "", "\0\4\0\5" .. ("\0"):rep(12)) end
function pccc.legacy_connected(connection) return legacy(2, 1, connection, "", "\0\4\0\5" .. ("\0"):rep(12)) end
function pccc.legacy_command(connection, command) return legacy(1, 7, connection, "\0\5\0\0" .. command) end
function pccc.legacy_reply(connection, reply) return legacy(2, 7, connection, "\0\5\0\0" .. reply) end

local legacy_link = {}
legacy_link.__index = legacy_link

-- options: client, server, device, and what tcp.new takes.
function pccc.connect(w, options)
  options.port = options.port or pccc.LEGACY_PORT
  arp.resolve(w, options.client, options.server)
  local self = setmetatable({ world = w, options = options, device = options.device, tns = 0x2000,
    connection = 0x01020304, tcp = tcp.new(w, options) }, legacy_link)
  if options.midstream then return self end
  self.tcp:open()
  self.tcp:send("client", pccc.legacy_connect())
  w:sleep(0.002)
  self.tcp:send("server", pccc.legacy_connected(self.connection))
  w:sleep(0.001)
  return self
end

-- A command and its answer. options: those of device:answer, silent, request_fault, response_fault.
function legacy_link:ask(list, options)
  options = options or {}
  self.tns = self.tns + 1
  local bytes = pccc.command(list[1], self.tns, table.unpack(list, 2))
  local reply = self.device:answer(bytes, (options.sts or options.ext) and options)
  self.tcp:send("client", pccc.legacy_command(self.connection, bytes), options.request_fault)
  pccc.count(self.world, self.options.client, self.options.server, bytes, not options.silent and reply, true)
  if options.silent then return end
  self.world:sleep(0.002)
  self.tcp:send("server", pccc.legacy_reply(self.connection, reply), options.response_fault)
end

function legacy_link:pipeline(lists)
  local requests, replies = {}, {}
  for i, list in ipairs(lists) do
    self.tns = self.tns + 1
    local bytes = pccc.command(list[1], self.tns, table.unpack(list, 2))
    local reply = self.device:answer(bytes)
    requests[i] = pccc.legacy_command(self.connection, bytes)
    replies[i] = pccc.legacy_reply(self.connection, reply)
    pccc.count(self.world, self.options.client, self.options.server, bytes, reply, true)
  end
  self.tcp:send("client", table.concat(requests))
  self.world:sleep(0.002)
  self.tcp:send("server", table.concat(replies))
end

return pccc
