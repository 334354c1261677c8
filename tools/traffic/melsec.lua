-- MELSEC communication protocol and SLMP, from SH-080008 and SH-080956: requests and answers of the frames 1E, 3E and
-- 4E in binary and ASCII, a controller that answers the common ones, and conversations counted in the truth.

local tcp = require "tcp"
local arp = require "arp"

local melsec = {}
local pack = string.pack

melsec.PORT = 5007

-- Device codes (SH-080956 5.2): binary code, letters in ASCII, numbered in hexadecimal.
local DEVICE <const> = { D = { 0xa8, "D*" }, M = { 0x90, "M*" }, X = { 0x9c, "X*", true }, Y = { 0x9d, "Y*", true },
  W = { 0xb4, "W*", true }, B = { 0xa0, "B*", true }, R = { 0xaf, "R*" }, ZR = { 0xb0, "ZR", true },
  TN = { 0xc2, "TN" }, SM = { 0x91, "SM" }, SD = { 0xa9, "SD" } }

-- A codec writes numbers, devices and text as a frame's format wants them.
local binary, ascii = {}, {}
melsec.binary, melsec.ascii = binary, ascii

function binary.number(value, bytes) return pack("<I" .. bytes, value) end
function ascii.number(value, bytes) return ("%0" .. 2 * bytes .. "X"):format(value) end
function binary.device(name, number) return pack("<I3B", number, DEVICE[name][1]) end
function ascii.device(name, number)
  return DEVICE[name][2] .. (DEVICE[name][3] and "%06X" or "%06d"):format(number)
end
function binary.bits(values)
  local out = {}
  for i = 1, #values, 2 do out[#out + 1] = string.char(values[i] << 4 | (values[i + 1] or 0)) end
  return table.concat(out)
end
function ascii.bits(values) return table.concat(values) end

local function words(codec, values)
  local out = {}
  for i, value in ipairs(values) do out[i] = codec.number(value, 2) end
  return table.concat(out)
end

