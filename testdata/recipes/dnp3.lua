-- DNP3: every function, every kind of object, files, secure authentication, unsolicited responses, messages in pieces, both transports; and
-- what should not be.

local dnp3 = require "dnp3"

local w = ...
w:title "DNP3: all functions and kinds of objects, commands, files, authentication, events, pieces, damaged messages; a stranger"
w:duration "60s"

local master = w:host { name = "master", role = "scada", ip = "10.12.0.20", vendor = "dell", os = "windows" }
local rtu = w:host { name = "rtu", role = "rtu", ip = "10.12.0.11", vendor = "siemens" }
local meter = w:host { name = "meter", role = "rtu", ip = "10.12.0.12", vendor = "siemens" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.12.0.99", vendor = "raspberry_pi", os = "linux" }

local pack = string.pack
local all, range, count, indexed, sized, time, crob = dnp3.all, dnp3.range, dnp3.count, dnp3.indexed, dnp3.sized, dnp3.time, dnp3.crob
local NOW <const> = 1715587200
local READ <const>, WRITE <const>, SELECT <const>, OPERATE <const>, DIRECT <const>, DIRECT_NR <const> = 1, 2, 3, 4, 5, 6

-- Start of a station: restart acknowledged, clock set, integrity poll, events; then every function.
w:at(1, function()
  local link = dnp3.connect(w, { master = master, outstation = rtu })
  link:control("master", 0x40) -- reset link states
  link:control("outstation", 0x00)
  link:control("master", 0x49) -- request link status
  link:control("outstation", 0x0b)
  link:control("master", 0x72) -- test link states
  link:control("outstation", 0x01)
  link:unsolicit(nil, 0x9000)
  link:ask(21, all(60, 2) .. all(60, 3) .. all(60, 4), nil, 0x9000)
  link:ask(WRITE, range(80, 1, 7, 7, "\0"), nil, 0x1000)
  link:ask(23, nil, count(52, 2, 1, pack("<I2", 12)), 0x1000)
  link:ask(WRITE, count(50, 1, 1, time(NOW)))
  link:ask(24)
  link:ask(WRITE, count(50, 3, 1, time(NOW)))
  link:ask(READ, all(60, 2) .. all(60, 3) .. all(60, 4) .. all(60, 1),
    range(1, 2, 0, 3, "\x81\x01\x81\x01") .. range(3, 2, 0, 1, "\x81\x41") .. range(10, 2, 0, 1, "\x81\x01") ..
    range(20, 1, 0, 1, pack("<BI4BI4", 1, 100, 1, 200)) .. range(21, 1, 0, 0, pack("<BI4", 1, 90)) ..
    range(30, 1, 0, 2, pack("<Bi4Bi4Bi4", 1, -5, 1, 230000, 1, 50010)) .. range(40, 2, 0, 0, pack("<Bi2", 1, 400)), nil,
    { response = { confirm = true } })
  link:ask(20, all(60, 2) .. all(60, 3))
  link:unsolicit(indexed(2, 2, { { 3, "\x81" .. time(NOW + 2) } }, true) ..
    indexed(32, 7, { { 1, pack("<Bf", 1, 231.5) .. time(NOW + 2) } }, true))
  link:unsolicit(count(51, 1, 1, time(NOW + 3)) .. indexed(2, 3, { { 4, pack("<BI2", 0x81, 250) }, { 5, pack("<BI2", 1, 300) } }))
  link:ask(22, all(60, 2) .. all(1, 0) .. all(60, 3) .. range(30, 0, 0, 2))
  for _, func in ipairs { 7, 9 } do link:ask(func, all(20, 0)) end
  link:ask(11, count(50, 2, 1, time(NOW) .. pack("<I4", 60000)) .. all(20, 0))
  for _, func in ipairs { 8, 10 } do link:request(func, range(20, 0, 0, 3)) end
  link:request(12, count(50, 2, 1, time(NOW) .. pack("<I4", 0)) .. all(30, 0))
  link:ask(15, nil, nil, 0x0001)
  link:ask(16, sized(90, 1, "LOGIC"))
  link:ask(17, sized(90, 1, "LOGIC"))
  link:ask(18, sized(90, 1, "LOGIC"))
  link:ask(19, nil, count(52, 1, 1, pack("<I2", 5)))
  link:ask(13, nil, count(52, 2, 1, pack("<I2", 5000)))
  link:ask(14, nil, count(52, 2, 1, pack("<I2", 500)))
  link:ask(READ, all(60, 1), nil, 0x4668) -- in trouble, events lost, configuration corrupt
  link:ask(READ, range(200, 1, 0, 3), nil, 0x0002)
  link:ask(READ, range(30, 1, 500, 600), nil, 0x0004)
  link:ask(0x30, nil, nil, 0x00c1)
  local attributes = {}
  for variation, value in ("252=Example Telecontrol;250=RT-400;248=4711-0815;242=3.2.1;243=B2;245=Substation North;247=RTU North;" ..
    "246=N-17;208=Grid North;"):gmatch "(%d+)=([^;]+);" do
    attributes[#attributes + 1] = dnp3.attribute(tonumber(variation), value)
  end
  link:ask(READ, all(0, 254), table.concat(attributes) .. dnp3.attribute(240, 2048) .. dnp3.attribute(1, "own", 3))
  link:ask(WRITE, dnp3.attribute(245, "Substation South"))
  link:close()
end)

-- All other layouts, static and as events.
w:at(8, function()
  local link = dnp3.connect(w, { master = master, outstation = rtu })
  local function flags(format, ...) return pack("<B" .. format, 1, ...) end
  local statics = {
    { 1, 1, "\x05" }, { 3, 1, "\x09" }, { 10, 1, "\x02" }, { 20, 2, flags("I2", 7) }, { 20, 3, flags("I4", 7) }, { 20, 4, flags("I2", 7) },
    { 20, 5, pack("<I4", 7) }, { 20, 6, pack("<I2", 7) }, { 20, 7, pack("<I4", 7) }, { 20, 8, pack("<I2", 7) },
    { 21, 2, flags("I2", 6) }, { 21, 5, flags("I4", 6) .. time(NOW) }, { 21, 6, flags("I2", 6) .. time(NOW) }, { 21, 9, pack("<I4", 6) },
    { 21, 10, pack("<I2", 6) }, { 30, 2, flags("i2", -1) }, { 30, 3, pack("<i4", -1) },
    { 30, 4, pack("<i2", -1) }, { 30, 5, flags("f", 1.5) },
    { 30, 6, flags("d", 1.5) }, { 31, 1, flags("i4", 9) }, { 31, 2, flags("i2", 9) }, { 31, 3, flags("i4", 9) .. time(NOW) },
    { 31, 4, flags("i2", 9) .. time(NOW) }, { 31, 5, pack("<i4", 9) }, { 31, 6, pack("<i2", 9) }, { 31, 7, flags("f", 9.5) },
    { 31, 8, flags("d", 9.5) }, { 34, 1, pack("<I2", 10) }, { 34, 2, pack("<I4", 10) },
    { 34, 3, pack("<f", 0.5) }, { 40, 1, flags("i4", 5) },
    { 40, 3, flags("f", 0.25) }, { 40, 4, flags("d", 0.25) }, { 100, 1, flags("f", 2.5) }, { 100, 2, flags("d", 2.5) },
    { 101, 1, "\x34\x12" }, { 101, 2, "\x78\x56\x34\x12" }, { 101, 3, "\x78\x56\x34\x12\0\0\0\0" }, { 102, 1, "\x2a" },
    { 110, 5, "hello" }, { 121, 1, pack("<BI2I4", 1, 0, 3) },
  }
  for _, s in ipairs(statics) do link:ask(READ, range(s[1], s[2], 0, 0), range(s[1], s[2], 0, 0, s[3])) end
  local events = {
    { 2, 1, "\x81" }, { 4, 1, "\x81" }, { 4, 2, "\x41" .. time(NOW) }, { 4, 3, "\x41" .. pack("<I2", 5) }, { 11, 1, "\x81" },
    { 11, 2, "\x81" .. time(NOW) }, { 13, 1, "\x80" }, { 13, 2, "\x84" .. time(NOW) }, { 22, 1, flags("I4", 8) }, { 22, 2, flags("I2", 8) },
    { 22, 5, flags("I4", 8) .. time(NOW) }, { 22, 6, flags("I2", 8) .. time(NOW) }, { 23, 1, flags("I4", 8) }, { 23, 2, flags("I2", 8) },
    { 23, 5, flags("I4", 8) .. time(NOW) }, { 23, 6, flags("I2", 8) .. time(NOW) }, { 32, 1, flags("i4", 3) }, { 32, 2, flags("i2", 3) },
    { 32, 3, flags("i4", 3) .. time(NOW) }, { 32, 4, flags("i2", 3) .. time(NOW) }, { 32, 5, flags("f", 3) }, { 32, 6, flags("d", 3) },
    { 32, 8, flags("d", 3) .. time(NOW) }, { 33, 1, flags("i4", 3) }, { 33, 3, flags("i4", 3) .. time(NOW) }, { 33, 5, flags("f", 3) },
    { 33, 7, flags("f", 3) .. time(NOW) }, { 42, 1, flags("i4", 4) }, { 42, 2, flags("i2", 4) }, { 42, 3, flags("i4", 4) .. time(NOW) },
    { 42, 4, flags("i2", 4) .. time(NOW) }, { 42, 5, flags("f", 4) }, { 42, 6, flags("d", 4) }, { 42, 7, flags("f", 4) .. time(NOW) },
    { 42, 8, flags("d", 4) .. time(NOW) }, { 43, 1, pack("<Bi4", 0, 4) }, { 43, 2, pack("<Bi2", 0, 4) }, { 43, 5, pack("<Bf", 0, 4) },
    { 43, 7, pack("<Bf", 0, 4) .. time(NOW) }, { 111, 3, "abc" }, { 113, 2, "ok" }, { 122, 1, pack("<BI2I4", 1, 0, 3) },
    { 122, 2, pack("<BI2I4", 1, 0, 3) .. time(NOW) },
  }
  for i, e in ipairs(events) do
    link:ask(READ, all(60, 2), indexed(e[1], e[2], { { i, e[3] } }), nil, { response = { confirm = i % 8 == 0 } })
  end
  link:ask(WRITE, indexed(112, 6, { { 0, "status" } }))
  link:ask(READ, all(113, 0), indexed(113, 7, { { 0, "running" } }))
  link:ask(READ, range(85, 1, 0, 0), indexed(85, 1, {}) .. sized(85, 1, pack("<B", 0) .. "prototype"))
  link:ask(READ, all(86, 1), sized(86, 1, "descriptor") .. range(86, 2, 0, 0, "\1") .. sized(86, 3, "points"))
  link:ask(READ, all(87, 1), sized(87, 1, "values"))
  link:unsolicit(sized(88, 1, "snapshot"))
  link:ask(READ, count(50, 1, 1), count(50, 1, 1, time(NOW)))
  link:ask(READ, all(50, 4), count(50, 4, 1, time(NOW) .. pack("<I4B", 900, 5)) .. sized(82, 1, "profile") .. sized(83, 1, "register") ..
    sized(83, 2, "describe") .. sized(91, 1, "\0\0done") .. count(81, 1, 1, "\0\2\0") .. count(51, 2, 1, time(NOW)))
  link:ask(READ, indexed(30, 0, { { 3 }, { 7 } }), indexed(30, 4, { { 3, pack("<i2", 1) }, { 7, pack("<i2", 2) } }))
  link:ask(WRITE, range(34, 1, 3, 3, pack("<I2", 25)))
  link:ask(WRITE, range(10, 1, 0, 7, "\xff"))
  link:close()
end)

-- Commands: selected, operated, refused.
w:at(14, function()
  local link = dnp3.connect(w, { master = master, outstation = rtu })
  local function command(func, objects, answer, iin) link:ask(func, objects, answer or objects, iin) end
  command(SELECT, indexed(12, 1, { { 3, crob(dnp3.CLOSE_PULSE) } }, true))
  command(OPERATE, indexed(12, 1, { { 3, crob(dnp3.CLOSE_PULSE) } }, true))
  command(SELECT, indexed(12, 1, { { 4, crob(dnp3.TRIP_PULSE) } }), indexed(12, 1, { { 4, crob(dnp3.TRIP_PULSE, 7) } })) -- local
  command(OPERATE, indexed(12, 1, { { 9, crob(dnp3.LATCH_ON) } }), indexed(12, 1, { { 9, crob(dnp3.LATCH_ON, 2) } })) -- no select
  command(DIRECT, indexed(12, 1, { { 1, crob(dnp3.LATCH_ON) }, { 2, crob(dnp3.LATCH_OFF | 0x20) } }))
  command(DIRECT, indexed(12, 1, { { 1, crob(0x02) } }) .. indexed(12, 1, { { 2, crob(0x00, 4) } }))
  command(SELECT, count(12, 2, 1, crob(dnp3.LATCH_ON)) .. range(12, 3, 0, 7, "\x0f"))
  for i, block in ipairs { pack("<i4B", -100, 0), pack("<i2B", 400, 0), pack("<fB", 0.5, 0), pack("<dB", 0.5, 0) } do
    command(DIRECT, indexed(41, i, { { 0, block } }, i > 2))
  end
  for status = 1, 20 do
    command(DIRECT, indexed(41, 2, { { 0, pack("<i2B", 1, 0) } }),
      indexed(41, 2, { { 0, pack("<i2B", 1, status < 19 and status or status + 107) } }))
  end
  link:request(DIRECT_NR, indexed(12, 1, { { 1, crob(dnp3.LATCH_OFF) } }))
  command(DIRECT, indexed(12, 1, { { 1, crob(dnp3.LATCH_OFF) } }), nil, 0x2010) -- in local, already executing
  link:request(DIRECT_NR, indexed(12, 1, { { 1, crob(dnp3.LATCH_OFF) } }), { to = 0xffff }) -- to all
  link:respond(nil, 0x0100)
  link:close()
end)

-- Files: in, out, a directory; refused, aborted, one block lost; put in force.
w:at(20, function()
  local link = dnp3.connect(w, { master = master, outstation = rtu })
  local function open(name, mode, handle, size)
    link:ask(25, dnp3.file_command(name, mode, mode > 1 and size), dnp3.file_status(handle, 0, mode == 1 and size))
  end
  local function close(handle) link:ask(26, dnp3.file_status(handle), dnp3.file_status(handle)) end
  local function get(handle, blocks)
    for i, bytes in ipairs(blocks) do
      if bytes then link:ask(READ, dnp3.file_block(handle, i - 1), dnp3.file_block(handle, i - 1, bytes, i == #blocks)) end
    end
  end
  link:ask(29, sized(70, 2, pack("<I2I2I2I2I4", 12, 5, 17, 6, 0) .. "admin" .. "secret"), sized(70, 2, pack("<I2I2I2I2I4", 0, 0, 0, 0, 77)))
  open("CONFIG.XML", 2, 7, 900)
  link:ask(WRITE, dnp3.file_block(7, 0, ("A"):rep(600)), dnp3.file_block_status(7, 0))
  link:ask(WRITE, dnp3.file_block(7, 1, ("B"):rep(300), true), dnp3.file_block_status(7, 1))
  close(7)
  link:ask(31, sized(70, 8, "CONFIG.XML"), count(52, 2, 1, pack("<I2", 1000)) .. sized(91, 1, "\0\0"))
  link:ask(28, dnp3.file_command("EVENTS.LOG", 0), dnp3.file_descriptor("EVENTS.LOG", 700))
  open("EVENTS.LOG", 1, 8, 700)
  get(8, { ("event "):rep(100), ("x"):rep(100) })
  close(8)
  open("/", 1, 9, 120)
  get(9, { dnp3.file_descriptor("CONFIG.XML", 900) .. dnp3.file_descriptor("logs", 0, true) })
  close(9)
  open("LOST.LOG", 1, 10, 30)
  get(10, { "0123456789", false, "0123456789" })
  close(10)
  open("HALF.BIN", 3, 11, 4000)
  link:ask(WRITE, dnp3.file_block(11, 0, ("C"):rep(100)), dnp3.file_block_status(11, 0, 7))
  open("ABORTED.BIN", 2, 12, 4000)
  link:ask(WRITE, dnp3.file_block(12, 0, ("D"):rep(100)), dnp3.file_block_status(12, 0))
  link:ask(30, dnp3.file_status(12), dnp3.file_status(12))
  for status in string.gmatch("1 2 3 4 5 6 8 9 16 17 18 19 20 255", "%d+") do
    link:ask(25, dnp3.file_command("NONE", 1), dnp3.file_status(0, tonumber(status)))
  end
  link:ask(27, dnp3.file_command("OLD.LOG", 0), dnp3.file_status(0))
  open("OPEN.LOG", 1, 13, 30)
  link:close()
end)

-- Secure authentication: keys, a challenge that is met and one that is not, aggressive mode, users.
w:at(28, function()
  local link = dnp3.connect(w, { master = master, outstation = rtu })
  local RESPONSE <const> = { response = { func = 131 } }
  local function auth(variation, ...) return sized(120, variation, pack(...)) end
  local function change(variation, object, answer) link:ask(32, sized(120, variation, object), answer, nil, RESPONSE) end
  link:ask(32, count(120, 4, 1, pack("<I2", 1)), auth(5, "<I4I2BBBI2c4", 1, 1, 1, 2, 4, 4, "abcd"), nil, RESPONSE)
  change(6, pack("<I4I2", 1, 1) .. ("k"):rep(40), auth(5, "<I4I2BBBI2c4c16", 2, 1, 2, 1, 4, 4, "efgh", ("m"):rep(16)))
  local function challenged(func, answer)
    link:request(func)
    link:respond(auth(1, "<I4I2BBc4", 5, 1, 4, 1, "wxyz"), nil, { func = 131 })
    link:fragment("master", pack("BB", 0xc0 | link.sequence, 32) .. auth(2, "<I4I2c16", 5, 1, ("m"):rep(16)))
    link:respond(answer.objects, nil, { func = answer.func })
    w:sleep(0.05)
  end
  challenged(14, { objects = count(52, 2, 1, pack("<I2", 500)) })
  for code = 1, 12 do challenged(13, { func = 131, objects = sized(120, 7, pack("<I4I2I2B", 5, 1, 0, code) .. time(NOW) .. "not so") }) end
  link:ask(DIRECT, count(120, 3, 1, pack("<I4I2", 6, 1)) .. indexed(12, 1, { { 3, crob(dnp3.LATCH_ON) } }) .. sized(120, 9, ("m"):rep(16)),
    indexed(12, 1, { { 3, crob(dnp3.LATCH_ON) } }))
  for operation = 1, 3 do
    change(10, pack("<BBI4I2I2I2I2I2", 3 + operation - 1, operation, 2, 1, 30, 3, 0, 0) .. "bob", auth(15, "c16", ("c"):rep(16)))
  end
  for _, method in ipairs { 67, 68, 69, 70, 71 } do
    change(11, pack("<BI2I2", method, 3, 4) .. "bobcccc", auth(12, "<I4I2I2c4", 3, 2, 4, "dddd"))
  end
  change(13, pack("<I4I2I2", 3, 2, 4) .. "eeee", auth(15, "c16", ("c"):rep(16)))
  link:ask(32, sized(120, 14, ("s"):rep(16)) .. sized(120, 8, "\67\1" .. "certificate"), auth(15, "c16", ("c"):rep(16)), nil, RESPONSE)
  for status = 3, 4 do
    link:ask(32, count(120, 4, 1, pack("<I2", 1)), auth(5, "<I4I2BBBI2", 1, 1, 1, status, status + 2, 0), nil, RESPONSE)
  end
  link:request(33, sized(120, 7, pack("<I4I2I2B", 5, 1, 0, 2) .. time(NOW)))
  link:close()
end)

-- Messages in pieces: segments, fragments, TCP segments; segments that are missing, sent again, out of order; confirmed by the link.
w:at(38, function()
  local link = dnp3.connect(w, { master = master, outstation = meter, address = 1024, master_address = 3 })
  local values = {}
  for i = 0, 299 do values[i + 1] = pack("<Bi2", 1, i) end
  local long = range(30, 2, 0, 299, table.concat(values))
  link:ask(READ, all(60, 1), long, nil, { response = { fault = { cut = { 5, 7, 280, 300 } } } })
  link:request(READ, all(60, 1))
  link:respond(long, 0, { last = false, confirm = true })
  link.sequence = link.sequence + 1 & 15
  link:respond(range(1, 1, 0, 15, "\xff\0"), 0, { first = false, confirm = true })
  link:ask(READ, all(60, 2), nil, nil, { request = { confirmed = true }, response = { confirmed = true } })
  for _, order in ipairs { { 1, 1, 2, 3, 4 }, { 1, 3 }, { 2 }, { 1 }, { 1, 2, 3, 4 } } do
    link:request(READ, all(60, 1))
    local frames = link:frames("outstation", pack(">BBI2", 0xc0 | link.sequence, 129, 0) .. long)
    for _, i in ipairs(order) do link:send("outstation", frames[i]) end
    w:sleep(0.05)
  end
  link:request(READ, all(60, 1), { fault = { lose = { true } } })
  link:respond(long)
  link:ask(READ, all(60, 2), nil, nil, { request = { fault = { cut = { 1, 1, 8 } } } })
  link:close()
end)

-- UDP, another port, called by the outstation, joined late; nobody answers.
w:at(44, function()
  local ways = { { udp = true }, { port = 20501 }, { caller = "outstation" }, { midstream = true }, { udp = true, port = 30500 } }
  for _, options in ipairs(ways) do
    options.master, options.outstation, options.address = master, meter, 1024
    local link = dnp3.connect(w, options)
    link:ask(READ, all(60, 1), range(1, 2, 0, 1, "\x81\x01"))
    link:unsolicit(indexed(22, 1, { { 0, pack("<BI4", 1, 5) } }), 0, options.midstream)
    link:respond(range(30, 4, 0, 1, pack("<i2i2", 1, 2)))
    if options.udp then link:request(READ, all(60, 2)) end
    link:close()
  end
end)

-- What should not be: checksums, lengths, objects that lie, roles turned round. Then a stranger.
w:at(50, function()
  local link = dnp3.connect(w, { master = stranger, outstation = rtu, master_address = 7 })
  local fine = table.concat(link:frames("master", "\xc1\1" .. all(60, 1)))
  local function damaged(at) return fine:sub(1, at - 1) .. string.char(fine:byte(at) ~ 1) .. fine:sub(at + 1) end
  w:fault("dnp3_damaged", { frames = 5 })
  link:send("master", fine)
  link:send("master", damaged(5)) -- in the header
  link:send("master", damaged(13)) -- in the data
  link:send("master", "junk" .. fine)
  link:send("master", "\5\x64\4\xc4\10\0\7\0\0\0")
  w:attack("dnp3_malformed", stranger, rtu, { messages = 9 })
  link:request(OPERATE, indexed(12, 1, { { 3, crob(dnp3.LATCH_ON):sub(1, 6) } }))
  link:request(WRITE, range(30, 2, 9, 1))
  link:request(READ, "\x1e\2\x7a")
  link:request(READ, "\x1e\2\x8a\0")
  link:request(WRITE, range(200, 1, 0, 0, "\0"))
  link:request(WRITE, "\x56\1\0\0\0\0")
  link:request(25, sized(70, 3, "short"))
  link:request(32, sized(120, 7, "short"))
  link:fragment("master", "\xc1")
  link:ask(0x46, nil, nil, 0x0001)
  link:fragment("outstation", "\xc0\1" .. all(60, 1))
  link:fragment("master", "\xc0\x81\0\0")
  link:request(DIRECT_NR, indexed(12, 1, { { 3, crob(dnp3.TRIP_PULSE) } }))
  link:request(13)
  w:attack("dnp3_restart", stranger, rtu, { func = "COLD_RESTART" })
  link:control("master", 0x41) -- reset user process
  link:control("outstation", 0x0e)
  link:control("outstation", 0x0f)
  link:close()
end)
