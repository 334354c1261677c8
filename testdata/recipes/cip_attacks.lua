-- What somebody does to CIP and PCCC who means harm, or does not know better: sessions that are none, floods, services hidden
-- in packets whose offsets and lengths lie, paths without end, clocks set, modes changed inside of other commands.

local enip = require "enip"
local cip = require "cip"
local pccc = require "pccc"

local w = ...
w:title "CIP and PCCC under attack: forged sessions, floods, lying lengths, nested services, clocks and modes"
w:duration "40s"

local hmi = w:host { name = "hmi", role = "hmi", ip = "10.11.0.20", vendor = "advantech", os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.11.0.11", vendor = "rockwell" }
local micro = w:host { name = "micrologix", role = "plc", ip = "10.11.0.12", vendor = "rockwell" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.11.0.99", vendor = "raspberry_pi", os = "linux" }

local ask, path, CLASS, TYPE, COMMAND = cip.ask, cip.path, cip.CLASS, cip.TYPE, enip.COMMAND
local pack = string.pack

local function device(host, name, serial)
  return cip.controller { identity = { vendor = 1, type = 0x0e, product = 54, major = 20, minor = 11, status = 0x30, serial = serial,
    name = name }, ip = host.ip, gateway = "10.11.0.1", host_name = host.name, mac = host.mac_bytes, first_connection = serial,
    tags = { Speed = { kind = TYPE.real, bytes = pack("<f", 1) }, Flags = { kind = TYPE.dword, bytes = "\8\0\0\0" } },
    pccc = pccc.device { catalog = "1763-LEC  ", interface = 0x49, processor = 0x9f, revision = 0x41 } }
end
local logix, slc = device(plc, "1756-L61/B LOGIX5561", 0x1100a000), device(micro, "1763-L16BWA B/10.00", 0x1200a000)

local function connect(server, of, client)
  return enip.connect(w, { client = client or stranger, server = server, device = of, quiet_ack = true })
end
local function say(link, service, class, instance, data, reply, status, extended)
  link:ask(ask.object(service, class, instance, data), { response = cip.response(service, reply or "", status, extended) })
  w:sleep(0.01)
end

-- Bytes that are no message of the maker's: counted as an encapsulation command only.
local function raw(link, items, reply, options)
  options = options or {}
  options.reply = reply and enip.packet { { enip.ITEM.null, "" }, { enip.ITEM.unconnected, reply } } or options.reply
  link:command(COMMAND.send_rr_data, items, options)
  w:sleep(0.01)
end
local function unconnected(message) return enip.packet { { enip.ITEM.null, "" }, { enip.ITEM.unconnected, message } } end
local function several(offsets, services)
  return ask.object(0x0a, CLASS.router, 1, pack("<I2", #offsets) .. pack(("<I2"):rep(#offsets), table.unpack(offsets)) .. services)
end
local RESET <const> = ask.reset()

w:at(1, function() -- sessions that are none
  local link = connect(plc, logix)
  local forged = { status = 0x64, session = 0xdeadbeef, reply = "" }
  for _, message in ipairs { ask.read_tag("Speed"), ask.multiple { ask.read_tag("Speed"), ask.write_tag("Flags", TYPE.dword, 1,
    "\0\0\0\0") },
    ask.unconnected_send(RESET, path.port(1, 0)), ask.object(0x07, CLASS.controller, 1) } do
    raw(link, unconnected(message), nil, forged)
  end
  link:command(COMMAND.send_unit_data, enip.packet { { enip.ITEM.connected_address, pack("<I4", 0x99) },
    { enip.ITEM.connected_data, "\5\0" .. ask.object(0x06, CLASS.controller, 1) } }, forged)
  link:command(COMMAND.send_unit_data, enip.packet { { enip.ITEM.connected_address, pack("<I4", 0x98) },
    { enip.ITEM.connected_data, "\6\0" .. RESET } }, { reply = false })
  link:close()
end)

w:at(3, function() -- floods
  local link = connect(plc, logix)
  for i = 1, 20 do
    link:ask(RESET, { response = i % 4 == 0 and cip.response(0x05, "", cip.STATUS.state_conflict), why = "overrun" })
    w:sleep(0.002)
  end
  for _ = 1, 18 do
    link:open { io = true }
    w:sleep(0.002)
  end
  link:open({ io = true }, { response = cip.response(0x54, ("\0"):rep(10), 1, { 0x0113 }) })
  link:open {}
  link:ask(ask.get(CLASS.identity, 1, 7))
  link:close()
end)

w:at(6, function() -- services in services
  local link = connect(plc, logix)
  local size = #RESET
  local answer = cip.response(0x05)
  raw(link, unconnected(several({ 8 + 2 * size, 8, 8 + size }, RESET:rep(3))), cip.response(0x0a, pack("<I2I2I2I2", 3, 8, 12,
    16) .. answer:rep(3)))
  raw(link, unconnected(several({ 8, 8, 8 }, RESET)), cip.response(0x0a, "", 0x13))
  raw(link, unconnected(several({ 6, 900 }, RESET)), cip.response(0x0a, "", 0x13))
  raw(link, unconnected(ask.object(0x0a, CLASS.router, 1, "\xf4\xf0\9\9\x88\4")), nil, { reply = false })
  local nested, sent = RESET, RESET
  for _ = 1, 7 do nested, sent = ask.multiple { nested }, ask.unconnected_send(sent, path.port(1, 0)) end
  raw(link, unconnected(nested), cip.response(0x0a, "", 0x08))
  raw(link, unconnected(sent), cip.response(0x52, "", 0x01, { 0x0311 }))
  link:close()
end)

w:at(9, function() -- lengths and paths that lie
  local link = connect(plc, logix)
  local head = pack("<I4I2", 0, 10)
  local item = pack("<I2I2", enip.ITEM.unconnected, #RESET)
  raw(link, head .. pack("<I2I2I2", 0xffff, 0, 0) .. item .. RESET, cip.response(0x05))
  raw(link, head .. pack("<I2I2I2I2I2", 2, 0, 0, enip.ITEM.unconnected, 500) .. RESET, nil, { status = 3, reply = "" })
  raw(link, unconnected(RESET) .. "more than was said", cip.response(0x05))
  raw(link, unconnected(pack("BB", 0x0e, 255) .. path.object(CLASS.identity, 1)), cip.response(0x0e, "", 0x04))
  raw(link, unconnected(ask.object(0x52, CLASS.manager, 1, pack("<BBI2", 3, 250, 900) .. RESET)), cip.response(0x52, "", 0x13))
  raw(link, unconnected("\x0e\6\x20\xf5\x24\1\x10\x43\x24\1\x10\x43\0\0"), cip.response(0x0e, "", 0x04))
  local function read(where) return pack("<BB", 0x4c, #where // 2) .. where .. "\1\0" end
  for _, where in ipairs { "\x91\1A\0" .. ("\x28\1"):rep(120), ("\x91\4AAAA"):rep(40), "\x60\6\42\0", "\x60\7\x34\x12",
    "\x60\8\x78\x56\x34\x12",
    "\x65Hello", "\xe0\0", path.port(1, 0):rep(80) } do
    raw(link, unconnected(read(where)), cip.response(0x4c, "", 0x04))
  end
  raw(link, unconnected(ask.unconnected_send(ask.get(CLASS.identity, 1, 7), path.port(1, 13) .. path.port(2,
    "192.168.100.210") .. path.port(1, 10))),
    cip.response(0x0e, "\5LOGIX"))
  link:close()
end)

w:at(12, function() -- what controllers refuse, and bits, structures, clocks
  local link = connect(plc, logix)
  say(link, 0x06, CLASS.controller, 1, "", "", 0xff, { 0x2101 })
  link:ask(ask.write_tag("Speed", TYPE.structure, 1, pack("<I4", 7), 0x1234), { response = cip.response(0x4d, "", 0xff, { 0x2107 }) })
  link:ask(ask.modify_tag("Flags", "\1\0\0\0", "\xf7\xff\xff\xff"))
  link:ask(ask.modify_tag("Flags", ("\0"):rep(12), ("\xff"):rep(12)))
  say(link, 0x10, CLASS.wall_clock, 1, "")
  link:ask(ask.set(CLASS.wall_clock, 1, 5, pack("<I4I4I4I4I4I4I4", 2036, 2, 29, 12, 30, 5, 250000)), { response = cip.response(0x10) })
  link:ask(ask.set(CLASS.wall_clock, 1, 5, ("\0"):rep(28)), { response = cip.response(0x10) })
  link:ask(ask.set_list(CLASS.wall_clock, 1, { { 6, pack("<I8", 951782400000000) } }), { response = cip.response(0x04,
    pack("<I2I2I2", 1, 6, 0)) })
  link:ask(ask.get_list(CLASS.time_sync, 1, { 1, 2, 3, 4, 77 }), { response = cip.response(0x03, pack("<I2I2I2BI2I2BI2I2I8I2I2I8I2I2", 5,
    1, 0, 1, 2, 0, 1, 3, 0, 1715587212000000, 4, 0, 1715587212000000000, 77, 0x14)) })
  link:close()
end)

w:at(15, function() -- PCCC
  local link = connect(micro, slc)
  local FILE <const> = pccc.FILE
  local tns = 0x3000
  local function command(name, ...)
    tns = tns + 1
    return pccc.command(name, tns, ...)
  end
  local function one(request, reply, status)
    local head = request:sub(1, 1):byte() | 0x40
    local requestor = ask.pccc(request):sub(7, 13)
    local answer = pack("<BBI2", head, status or 0, tns) .. (reply or "")
    link:ask(ask.pccc(request), { response = cip.response(0x4b, requestor .. answer) })
    pccc.count(w, stranger, micro, request, answer)
    w:sleep(0.01)
  end
  local function refused(request, status)
    link:ask(ask.pccc(request), { response = cip.response(0x4b, "", status) })
    pccc.count(w, stranger, micro, request)
    w:sleep(0.01)
  end
  local inner = pccc.inner
  local string_of = function(s) return pack("<I2", #s) .. (s .. ("\0"):rep(82 - #s)):gsub("(.)(.)", "%2%1") end
  one(command("write_3", 2, FILE.status, 1, 0, "\1\x80")) -- mode bits
  one(command("write_masked", 2, FILE.status, 1, 0, 0x000f, "\1\0"))
  one(command("write_masked", 2, FILE.status, 5, 0, 0xffff, "\0\0")) -- minor faults
  refused(command("change_mode", 6), 0x10)
  one(command("execute_multiple", { inner("change_mode", 1), inner("write_3", 7, FILE.integer, 0, 0, "\42\0"),
    inner("read_3", 4, 7, FILE.integer, 0), inner("execute_multiple", { inner("change_mode", 6) }) }), "\0\0")
  one(command("execute_multiple", { inner("download_all"), inner("write_file", 7, 0, 0x22, ("\x11"):rep(20)), inner("download_complete") }))
  one(command("execute_multiple", { inner("change_mode", 6) }), nil, 0x10)
  refused(command("execute_multiple", { inner("change_mode", 6), inner("clear_memory") }), 0x13)
  one(command("execute_multiple", {}))
  one(pack("<BBI2B", 0x0f, 0, tns, 0x88), nil, 0x10)
  one(pack("<BBI2BBBB", 0x0f, 0, tns, 0x88, 2, 9, 0x80), nil, 0x10)
  one(command("read_3", 84, 9, FILE.string, 0), string_of("RECIPE 7"))
  one(command("read_3", 84, 9, FILE.string, 1), ("\xff"):rep(84))
  one(command("write_3", 9, FILE.string, 0, 0, string_of("OWNED")))
  one(command("read_3", 4, 10, FILE.ascii, 0), "BADC")
  one(command("read_3", 46, 11, FILE.pid, 0), ("\1\0"):rep(23))
  one(command("read_3", 50, 12, FILE.message, 0), ("\1\0"):rep(25))
  one(command("typed_read", { 0, 7, 10 }, 0, 4, 4), "\x99\9\x0a\x42" .. pack("<i2i2i2i2", 1, -2, 3, -4))
  one(command("typed_read", { 0, 3, 0 }, 0, 1, 1), "\x22\x01\x80")
  one(command("typed_write", { 0, 8, 0 }, 0, 1, "\x94\8" .. pack("<f", 1.5)))
  one(command("typed_write", { 0, 9, 0 }, 0, 1, "\x44" .. pack("<i4", -70000)))
  one(command("clear_memory"))
  link:close()
end)

w:at(20, function() -- meanwhile
  local link = connect(plc, logix, hmi)
  link:ask(ask.read_tag("Speed"))
  link:close()
end)
