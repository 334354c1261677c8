-- S7comm: every ROSCTR and function, all areas and types, blocks up and down, user data of every group, error codes,
-- data in pieces, pipelines, no answer, one direction, joined mid-stream; a stranger who looks around and stops.

local s7 = require "s7"

local w = ...
w:title "S7comm: every function and kind of user data, all areas and types, blocks up and down, errors, faults; a stranger"
w:duration "60s"

local engineer = w:host { name = "engineering", role = "engineering", ip = "10.7.0.30", vendor = "siemens",
  os = "windows" }
local hmi = w:host { name = "hmi", role = "hmi", ip = "10.7.0.20", vendor = "siemens", os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.7.0.11", vendor = "siemens",
  facts = { model = "6ES7 315-2EH14-0AB0", firmware = "3.2.6", serial = "S C-X4U421302009", plant = "Plant7",
    name = "Line 4", module = "CPU 315-2 PN/DP" } }
local far = w:host { name = "plc-rack", role = "plc", ip = "10.7.0.12", vendor = "siemens" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.7.0.99", vendor = "raspberry_pi", os = "linux" }

local command, userdata, push, item = s7.command, s7.userdata, s7.push, s7.item
local NOW <const> = { 2024, 5, 13, 8, 0, 30, 250, 2 }

-- An entry of the diagnostic buffer.
local function event(id) return string.pack(">I2I2", id, 0xff84) .. ("\0"):rep(8) .. s7.clock(NOW):sub(3) end

local function all(link, list, pause)
  for _, entry in ipairs(list) do
    link:ask(entry[1], entry[2])
    w:sleep(pause or 0.02)
  end
end

local function all_userdata(link, list)
  for _, entry in ipairs(list) do
    link:userdata(entry[1], entry[2])
    w:sleep(0.02)
  end
end

-- All areas, then all types, then several in one; values in answers and writes.
w:at(1, function()
  local link = s7.connect(w, { client = hmi, server = plc, kind = 2, slot = 2, jobs = 4 })
  for _, area in ipairs { "I", "Q", "M", "P", "DI", "L", "V", "SYSINFO200", "SYSFLAGS200", "AI200", "AO200" } do
    link:ask(command.read { item(area, "BYTE", 2, 10) })
    w:sleep(0.01)
  end
  all(link, {
    { command.read { item("C", "COUNTER", 2, 5) } }, { command.read { item("T", "TIMER", 1, 7) } },
    { command.read { item("C200", "COUNTER", 1, 3) } }, { command.read { item("T200", "TIMER", 1, 4) } },
  })
  for i, type in ipairs { "BIT", "BYTE", "CHAR", "WORD", "INT", "DWORD", "DINT", "REAL", "DATE", "TOD", "TIME", "S5TIME",
    "DATE_AND_TIME", "IEC_TIMER", "IEC_COUNTER", "HS_COUNTER" } do
    link:ask(command.read { item("DB", type, type == "BIT" and 1 or 3, 8 * i, { db = 100 + i, bit = type == "BIT" and 5 or 0 }) })
    w:sleep(0.01)
  end
  all(link, {
    { command.read { item("M", "BYTE", 1, 0), item("DB", "WORD", 3, 20, { db = 7 }), item("I", "BIT", 1, 1, { bit = 7 }),
      item("DB", "REAL", 2, 40, { db = 7 }), item("Q", "BYTE", 5, 3), item("T", "TIMER", 1, 9) } },
    { command.read { item("DB", "BYTE", 1, 0, { db = 1 }), item("DB", "BYTE", 1, 0, { db = 999, code = 0x0a }),
      item("DB", "BYTE", 1, 60000, { db = 1, code = 0x05 }), item("M", "BYTE", 3, 4, { code = 0x06 }),
      item("M", "BYTE", 1, 4, { code = 0x07 }), item("P", "WORD", 1, 256, { code = 0x01 }),
      item("DB", "BYTE", 2, 0, { db = 2, code = 0x03 }), item("M", "BYTE", 1, 2) } },
    { command.read { s7.db_item { { 4, 10, 0 }, { 2, 11, 100 } } } },
    { command.read { s7.symbol_item(7, 0x6a5c1d33, { 3, 9 }) } },
    { command.read { s7.nck_item(0x41, 1, 23, 0x7f, 1) } },
    { command.read { s7.drive_item(3, 947, 0) } },
    { command.write { item("M", "BIT", 1, 10, { bit = 3, value = "\1" }) } },
    { command.write { item("DB", "REAL", 1, 12, { db = 5, value = "\x42\x28\0\0" }) } },
    { command.write { item("DB", "BYTE", 3, 0, { db = 5, value = "\1\2\3" }), item("Q", "BYTE", 1, 4, { value = "\xff" }),
      item("DB", "INT", 2, 30, { db = 6, value = "\xff\xfe\0\7" }), item("M", "DWORD", 1, 50) } },
    { command.write { item("DB", "WORD", 1, 2, { db = 5 }), item("DB", "WORD", 1, 0, { db = 4000, code = 0x0a }),
      item("I", "BYTE", 1, 0, { code = 0x03 }) } },
    { command.write { item("C", "COUNTER", 1, 2, { value = "\0\x25" }), item("T", "TIMER", 1, 3, { value = "\x10\x25" }) } },
    { command.cpu_services() },
  })
  link:close()
end)

-- Error classes of the header; a function that nobody defines; an acknowledgement without data; no answer.
w:at(6, function()
  local link = s7.connect(w, { client = hmi, server = plc })
  local read = command.read { item("M", "BYTE", 1, 0) }
  all(link, {
    { read, { fault = { 0x81, 0x04 } } }, { read, { fault = { 0x82, 0x01 } } }, { read, { fault = { 0x83, 0x04 } } },
    { read, { fault = { 0x84, 0x01 } } }, { read, { fault = { 0x85, 0x00 } } }, { read, { fault = { 0x87, 0x02 } } },
    { command.unknown(0x55), { fault = { 0x81, 0x04, bare = true } } },
    { command.stop(), { fault = { 0xd2, 0x41 } } }, { command.delete { { "DB", 9 } }, { fault = { 0xd2, 0x09 } } },
    { command.start_upload("DB", 77, 0, 0), { fault = { 0xd2, 0x09 } } },
    { command.request_download("OB", 1, 200, 128), { fault = { 0xd6, 0x02 } } },
    { read, { no_answer = true } }, { read },
  })
  link:close()
end)

-- What an engineering station asks when it goes online, and what it then does.
w:at(10, function()
  local link = s7.connect(w, { client = engineer, server = plc, slot = 2, disconnect = true })
  all_userdata(link, {
    { userdata.read_szl(0x0000, 0, { "\0\0", "\0\x11", "\0\x1c", "\1\x31", "\4\x24" }) },
    { userdata.read_szl(0x0011, 0, s7.module_identification("6ES7 315-2EH14-0AB0", { 3, 2, 6 })) },
    { userdata.read_szl(0x001c, 0, s7.component_identification { { 1, "Line 4" }, { 2, "CPU 315-2 PN/DP" }, { 3, "Plant7" },
      { 4, "Original Siemens Equipment" }, { 5, "S C-X4U421302009" }, { 7, "CPU 315-2 PN/DP" }, { 8, "MMC 267FF11F" },
      { 11, "Hall 2" } }) },
    { userdata.read_szl(0x0131, 3, { "\0\3\xff" .. ("\0"):rep(37) }) },
    { userdata.read_szl(0x0232, 4, { "\0\4\0\1\0\0\0\1\0\2" .. ("\0"):rep(30) }) },
    { userdata.read_szl(0x0424, 0, { "\0\0\x51\x44\xff\x08\0\0\0\0\0\0\x94\5\x13\8\0\0\0\2" }) },
    { userdata.read_szl(0x0074, 0, { "\0\1\0\0", "\0\4\1\0", "\0\5\0\0" }) },
    { userdata.read_szl(0x00a0, 0, { event(0x4302), event(0x7301) }),
      { pieces = 20 } },
    { userdata.read_szl(0x0f99, 1, {}), { fault = 0xd401 } },
    { userdata.read_clock(NOW) }, { userdata.set_clock(NOW) }, { userdata.read_clock_following(NOW) },
    { userdata.set_clock_following(NOW) },
    { userdata.list_blocks { { "OB", 2 }, { "FB", 3 }, { "FC", 4 }, { "DB", 12 }, { "SDB", 9 }, { "SFC", 77 }, { "SFB", 25 } } },
    { userdata.list_blocks_of_type("DB", { { 1 }, { 2 }, { 7, 0x22, 5 }, { 100, 0x22, 5 } }) },
    { userdata.list_blocks_of_type("SFC", {}), { fault = 0xd20e } },
    { userdata.block_info("DB", 1, { load = 200, code = 64, author = "SMITH", family = "LINE", name = "RECIPE", version = 0x12,
      checksum = 0xbeef }) },
    { userdata.block_info("OB", 99, {load = 0, code = 0, author = "", family = "", name = "", version = 0, checksum = 0 }),
      { fault = 0xd209 } },
    { userdata.password "secret42" }, { userdata.password "wrong", { fault = 0xd602 } }, { userdata.end_password() },
    { userdata.message_service(0x81, "ES_30") },
    { userdata.query_alarms "\0\1\0\0\0\0\0\0" }, { userdata.acknowledge_alarm(0x60000001) }, { userdata.lock_alarm(0x60000001) },
    { userdata.unlock_alarm(0x60000001) },
    { userdata.monitor { { 0x02, 1, 0, 10, "\x12\x34" }, { 0x71, 4, 5, 4, "\1\2\3\4" } } },
    { userdata.modify { { 0x03, 1, 0, 0, "\x41\x33\x85\x1f" }, { 0x10, 1, 0, 8, "\1" } } },
    { userdata.block_send(0x11, "a message of forty bytes, sent by BSEND.") },
    { userdata.nc_file(1, "/_N_MPF_DIR/_N_PART_MPF") }, { userdata.nc_file(6, "/_N_WKS_DIR/_N_GEAR_WPD/_N_GEAR_MPF") },
    { userdata.watch_block(0x0c, 3) }, { userdata.job(0x0e, 7) },
    { userdata.read_szl(0x0011, 1, {}), { no_answer = true } },
  })
  for _, subfunction in ipairs { 0x01, 0x03, 0x04, 0x05, 0x06, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13,
    0x16 } do
    link:userdata(userdata.programmer(subfunction))
    w:sleep(0.02)
  end
  local rng = w:chance_of "blocks"
  link:download("DB", 10, s7.block(rng, "DB", 10, 500), 222)
  link:download("OB", 1, s7.block(rng, "OB", 1, 60), 222)
  link:upload("FC", 3, s7.block(rng, "FC", 3, 400), 222)
  link:upload("SDB", 0, s7.block(rng, "SDB", 0, 40), 222)
  all(link, {
    { command.download_ended("FB", 4, 0xd2a4), { from = "server" } },
    { command.delete { { "FC", 3 }, { "DB", 10 } } }, { command.insert { { "FB", 1 }, { "DB", 2 } } },
    { command.compress() }, { command.copy_ram_to_rom() }, { command.invoke("_INS2", "\1\0000A00002P") },
    { command.invoke("_N_LOGIN_", "\4USER\0\6SECRET\0") }, { command.invoke "_N_LOGOUT" }, { command.stop() }, { command.warm_start() },
    { command.stop() }, { command.cold_start() },
  })
  link:close()
end)

-- An operator panel that subscribes: values by time and by change, alarms, changes of mode.
w:at(25, function()
  local link = s7.connect(w, { client = hmi, server = plc, kind = 2 })
  local watched = { item("M", "BYTE", 1, 0), item("DB", "REAL", 1, 0, { db = 7 }), item("DB", "WORD", 1, 4, { db = 8 }) }
  link:userdata(userdata.message_service(0xff, "HMI_20"))
  local job = link:userdata(userdata.cyclic(watched, 0, 5))
  for _ = 1, 4 do
    w:sleep(0.5)
    link:push(push.cyclic(watched), job)
  end
  local changes = link:userdata(userdata.change_driven({ watched[2] }, 1, 1))
  link:push(push.change_driven { watched[2] }, changes)
  link:userdata(userdata.stop_cyclic(job))
  local pieces = { { 2, 20, 8 }, { 4, 21, 100 } }
  local areas = link:userdata(userdata.change_driven({ s7.db_item(pieces) }, 1, 1))
  pieces[1][4] = true
  link:push(push.change_driven { s7.db_item(pieces) }, areas)
  for _, kind in ipairs { "alarm_8", "notify", "alarm_sq", "alarm_s", "notify_8" } do
    link:push(push.alarm(kind, 0x60000001, NOW, 1))
    w:sleep(0.05)
  end
  link:push(push.alarm_acknowledged(0x60000001, NOW))
  link:push(push.diagnostic(0x4304, NOW))
  for _, state in ipairs { 0, 1, 2, 3, 4, 6, 9, 11, 12 } do
    link:push(push.mode(state))
    w:sleep(0.02)
  end
  link:close("server")
end)

-- TSDUs in several TPDUs, TPDUs in pieces, jobs before answers, answers in another order, lost, sent again.
w:at(31, function()
  local link = s7.connect(w, { client = hmi, server = far, rack = 2, slot = 3, jobs = 8, pdu = 960 })
  local long, read = command.read { item("DB", "BYTE", 400, 0, { db = 3 }) }, command.read { item("M", "WORD", 1, 2) }
  link:ask(long, { response = { piece = 100 } })
  link:ask(long, { request = { piece = 9 }, response = { piece = 128, together = true } })
  link:ask(long, { request = { fault = { cut = { 1, 4, 3, 2 }, gap = 0.001 } },
    response = { fault = { cut = { 3, 5, 200 }, order = { 2, 1, 3, 4 } } } })
  link:pipeline { read, command.read { item("DB", "BYTE", 8, 0, { db = 3 }) }, command.write { item("M", "BYTE", 1, 3) } }
  link:pipeline({ read, command.read { item("Q", "BYTE", 1, 0) }, read }, { 3, 1, 2 })
  link:ask(read, { request = { fault = { retransmit = { 0.0005 } } } })
  link:ask(long, { response = { fault = { cut = { 200, 200 }, lose = { [2] = true } } } })
  w:sleep(0.1) -- what was lost is acknowledged before more is said
  link:ask(read)
  link:ask(read, { response = { fault = { lose = { true } } } })
  w:sleep(0.1)
  link:ask(read)
  link:close()
end)

-- Joined mid-stream; only one direction; an odd port; refused.
w:at(36, function()
  local late = s7.connect(w, { client = engineer, server = far, midstream = true, ref = 700 })
  for n = 1, 3 do
    late:ask(command.read { item("DB", "WORD", n, 0, { db = 40 }) })
    w:sleep(0.1)
  end
  late:userdata(userdata.read_szl(0x0111, 1, { s7.module_identification("6ES7 412-3HJ14-0AB0", { 4, 5, 0 })[1] }))
end)
w:at(38, function()
  for _, side in ipairs { "client", "server" } do
    local half = s7.connect(w, { client = hmi, server = far, see = side })
    half:ask(command.read { item("DB", "INT", 2, 6, { db = 41 }) })
    half:ask(command.write { item("DB", "INT", 1, 6, { db = 41 }) })
    half:userdata(userdata.read_clock(NOW))
    half:close()
  end
end)
w:at(41, function()
  local odd = s7.connect(w, { client = hmi, server = far, port = 10102, kind = 3, slot = 1 })
  odd:ask(command.read { item("M", "BYTE", 4, 0) })
  odd:close()
  local refused = s7.connect(w, { client = hmi, server = far, slot = 9, refused = 3 })
  refused:close()
end)

-- The stranger asks who is there, tries passwords, writes an output and stops the controller; then does not even wait.
w:at(45, function()
  local link = s7.connect(w, { client = stranger, server = plc, kind = 3, slot = 2 })
  w:attack("s7_identify", stranger, plc, {})
  link:userdata(userdata.read_szl(0x0011, 1, { s7.module_identification("6ES7 315-2EH14-0AB0", { 3, 2, 6 })[1] }))
  w:attack("s7_password_guessing", stranger, plc, { tries = 5 })
  for n = 1, 5 do link:userdata(userdata.password("guess" .. n), { fault = 0xd602 }) end
  w:attack("s7_write", stranger, plc, { target = "Q0.0" })
  link:ask(command.write { item("Q", "BIT", 1, 0, { value = "\1" }) })
  w:attack("s7_stop", stranger, plc, {})
  link:ask(command.stop())
  link:close()
  local blind = s7.connect(w, { client = stranger, server = far, no_setup = true, midstream = true })
  w:attack("s7_stop", stranger, far, { blind = true })
  blind:ask(command.stop(), { no_answer = true })
end)
