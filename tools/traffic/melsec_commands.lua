-- The requests of the MELSEC communication protocol in frames 3E and 4E, and how a controller answers them: device access,
-- labels, buffer memory, control of the module; files, drives and discovery are melsec_files'. From the MELSEC Communication
-- Protocol Reference Manual (SH-080008), chapters 8 to 11.

local code = require "melsec_code"

-- A request: command, subcommand; body(writer) and answer(writer, controller) write what follows the subcommand and the
-- end code; devices { device, points } and what else the truth says of it.
local command = {}

local function plain(number, subcommand, name, body, answer)
  return { command = number, subcommand = subcommand, name = name, body = body, answer = answer, told = {} }
end

-- Device access --------------------------------------------------------------------------------------------------------

local function any_extended(devices)
  for _, d in ipairs(devices) do if d[1].extended then return true end end
  return false
end

-- DEVICES: { device text, points, unit }. options: bit, long (for MELSEC iQ-R).
local function access(number, name, devices, options, values)
  local request = plain(number, (options.bit and 1 or 0) + (options.long and 2 or 0), name)
  request.devices, request.long, request.values = {}, options.long, values
  for i, d in ipairs(devices) do request.devices[i] = { code.device(d[1]), d[2], unit = d.unit } end
  request.extended = any_extended(request.devices)
  if request.extended then request.subcommand = request.subcommand + 0x80 end
  return request
end

local function put_device(w, request, device) return w:device(device, request.long, request.extended) end

-- options: bit, long.
function command.read(device, points, options)
  options = options or {}
  local request = access(0x0401, "read", { { device, points } }, options)
  local head = request.devices[1][1]
  function request.body(w) put_device(w, request, head):number(points, 2) end
  function request.answer(w, plc)
    request.values = options.bit and plc:bits(head, points) or plc:words(head, points)
    if options.bit then w:bits(request.values) else w:words(request.values) end
  end
  return request
end

