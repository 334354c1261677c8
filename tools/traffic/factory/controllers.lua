-- The controllers of a plant by the protocol that programs speak with them: how one connects, polls and writes, and the
-- verbs that people and intruders have (stop, load, identify, scan ...), each in the words of its protocol.
--
-- A verb is absent where the protocol has no such thing. Knows the protocols' makers; who speaks when is decided elsewhere.

local cip = require "cip"
local enip = require "enip"
local fins = require "fins"
local melsec = require "melsec"
local melsec_files = require "melsec_files"
local modbus = require "modbus"
local s7 = require "s7"

local controllers = {}
local pack = string.pack

-- Slots of process values in an answer from AT on: STEP bytes apart, in the byte order of KIND.
local function values(at, count, kind, first)
  local out = {}
  for i = 1, count do out[i] = { at + 2 * (i - 1), 2, kind, (first or 0) + i - 1 } end
  return out
end

local function joined(a, b) return table.move(b, 1, #b, #a + 1, a) end

local SET_POINT <const> = 8 -- the slot of what operators write
local READ <const> = 4 -- registers of an answer that move

-- Modbus -------------------------------------------------------------------------------------------------------------

local ask = modbus.request

controllers.modbus = {
  port = 502, vendors = { "schneider", "wago", "phoenix_contact", "moxa" }, silent_as_udp = false,
  device = function(plc)
    return modbus.device { size = 60000, objects = { [0] = plc.vendor, [1] = plc.model, [2] = plc.firmware } }
  end,
  connect = function(w, c, s, plc)
    return modbus.connect(w, { client = c, server = s, device = plc.device, unit = plc.unit or 1 })
  end,
  read = function(link, plc, i, options) link:ask(ask.read_holding_registers(plc.base + 100 * i, plc.span), options) end,
  write = function(link, plc, value) link:ask(ask.write_single_register(plc.base + 900, value)) end,
  patch = function(payload, from)
    local list = { { 0, 2, "count" } }
    local func = payload:byte(8)
    if from == 1 and func == 3 and #payload >= 9 + 2 * READ then joined(list, values(9, READ, "value")) end
    if func == 6 then list[2] = { 10, 2, "value", SET_POINT } end
    return list
  end,
  identify = function(link)
    link:ask(ask.read_device_identification(1))
    link:ask(ask.report_server_id())
  end,
  new_function = function(link, plc) link:ask(ask.read_write_multiple_registers(plc.base, 4, plc.base + 500, { 1, 2 })) end,
  new_range = function(link, plc, at) link:ask(ask.read_holding_registers(at, plc.span)) end,
  reset = function(link) link:ask(ask.diagnostics(1, "\0\0")) end,
  function_scan = function(link, n, w, pause)
    for func = 1, n do
      link:ask(pack(">BI2I2", func, 0, 1), { exception = func > 6 and 1 or nil })
      w:sleep(pause)
    end
  end,
  unit_scan = function(link, n, w, pause)
    for unit = 1, n do
      link:ask(ask.read_holding_registers(0, 1), { unit = unit, exception = unit > 1 and 11 or nil })
      w:sleep(pause)
    end
  end,
  exceptions = function(link, n, w, pause)
    for i = 1, n do
      link:ask(ask.read_holding_registers(61000 + i, 8), { exception = 2 })
      w:sleep(pause)
    end
  end,
  malformed = function(link, n, w, pause, rng)
    for i = 1, n do
      local pdu = i % 3 == 0 and pack(">BI2I2", 3, 0, 65535) or i % 3 == 1 and pack(">BI2I2B", 16, 0, 4000, 8) .. rng:bytes(8)
        or pack(">BB", 43, 14)
      link:send("client", modbus.adu(link:next_transaction(), 1, pdu, 1 + #pdu, i % 3 == 2 and 7 or 0))
      w:sleep(pause)
    end
  end,
}

-- S7comm -------------------------------------------------------------------------------------------------------------

local command, item, userdata = s7.command, s7.item, s7.userdata

controllers.s7 = {
  port = 102, vendors = { "siemens" },
  connect = function(w, c, s, plc, kind) return s7.connect(w, { client = c, server = s, kind = kind or 2, slot = plc.slot }) end,
  read = function(link, plc, i, options)
    link:ask(command.read { item("DB", "WORD", plc.span, 2 * plc.span * i, { db = plc.base % 200 + 1,
      value = ("\4\xb0"):rep(plc.span) }) }, options)
  end,
  write = function(link, plc, value)
    link:ask(command.write { item("DB", "INT", 1, 400, { db = plc.base % 200 + 1, value = pack(">I2", value) }) })
  end,
  patch = function(payload, from)
    if #payload < 19 or payload:byte(8) ~= 0x32 then return {} end
    local list, kind, func = { { 11, 2, "count" } }, payload:byte(9), payload:byte(from == 1 and 20 or 18)
    if from == 1 and kind == 3 and func == 4 and #payload >= 25 + 2 * READ then joined(list, values(25, READ, "value")) end
    if from == 0 and kind == 1 and func == 5 then list[2] = { #payload - 2, 2, "value", SET_POINT } end
    return list
  end,
  identify = function(link, plc)
    link:userdata(userdata.read_szl(0x0011, 0, s7.module_identification(plc.model, { 3, 2, 6 })))
    link:userdata(userdata.read_szl(0x001c, 0, s7.component_identification { { 1, plc.name }, { 2, "CPU 315-2 PN/DP" } }))
  end,
  new_function = function(link) link:userdata(userdata.list_blocks { { "OB", 2 }, { "FB", 3 }, { "DB", 12 } }) end,
  new_range = function(link, plc, at) link:ask(command.read { item("DB", "WORD", plc.span, 0, { db = 300 + at % 900 }) }) end,
  stop = function(link) link:ask(command.stop()) end,
  start = function(link) link:ask(command.warm_start()) end,
  reset = function(link) link:ask(command.cold_start()) end,
  download = function(link, rng, size) link:download("OB", 1, s7.block(rng, "OB", 1, size), 222) end,
  upload = function(link, rng, size) link:upload("FC", 3, s7.block(rng, "FC", 3, size), 222) end,
  function_scan = function(link, n, w, pause)
    for func = 0, n - 1 do
      link:ask(command.unknown(func), { fault = { 0x81, 0x04, bare = true } })
      w:sleep(pause)
    end
  end,
  exceptions = function(link, n, w, pause)
    for i = 1, n do
      link:ask(command.read { item("DB", "BYTE", 1, 0, { db = 900 + i, code = 0x0a }) })
      w:sleep(pause)
    end
  end,
  malformed = function(link, n, w, pause, rng)
    for i = 1, n do
      local frame = i % 2 == 0 and "\x32\1\0\0" .. pack(">I2I2I2", i, 200, 4) .. rng:bytes(6)
        or "\x32\1\0\0" .. pack(">I2I2I2", i, 14, 0) .. "\4\xff" .. rng:bytes(12)
      link.cotp:send("client", frame)
      w:sleep(pause)
    end
  end,
}

-- CIP over EtherNet/IP -----------------------------------------------------------------------------------------------

local function tags_of(plc)
  local tags, symbols = {}, {}
  for i = 0, 7 do
    local name = ("%s_Data%d"):format(plc.area, i)
    tags[name], symbols[#symbols + 1] = { kind = cip.TYPE.int, bytes = ("\xb0\4"):rep(64), array = true }, name
  end
  tags[plc.area .. "_SetPoint"] = { kind = cip.TYPE.int, bytes = "\0\0" }
  return tags, symbols
end

local CONNECTED <const> = 44 -- where the sequence count of a message on a connection is

controllers.cip = {
  port = 44818, vendors = { "rockwell" },
  device = function(plc)
    local tags, symbols = tags_of(plc)
    return cip.controller { identity = { vendor = 1, type = 0x0e, product = 54, major = 20, minor = 11, status = 0x3060,
      serial = plc.serial, name = plc.model }, ip = plc.ip, gateway = plc.ip, host_name = plc.name, mac = plc.mac_bytes,
      tags = tags, symbols = symbols, files = { [0xc8] = ("P"):rep(300) } }
  end,
  connect = function(w, c, s, plc)
    local link = enip.connect(w, { client = c, server = s, device = plc.device })
    link:open { transport = 0xa3 }
    return link
  end,
  read = function(link, plc, i, options)
    local silent = options and options.no_answer
    link:ask(cip.ask.read_tag(("%s_Data%d"):format(plc.area, i % 8), plc.span), silent and { response = false } or nil)
  end,
  write = function(link, plc, value)
    link:ask(cip.ask.write_tag(plc.area .. "_SetPoint", cip.TYPE.int, 1, pack("<i2", value)))
  end,
  patch = function(payload, from)
    if #payload < CONNECTED + 4 or payload:byte(1) ~= 0x70 then return {} end
    local list = { { CONNECTED, 2, "count_le" } }
    local service = payload:byte(CONNECTED + 3)
    if from == 1 and service == 0xcc and #payload >= CONNECTED + 8 + 2 * READ then joined(list, values(CONNECTED + 8, READ,
      "value_le")) end
    if from == 0 and service == 0x4d then list[2] = { #payload - 2, 2, "value_le", SET_POINT } end
    return list
  end,
  identify = function(link)
    link:list_identity()
    link:ask(cip.ask.get_all(cip.CLASS.identity, 1))
  end,
  new_function = function(link) link:ask(cip.ask.list_symbols(0)) end,
  new_range = function(link, plc, at) link:ask(cip.ask.read_tag(("%s_Data%d"):format(plc.area, 5 + at % 3), 2)) end,
  stop = function(link) link:ask(cip.ask.object(0x07, 0x8e, 1)) end,
  start = function(link) link:ask(cip.ask.object(0x06, 0x8e, 1)) end,
  reset = function(link) link:ask(cip.ask.reset(0)) end,
  download = function(link, rng, size)
    local content = rng:bytes(size)
    link:ask(cip.ask.begin_download(0xc8, content, "LINE.ACD"))
    for n = 0, cip.transfers(content) - 1 do link:ask(cip.ask.download_transfer(0xc8, n, content)) end
  end,
  upload = function(link)
    link:ask(cip.ask.begin_upload(0xc8))
    for n = 0, 1 do link:ask(cip.ask.upload_transfer(0xc8, n)) end
  end,
  function_scan = function(link, n, w, pause)
    for service = 1, n do
      link:ask(cip.request(service, cip.path.object(0x64, 1)), { response = cip.response(service, "", cip.STATUS.not_supported) })
      w:sleep(pause)
    end
  end,
  exceptions = function(link, n, w, pause)
    for i = 1, n do
      link:ask(cip.ask.read_tag("No_Such_Tag" .. i, 1))
      w:sleep(pause)
    end
  end,
  malformed = function(link, n, w, pause, rng)
    for i = 1, n do
      local body = pack("<I4I2I2", 0, 5, 40 + i) .. rng:bytes(6)
      link:send("client", enip.frame(0x6f, body, { session = link.session, context = rng:bytes(8) }))
      w:sleep(pause)
    end
  end,
}

-- FINS ---------------------------------------------------------------------------------------------------------------

local say, AREA = fins.command, fins.AREA

controllers.fins = {
  port = 9600, vendors = { "omron" }, udp = true, same_port = true,
  device = function(plc) return fins.controller { model = plc.model, version = "02.01" } end,
  connect = function(w, c, s, plc) return fins.connect(w, { client = c, server = s, device = plc.device }) end,
  read = function(link, plc, i, options) link:ask(say.memory_read(AREA.dm, plc.base % 10000 + 100 * i, plc.span), options) end,
  write = function(link, plc, value) link:ask(say.memory_write(AREA.dm, plc.base % 10000 + 900, { value })) end,
  patch = function(payload, from)
    local list, code = { { 9, 1, "count" } }, payload:sub(11, 12)
    if from == 1 and code == "\1\1" and #payload >= 14 + 2 * READ then joined(list, values(14, READ, "value")) end
    if from == 0 and code == "\1\2" then list[2] = { #payload - 2, 2, "value", SET_POINT } end
    return list
  end,
  identify = function(link) link:ask(say.controller_data_read(0)) end,
  new_function = function(link) link:ask(say.error_log_read(0, 2)) end,
  new_range = function(link, plc, at) link:ask(say.memory_read(AREA.holding, at % 400, plc.span)) end,
  stop = function(link) link:ask(say.stop()) end,
  start = function(link) link:ask(say.run(fins.MODE.run)) end,
  mode = function(link) link:ask(say.run(fins.MODE.monitor)) end,
  download = function(link, rng, size)
    for at = 0, size - 1, 128 do link:ask(say.program_write(at, rng:bytes(128), at + 128 >= size)) end
  end,
  upload = function(link, _, size)
    for at = 0, size - 1, 128 do link:ask(say.program_read(at, 128)) end
  end,
  function_scan = function(link, n, w, pause)
    for i = 1, n do
      link:ask(string.char(1 + i % 0x26, 1 + i // 0x26) .. "\0\0", { end_code = 0x0401 })
      w:sleep(pause)
    end
  end,
  exceptions = function(link, n, w, pause)
    for i = 1, n do
      link:ask(say.memory_read(AREA.dm, 40000 + i, 4), { end_code = 0x1103 })
      w:sleep(pause)
    end
  end,
}

-- SLMP ---------------------------------------------------------------------------------------------------------------

local slmp = melsec.command

local function refusal(options) return options and options.no_answer and { no_answer = true } or nil end

controllers.slmp = {
  port = 5007, vendors = { "mitsubishi" },
  device = function(plc) return melsec.controller { model = plc.model, model_code = 0x4800 } end,
  connect = function(w, c, s, plc)
    return melsec.connect(w, { client = c, server = s, controller = plc.device, port = 5007 })
  end,
  read = function(link, plc, i, options)
    link:ask(slmp.read("D" .. plc.base % 8000 + 100 * i, plc.span), refusal(options))
  end,
  write = function(link, plc, value) link:ask(slmp.write("D" .. plc.base % 8000 + 900, { value })) end,
  patch = function(payload, from)
    if from == 1 and payload:sub(1, 2) == "\xd0\0" and #payload >= 11 + 2 * READ then return values(11, READ, "value_le") end
    if from == 0 and payload:sub(12, 13) == "\1\x14" then return { { #payload - 2, 2, "value_le", SET_POINT } } end
    return {}
  end,
  identify = function(link) link:ask(slmp.read_model()) end,
  new_function = function(link) link:ask(slmp.read_memory(0x78, 2)) end,
  new_range = function(link, plc, at) link:ask(slmp.read("W" .. ("%X"):format(at % 4000), plc.span)) end,
  stop = function(link) link:ask(slmp.remote_stop()) end,
  start = function(link) link:ask(slmp.remote_run(true, 0)) end,
  mode = function(link) link:ask(slmp.remote_pause()) end,
  reset = function(link) link:ask(slmp.remote_reset()) end,
  download = function(link, rng, size)
    link:ask(melsec_files.open_file(0, "MAIN.QPG", true))
    for at = 0, size - 1, 256 do link:ask(melsec_files.write_file(at, rng:bytes(256))) end
    link:ask(melsec_files.close_file())
  end,
  upload = function(link, _, size)
    link:ask(melsec_files.open_file(0, "MAIN.QPG", false))
    for at = 0, size - 1, 256 do link:ask(melsec_files.read_file(at, 256)) end
    link:ask(melsec_files.close_file())
  end,
  exceptions = function(link, n, w, pause)
    for i = 1, n do
      link:ask(slmp.read("D" .. 90000 + i, 4), { end_code = 0x4031 })
      w:sleep(pause)
    end
  end,
}

controllers.MODELS = {
  modbus = { { "Schneider Electric", "BMX P34 2020", "V3.30" }, { "WAGO", "750-8212", "03.10.08" }, { "Phoenix Contact", "AXC 1050",
    "4.71" } },
  s7 = { { "Siemens", "6ES7 315-2EH14-0AB0", "3.2.6" }, { "Siemens", "6ES7 414-3EM07-0AB0", "7.0.2" } },
  cip = { { "Rockwell", "1756-L61/B LOGIX5561", "20.11" }, { "Rockwell", "1769-L33ER", "28.13" } },
  fins = { { "Omron", "CJ2M-CPU33", "02.01" }, { "Omron", "CS1G-CPU44H", "04.00" } },
  slmp = { { "Mitsubishi", "R04CPU", "60" }, { "Mitsubishi", "Q03UDVCPU", "24" } },
}

controllers.SET_POINT = SET_POINT
controllers.NAMES = { "modbus", "s7", "cip", "fins", "slmp" }

return controllers
