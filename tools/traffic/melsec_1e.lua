-- A compatible 1E frames of the MELSEC communication protocol: their requests and responses, for melsec.connect to carry.
-- From the MELSEC Communication Protocol Reference Manual, "Communicating using 1E frames", and the FX3U-ENET manual, 9.

local code = require "melsec_code"

local e1 = {}
local command = {}
e1.command = command

-- A subheader is command and response in one: the response's has the high bit. The truth calls it command.
local function plain(number, name, body, answer)
  return { command = number, subcommand = 0, name = name, body = body, answer = answer or function() end, told = {} }
end

-- 256 points are said as 0; a fixed 0 follows.
local function points(w, n) return w:number(n & 0xff, 1):number(0, 1) end

local function access(number, name, texts, unit)
  local request = plain(number, name)
  request.devices = {}
  for i, text in ipairs(texts) do request.devices[i] = { code.device(text[1] or text), text[2] or 1, unit = unit } end
  return request
end

-- options: bit.
function command.read(device, n, options)
  local bit = options and options.bit
  local request = access(bit and 0x00 or 0x01, "read", { { device, n } })
  local head = request.devices[1][1]
  function request.body(w) points(w:device_1e(head), n) end
  function request.answer(w, plc)
    request.values = bit and plc:bits(head, n) or plc:words(head, n)
    if bit then w:bits(request.values, true) else w:words(request.values) end
  end
  return request
end

function command.write(device, values, options)
  local bit = options and options.bit
  local request = access(bit and 0x02 or 0x03, "write", { { device, #values } })
  local head = request.devices[1][1]
  request.values = values
  function request.body(w)
    points(w:device_1e(head), #values)
    if bit then w:bits(values, true) else w:words(values) end
  end
  function request.answer(_, plc)
    if bit then plc:set_bits(head, values) else plc:set_words(head, values) end
  end
  return request
end

-- LIST: { device text, value } each.
function command.test(list, options)
  local bit = options and options.bit
  local texts, values = {}, {}
  for i, item in ipairs(list) do texts[i], values[i] = item[1], item[2] end
  local request = access(bit and 0x04 or 0x05, "test", texts, bit and "bit" or "word")
  request.values = values
  function request.body(w)
    points(w, #list)
    for i, d in ipairs(request.devices) do w:device_1e(d[1]):number(values[i], bit and 1 or 2) end
  end
  function request.answer(_, plc)
    for i, d in ipairs(request.devices) do
      if bit then plc:set_bits(d[1], { values[i] }) else plc:set_words(d[1], { values[i] }) end
    end
  end
  return request
end

local function scope(request, bit) return request.scope .. (bit and " bits" or " words") end

function command.monitor_register(texts, options)
  local bit = options and options.bit
  local request = access(bit and 0x06 or 0x07, "monitor_register", texts, bit and "bit" or "word")
  function request.body(w)
    points(w, #texts)
    for _, d in ipairs(request.devices) do w:device_1e(d[1]) end
  end
  function request.answer(_, plc) plc.monitored[scope(request, bit)] = request.devices end
  return request
end

function command.monitor(options)
  local bit = options and options.bit
  local request = plain(bit and 0x08 or 0x09, "monitor", function() end)
  function request.answer(w, plc)
    request.values = {}
    for i, d in ipairs(plc.monitored[scope(request, bit)]) do
      request.values[i] = (bit and plc:bits(d[1], 1) or plc:words(d[1], 1))[1]
    end
    if bit then w:bits(request.values, true) else w:words(request.values) end
  end
  return request
end

-- Buffer memory of a special function module, in bytes.
function command.read_buffer(address, bytes, module)
  local request = plain(0x0e, "read_buffer",
    function(w) w:number(address, 3):number(bytes & 0xff, 1):number(module, 1):number(0, 1) end,
    function(w) w:octets(("\x09\x18"):rep(bytes // 2)) end)
  request.told = { address = address, points = bytes, unit = module }
  return request
end

function command.write_buffer(address, data, module)
  local request = plain(0x0f, "write_buffer",
    function(w) w:number(address, 3):number(#data & 0xff, 1):number(module, 1):number(0, 1):octets(data) end)
  request.told = { address = address, points = #data, unit = module }
  return request
end

-- Extension file registers: of a block, and directly by number.
function command.read_file_register(device, n, block)
  local request = command.read(device, n)
  request.command, request.name = 0x17, "read_file_register"
  function request.body(w) points(w:device_1e(request.devices[1][1]):number(block, 2), n) end
  return request
end

function command.write_file_register(device, values, block)
  local request = command.write(device, values)
  request.command, request.name = 0x18, "write_file_register"
  function request.body(w) points(w:device_1e(request.devices[1][1]):number(block, 2), #values):words(values) end
  return request
end

function command.read_file_register_directly(device, n)
  local request = command.read(device, n)
  request.command, request.name = 0x3b, "read_file_register_directly"
  return request
end

function command.write_file_register_directly(device, values)
  local request = command.write(device, values)
  request.command, request.name = 0x3c, "write_file_register_directly"
  return request
end

function command.remote_run() return plain(0x13, "remote_run", function() end) end
function command.remote_stop() return plain(0x14, "remote_stop", function() end) end

-- F3 is an FX3U; a 0 follows the code.
function command.read_model()
  return plain(0x15, "read_model", function() end, function(w) w:number(0xf3, 1):number(0, 1) end)
end

function command.loopback(data)
  local function echo(w) w:number(#data, 1):octets(data) end
  return plain(0x16, "loopback", echo, echo)
end

-- The frame, as melsec.connect wants it -----------------------------------------------------------------------------------

function e1.request(options, request)
  local w = code.writer(options.ascii)
  w:number(request.command, 1):number(options.to and options.to.station or 0xff, 1):number(options.timer or 0x0a, 2)
  request.body(w)
  return w:done()
end

-- END_CODE: the complete code; an abnormal code follows 5B.
local ABNORMAL <const> = 0x12
function e1.response(options, request, plc, end_code)
  local w = code.writer(options.ascii)
  w:number(request.command | 0x80, 1):number(end_code or 0, 1)
  if not end_code then request.answer(w, plc) end
  if end_code == 0x5b then w:number(ABNORMAL, 1):number(0, 1) end
  return w:done()
end

function e1.told(request)
  local row = require("melsec").told(request)
  row.command, row.subcommand = ("%02x"):format(request.command), nil
  return row
end

return e1