function command.write(device, values, options)
  options = options or {}
  local request = access(0x1401, "write", { { device, #values } }, options, values)
  local head = request.devices[1][1]
  function request.body(w)
    put_device(w, request, head):number(#values, 2)
    if options.bit then w:bits(values) else w:words(values) end
  end
  function request.answer(_, plc)
    if options.bit then plc:set_bits(head, values) else plc:set_words(head, values) end
  end
  return request
end

-- Words and double words named one by one: lists of device texts.
local function named(number, name, words, doubles, options)
  local devices = {}
  for _, text in ipairs(words) do devices[#devices + 1] = { text, 1, unit = "word" } end
  for _, text in ipairs(doubles) do devices[#devices + 1] = { text, 1, unit = "dword" } end
  local request = access(number, name, devices, options or {})
  function request.body(w)
    w:number(#words, 1):number(#doubles, 1)
    for _, d in ipairs(request.devices) do put_device(w, request, d[1]) end
  end
  return request
end

local function read_named(w, plc, devices)
  local values = {}
  for i, d in ipairs(devices) do
    local double = d.unit == "dword"
    values[i] = double and plc:double_word(d[1]) or plc:words(d[1], 1)[1]
    w:number(values[i], double and 4 or 2)
  end
  return values
end

function command.read_random(words, doubles, options)
  local request = named(0x0403, "read_random", words, doubles, options)
  function request.answer(w, plc) request.values = read_named(w, plc, request.devices) end
  return request
end

function command.monitor_register(words, doubles, options)
  local request = named(0x0801, "monitor_register", words, doubles, options)
  function request.answer(_, plc) plc.monitored[request.scope] = request.devices end
  return request
end

-- What is monitored belongs to the asking side; the response alone does not say which devices it is of.
function command.monitor()
  local request = plain(0x0802, 0, "monitor")
  function request.body() end
  function request.answer(w, plc) request.values = read_named(w, plc, plc.monitored[request.scope]) end
  return request
end

-- WORDS and DOUBLES: lists of { device text, value }.
function command.write_random(words, doubles, options)
  local texts, pairs_of = { {}, {} }, { words, doubles }
  local values = {}
  for i, list in ipairs(pairs_of) do
    for _, item in ipairs(list) do
      texts[i][#texts[i] + 1] = item[1]
      values[#values + 1] = item[2]
    end
  end
  local request = named(0x1402, "write_random", texts[1], texts[2], options)
  request.values = values
  function request.body(w)
    w:number(#words, 1):number(#doubles, 1)
    for i, d in ipairs(request.devices) do
      put_device(w, request, d[1]):number(values[i], d.unit == "dword" and 4 or 2)
    end
  end
  function request.answer(_, plc)
    for i, d in ipairs(request.devices) do
      local value = values[i]
      plc:set_words(d[1], d.unit == "dword" and { value & 0xffff, value >> 16 } or { value })
    end
  end
  return request
end

-- BITS: list of { device text, 0 or 1 }.
function command.write_random_bits(bits, options)
  options = options or {}
  local devices, values = {}, {}
  for i, item in ipairs(bits) do devices[i], values[i] = { item[1], 1, unit = "bit" }, item[2] end
  local request = access(0x1402, "write_random_bits", devices, { bit = true, long = options.long }, values)
  function request.body(w)
    w:number(#bits, 1)
    for i, d in ipairs(request.devices) do put_device(w, request, d[1]):number(values[i], options.long and 2 or 1) end
  end
  function request.answer(_, plc)
    for i, d in ipairs(request.devices) do plc:set_bits(d[1], { values[i] }) end
  end
  return request
end

-- WORDS and BITS: lists of { device text, points }; a point of a bit block is sixteen bits.
function command.read_block(words, bits, options)
  local devices = {}
  for _, block in ipairs(words) do devices[#devices + 1] = { block[1], block[2], unit = "word" } end
  for _, block in ipairs(bits) do devices[#devices + 1] = { block[1], block[2], unit = "word" } end
  local request = access(0x0406, "read_block", devices, options or {})
  function request.body(w)
    w:number(#words, 1):number(#bits, 1)
    for _, d in ipairs(request.devices) do put_device(w, request, d[1]):number(d[2], 2) end
  end
  function request.answer(w, plc)
    request.values = {}
    for _, d in ipairs(request.devices) do
      local values = plc:words(d[1], d[2])
      w:words(values)
      table.move(values, 1, #values, #request.values + 1, request.values)
    end
  end
  return request
end

-- WORDS and BITS: lists of { device text, values }; each block's data follows the block.
function command.write_block(words, bits, options)
  local devices, data, values = {}, {}, {}
  for _, list in ipairs { words, bits } do
    for _, block in ipairs(list) do
      devices[#devices + 1] = { block[1], #block[2], unit = "word" }
      data[#data + 1] = block[2]
      table.move(block[2], 1, #block[2], #values + 1, values)
    end
  end
  local request = access(0x1406, "write_block", devices, options or {}, values)
  function request.body(w)
    w:number(#words, 1):number(#bits, 1)
    for i, d in ipairs(request.devices) do put_device(w, request, d[1]):number(d[2], 2):words(data[i]) end
  end
  function request.answer(_, plc)
    for i, d in ipairs(request.devices) do plc:set_words(d[1], data[i]) end
  end
  return request
end

-- Labels ---------------------------------------------------------------------------------------------------------------

local TYPE_WORD <const> = 2

local function labels_body(w, labels, abbreviations)
  w:number(#labels, 2):number(#(abbreviations or {}), 2)
  for _, name in ipairs(abbreviations or {}) do w:utf16(name) end
end

local function names_of(labels)
  local names = {}
  for i, label in ipairs(labels) do names[i] = label.name end
  return names
end

-- LABELS: { name, bytes } or { name, bits } each. Data of bits come in 16-bit units.
local function array_length(label) return label.bits and label.bits or label.bytes end
local function array_words(label) return label.bits and (label.bits + 15) // 16 or label.bytes // 2 end

function command.read_label_array(labels, abbreviations)
  local request = plain(0x041a, 0, "read_label_array")
  request.told = { labels = names_of(labels) }
  function request.body(w)
    labels_body(w, labels, abbreviations)
    for _, label in ipairs(labels) do
      w:utf16(label.name):number(label.bits and 0 or 1, 1):number(0, 1):number(array_length(label), 2)
    end
  end
  function request.answer(w)
    w:number(#labels, 2)
    for i, label in ipairs(labels) do
      w:number(label.bits and 1 or TYPE_WORD, 1):number(label.bits and 0 or 1, 1):number(array_length(label), 2)
      for k = 1, array_words(label) do w:number(label.bits and 2 or i * 100 + k, 2) end
    end
  end
  return request
end

-- LABELS: { name, words } each.
function command.write_label_array(labels)
  local request = plain(0x141a, 0, "write_label_array")
  request.told = { labels = names_of(labels) }
  function request.body(w)
    labels_body(w, labels)
    for _, label in ipairs(labels) do
      w:utf16(label.name):number(1, 1):number(0, 1):number(2 * #label.words, 2):words(label.words)
    end
  end
  function request.answer() end
  return request
end

function command.read_labels(names, abbreviations)
  local request = plain(0x041c, 0, "read_labels")
  request.told = { labels = names }
  function request.body(w)
    labels_body(w, names, abbreviations)
    for _, name in ipairs(names) do w:utf16(name) end
  end
  function request.answer(w)
    w:number(#names, 2)
    for i in ipairs(names) do w:number(TYPE_WORD, 1):number(0, 1):number(2, 2):number(0x30 + i, 2) end
  end
  return request
end

-- LABELS: { name, words } each.
function command.write_labels(labels, abbreviations)
  local request = plain(0x141b, 0, "write_labels")
  request.told = { labels = names_of(labels) }
  function request.body(w)
    labels_body(w, labels, abbreviations)
    for _, label in ipairs(labels) do w:utf16(label.name):number(2 * #label.words, 2):words(label.words) end
  end
  function request.answer() end
  return request
end

-- Buffer memory --------------------------------------------------------------------------------------------------------

function command.read_memory(address, words)
  local request = plain(0x0613, 0, "read_memory", function(w) w:number(address, 4):number(words, 2) end)
  request.told = { address = address, points = words }
  function request.answer(w) for i = 1, words do w:number(address + i & 0xffff, 2) end end
  return request
end

function command.write_memory(address, values)
  local request = plain(0x1613, 0, "write_memory",
    function(w) w:number(address, 4):number(#values, 2):words(values) end, function() end)
  request.told = { address = address, points = #values }
  return request
end

-- UNIT: the upper digits of the module's last I/O number, as the manual's module number.
function command.read_unit(address, bytes, unit)
  local request = plain(0x0601, 0, "read_unit", function(w) w:number(address, 4):number(bytes, 2):number(unit, 2) end)
  request.told = { address = address, points = bytes, unit = unit }
  function request.answer(w) w:octets(("\x12\x34"):rep(bytes // 2)) end
  return request
end

function command.write_unit(address, data, unit)
  local request = plain(0x1601, 0, "write_unit",
    function(w) w:number(address, 4):number(#data, 2):number(unit, 2):octets(data) end, function() end)
  request.told = { address = address, points = #data, unit = unit }
  return request
end

-- Control of the module ------------------------------------------------------------------------------------------------

local function control(number, name, body)
  return function(...)
    local arguments = { ... }
    return plain(number, 0, name, function(w) body(w, table.unpack(arguments)) end, function() end)
  end
end

-- FORCE: also when another station stopped it; CLEAR: 0 no device, 1 all but latched ones, 2 all.
local function mode(w, force) w:number(force and 3 or 1, 2) end
command.remote_run = control(0x1001, "remote_run", function(w, force, clear)
  mode(w, force)
  w:number(clear or 0, 1):number(0, 1)
end)
command.remote_stop = control(0x1002, "remote_stop", mode)
command.remote_pause = control(0x1003, "remote_pause", mode)
command.remote_latch_clear = control(0x1005, "remote_latch_clear", mode)
command.remote_reset = control(0x1006, "remote_reset", mode)
command.unlock = control(0x1630, "unlock", function(w, password) w:number(#password, 2):text(password) end)
command.lock = control(0x1631, "lock", function(w, password) w:number(#password, 2):text(password) end)
command.clear_error = control(0x1617, "clear_error", function() end)

function command.read_model()
  return plain(0x0101, 0, "read_model", function() end, function(w, plc)
    w:text(plc.model .. (" "):rep(16 - #plc.model)):number(plc.model_code, 2)
  end)
end

function command.self_test(characters)
  local function echo(w) w:number(#characters, 2):text(characters) end
  return plain(0x0619, 0, "self_test", echo, echo)
end

-- Commands of SLMP for stations of CC-Link IE, whose contents the open specifications leave out: by number, with DATA as it is.
local OF_STATIONS <const> = {
  identify = 0x0e28, get_parameter = 0x0e33, set_parameter = 0x0e34, start_parameters = 0x0e35, end_parameters = 0x0e36,
  read_status = 0x0e44, get_communication_setting = 0x0e45, clear_error_history = 0x1619, clear_event_history = 0x161a,
  get_event_history = 0x3061, indicate = 0x3070, stop_own_cyclic = 0x3206, start_own_cyclic = 0x3207,
  stop_other_cyclic = 0x3208, start_other_cyclic = 0x3209, write_link_parameter = 0x320a,
}

function command.of_station(name, data)
  return plain(assert(OF_STATIONS[name], name), 0, name, function(w) w:octets(data or "\0\0\0\0") end, function() end)
end

for name, make in pairs(require "melsec_files") do command[name] = make end

return command