local function wide(codec, text)
  local out = { codec.number(#text, 2) }
  for i = 1, #text do out[i + 1] = codec.number(text:byte(i), 2) end
  return table.concat(out)
end

-- Commands of 3E and 4E: { code, subcommand, data(codec), answer(codec) } -------------------------------------------

local command = {}
melsec.command = command

local function none() return "" end

function command.read(device, number, count, bits)
  return { 0x0401, bits and 1 or 0, function(c) return c.device(device, number) .. c.number(count, 2) end, function(c)
    local values = {}
    for i = 1, count do values[i] = bits and i % 2 or number + i end
    return bits and c.bits(values) or words(c, values)
  end }
end
function command.write(device, number, values, bits)
  return { 0x1401, bits and 1 or 0, function(c)
    return c.device(device, number) .. c.number(#values, 2) .. (bits and c.bits(values) or words(c, values))
  end, none }
end
-- singles, doubles: lists of { device, number }
function command.read_random(singles, doubles, code)
  return { code or 0x0403, 0, function(c)
    local out = { c.number(#singles, 1), c.number(#doubles, 1) }
    for _, list in ipairs { singles, doubles } do
      for _, item in ipairs(list) do out[#out + 1] = c.device(item[1], item[2]) end
    end
    return table.concat(out)
  end, code == 0x0801 and none or function(c) return c.number(7, 2):rep(#singles) .. c.number(9, 4):rep(#doubles) end }
end
function command.monitor_entry(singles, doubles) return command.read_random(singles, doubles, 0x0801) end
function command.monitor(count) return { 0x0802, 0, none, function(c) return c.number(5, 2):rep(count) end } end
function command.write_random(list)
  return { 0x1402, 0, function(c)
    local out = { c.number(#list, 1), c.number(0, 1) }
    for _, item in ipairs(list) do out[#out + 1] = c.device(item[1], item[2]) .. c.number(item[3], 2) end
    return table.concat(out)
  end, none }
end
-- word_blocks, bit_blocks: lists of { device, number, count }
function command.blocks(word_blocks, bit_blocks, writes)
  local total = 0
  return { writes and 0x1406 or 0x0406, 0, function(c)
    local out = { c.number(#word_blocks, 1), c.number(#bit_blocks, 1) }
    total = 0
    for _, list in ipairs { word_blocks, bit_blocks } do
      for _, b in ipairs(list) do
        total = total + b[3]
        out[#out + 1] = c.device(b[1], b[2]) .. c.number(b[3], 2) .. (writes and c.number(1, 2):rep(b[3]) or "")
      end
    end
    return table.concat(out)
  end, function(c) return writes and "" or c.number(3, 2):rep(total) end }
end
function command.labels(names)
  return { 0x041c, 0, function(c)
    local out = { c.number(#names, 2), c.number(0, 2) }
    for _, name in ipairs(names) do out[#out + 1] = wide(c, name) end
    return table.concat(out)
  end, function(c)
    local value = c.number(2, 1) .. c.number(0, 1) .. c.number(2, 2) .. c.number(4, 2)
    return c.number(#names, 2) .. value:rep(#names)
  end }
end
function command.label_write(name, value)
  return { 0x141b, 0, function(c)
    return c.number(1, 2) .. c.number(0, 2) .. wide(c, name) .. c.number(2, 2) .. c.number(value, 2)
  end, none }
end
function command.remote(code, mode, clear)
  return { code, 0, function(c)
    return c.number(mode, 2) .. (clear and c.number(clear, 1) .. c.number(0, 1) or "")
  end, none }
end
function command.type_name(model, code)
  return { 0x0101, 0, none, function(c) return ("%-16s"):format(model) .. c.number(code, 2) end }
end
function command.password(code, word) return { code, 0, function(c) return c.number(#word, 2) .. word end, none } end
function command.memory_read(address, count)
  return { 0x0613, 0, function(c) return c.number(address, 4) .. c.number(count, 2) end,
    function(c) return c.number(1, 2):rep(count) end }
end
function command.memory_write(address, values)
  return { 0x1613, 0, function(c) return c.number(address, 4) .. c.number(#values, 2) .. words(c, values) end, none }
end
function command.self_test(text)
  local function echo(c) return c.number(#text, 2) .. text end
  return { 0x0619, 0, echo, echo }
end
function command.clear_error() return { 0x1617, 0, none, none } end
function command.open(name, writes)
  return { 0x1827, 0, function(c)
    return "0000" .. c.number(writes and 0x100 or 0, 2) .. c.number(4, 2) .. c.number(#name, 2) .. name
  end, function(c) return c.number(1, 2) end }
end
function command.file_read(offset, count)
  return { 0x1828, 0, function(c) return c.number(1, 2) .. c.number(offset, 4) .. c.number(count, 2) end,
    function(c) return c.number(count, 2) .. ("P"):rep(count) end }
end
function command.file_write(offset, text)
  return { 0x1829, 0, function(c) return c.number(1, 2) .. c.number(offset, 4) .. c.number(#text, 2) .. text end,
    function(c) return c.number(#text, 2) end }
end
function command.close() return { 0x182a, 0, function(c) return c.number(1, 2) .. c.number(0, 2) end, none } end
function command.delete(name)
  return { 0x1822, 0, function(c) return "0000" .. c.number(4, 2) .. c.number(#name, 2) .. name end, none }
end
function command.unknown() return { 0x7777, 0, none, none } end

-- Frames ------------------------------------------------------------------------------------------------------------

-- route: network, station. head: the request's or response's first number (timer or end code).
local function frame(c, response, serial, route, head, rest)
  local subheader = (response and 0xd000 or 0x5000) | (serial and 0x0400 or 0)
  local first = c == ascii and ("%04X"):format(subheader) or pack(">I2", subheader)
  local body = c.number(head, 2) .. rest
  return first .. (serial and c.number(serial, 2) .. c.number(0, 2) or "")
    .. c.number(route[1], 1) .. c.number(route[2], 1) .. c.number(0x3ff, 2) .. c.number(0, 1)
    .. c.number(#body, 2) .. body
end

local link = {}
link.__index = link

-- options: client, server; codec (binary), serial (true: 4E), udp, port, network, station, and what tcp.new takes.
function melsec.connect(w, options)
  local self = setmetatable({ world = w, options = options, codec = options.codec or binary,
    serial = options.serial and 0, port = options.port or melsec.PORT,
    route = { options.network or 0, options.station or 0xff },
    rng = w:chance_of("melsec " .. options.client.name .. " " .. options.server.name) }, link)
  options.port = self.port
  arp.resolve(w, options.client, options.server)
  if not options.udp then
    self.tcp = tcp.new(w, options)
    if not options.midstream then self.tcp:open() end
  end
  return self
end

function link:send(side, bytes, fault)
  if self.tcp then return self.tcp:send(side, bytes, fault) end
  local client, server, port = self.options.client, self.options.server, self.options.client_port or 50001
  if side == "client" then return self.world:udp(client, port, server, self.port, bytes, fault) end
  return self.world:udp(server, self.port, client, port, bytes, fault)
end

function link:count(code, counts)
  self.world.truth:add("melsec", { client = self.options.client.ip, server = self.options.server.ip,
    command = ("%04x"):format(code), transport = self.tcp and "tcp" or "udp" }, counts)
end

function link:request(cmd)
  local c = self.codec
  return frame(c, false, self.serial, self.route, 16, c.number(cmd[1], 2) .. c.number(cmd[2], 2) .. cmd[3](c))
end

function link:response(cmd, end_code)
  local c = self.codec
  local rest = end_code and c.number(self.route[1], 1) .. c.number(self.route[2], 1) .. c.number(0x3ff, 2)
    .. c.number(0, 1) .. c.number(cmd[1], 2) .. c.number(cmd[2], 2) or cmd[4](c)
  return frame(c, true, self.serial, self.route, end_code or 0, rest)
end

-- One command and its answer. options: end_code, no_answer, request_fault, response_fault.
function link:ask(cmd, options)
  options = options or {}
  if self.serial then self.serial = self.serial + 1 & 0xffff end
  if self:send("client", self:request(cmd), options.request_fault) then self:count(cmd[1], { requests = 1 }) end
  if options.no_answer then return self:count(cmd[1], { unanswered = 1 }) end
  self.world:sleep(self.rng:about(0.004, 0.3))
  if self:send("server", self:response(cmd, options.end_code), options.response_fault) then
    self:count(cmd[1], options.end_code and { responses = 1, errors = 1 } or { responses = 1 })
  end
end

function link:close() if self.tcp then self.tcp:close("client") end end

-- Frame 1E (SH-080008 18): one byte of command; the answer repeats it with the top bit and tells no length. ---

function melsec.device_1e(letters, number) return pack("<I4", number) .. letters:reverse() end

-- data, answer: bytes of the binary format.
function link:ask_1e(code, data, answer, end_code)
  if self:send("client", pack("<BBI2", code, 0xff, 10) .. data) then self:count(code, { requests = 1 }) end
  self.world:sleep(self.rng:about(0.004, 0.3))
  local bytes = pack("BB", code | 0x80, end_code or 0) .. (end_code == 0x5b and "\x10\0" or end_code and "" or answer)
  if self:send("server", bytes) then
    self:count(code, end_code and { responses = 1, errors = 1 } or { responses = 1 })
  end
end

-- Node search and address setting (SH-080956 5.9), on the port of CC-Link IE Field Basic. Addresses are little endian. ---

melsec.NODE_PORT = 61451

function melsec.node_search(w, client, nodes)
  local me = client.mac_bytes:reverse() .. "\4" .. client.ip_bytes:reverse()
  local function slmp(response, rest) return frame(binary, response, 1, { 0, 0xff }, 0, rest) end
  local everybody = { name = "everybody", ip = "255.255.255.255", ip_bytes = ("\255"):rep(4),
    mac_bytes = ("\255"):rep(6), os = client.os }
  w:udp(client, melsec.NODE_PORT, everybody, melsec.NODE_PORT, slmp(false, pack("<I2I2", 0x0e30, 0) .. me))
  for _, node in ipairs(nodes) do
    w:sleep(0.01)
    w:udp(node, melsec.NODE_PORT, client, melsec.NODE_PORT, slmp(true, me .. node.mac_bytes:reverse()
      .. "\4" .. node.ip_bytes:reverse() .. "\0\255\255\255" .. ("\255"):rep(4) .. pack("B", #node.name) .. node.name
      .. pack("<I2I4I2", 0x1234, 0x00001001, 2) .. "\4" .. ("\255"):rep(4) .. pack("<I2I2I2B", 0xffff, 0, 61451, 1)))
  end
end

function melsec.set_address(w, client, node, ip_bytes)
  local me = client.mac_bytes:reverse() .. "\4" .. client.ip_bytes:reverse()
  w:udp(client, melsec.NODE_PORT, node, melsec.NODE_PORT, frame(binary, false, 2, { 0, 0xff }, 0,
    pack("<I2I2", 0x0e31, 0) .. me .. node.mac_bytes:reverse() .. "\4" .. ip_bytes:reverse() .. "\0\255\255\255"
    .. ("\255"):rep(4) .. "\0\4" .. ("\255"):rep(4) .. "\255\255\1"))
  w:sleep(0.01)
  w:udp(node, melsec.NODE_PORT, client, melsec.NODE_PORT,
    frame(binary, true, 2, { 0, 0xff }, 0, client.mac_bytes:reverse()))
end

return melsec
