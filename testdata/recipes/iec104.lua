-- IEC 60870-5-104: every type identification, cause and function, files both ways, refusals, pieces, pipelines, losses, joined late.

local iec104 = require "iec104"

local w = ...
w:title "IEC 60870-5-104: every type, cause and function, files, refusals, pieces, pipelines, losses, joined mid-stream, port 12404"
w:duration "150s"

local centre = w:host { name = "centre", role = "scada", ip = "10.9.0.20", vendor = "dell", os = "windows" }
local rtu = w:host { name = "rtu", role = "rtu", ip = "10.9.0.11", vendor = "siemens" }
local gateway = w:host { name = "gateway", role = "rtu", ip = "10.9.0.12", vendor = "siemens" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.9.0.99", vendor = "raspberry_pi", os = "linux" }

local e = iec104.element
local GOOD <const>, IV <const>, NT <const>, SB <const>, BL <const>, OV <const> = 0, 0x80, 0x40, 0x20, 0x10, 1
local SPONTANEOUS <const>, REQUEST <const>, FILE <const>, SELECT <const> = 3, 5, 13, 0x80
local ACT <const>, DEACT <const> = 6, 8
local now, hour = e.cp56(12345, 8, 8, 13 | 1 << 5, 5, 24), e.cp24(12345, 8)

local function point(n, quality) return e.u8(n | (quality or 0)) end
local function with(...) return table.concat { ... } end
local function one(type, cause, address, bytes, more)
  local a = { type = type, cause = cause, ca = 3, objects = { { address, bytes } } }
  for name, value in pairs(more or {}) do a[name] = value end
  return a
end

-- What is monitored, with its type, its elements without time, and whether a time of the hour or a whole one may follow.
local monitored = {
  { 1, 2, 30, point(1), 1001 }, { 3, 4, 31, point(2), 1101 }, { 5, 6, 32, e.u8(0x7d) .. e.u8(GOOD), 1201 },
  { 7, 8, 33, e.u32(0xa5000001) .. e.u8(GOOD), 1301 }, { 9, 10, 34, e.normalized(-0.25) .. e.u8(GOOD), 1401 },
  { 11, 12, 35, e.i16(-250) .. e.u8(OV), 1501 }, { 13, 14, 36, e.real(50.02) .. e.u8(GOOD), 1601 },
  { 15, 16, 37, e.i32(-7) .. e.u8(3), 1701 },
}

-- A day of the station: started, interrogated, and what it tells by itself.
w:at(1, function()
  local link = iec104.connect(w, { client = centre, server = rtu })
  link:start()
  link:say("server", one(70, 4, 0, e.u8(0x82)))
  link:command(one(103, ACT, 0, now, { ca = 0xffff }), { ca = 3 })
  link:command(one(100, ACT, 0, e.u8(20)))
  link:say("server", { type = 1, cause = 20, ca = 3, first = 1001, elements = { point(0), point(1), point(1, IV),
    point(0, NT | SB | BL) } })
  link:say("server", { type = 13, cause = 20, ca = 3, objects = { { 1601, with(e.real(49.98), e.u8(GOOD)) },
    { 1611, with(e.real(-1.5e9), e.u8(OV | IV)) } } })
  link:acknowledge "client"
  link:say("server", one(100, 10, 0, e.u8(20)))
  for group = 1, 16 do
    link:command(one(100, ACT, 0, e.u8(20 + group)))
    link:say("server", one(11, 20 + group, 1500 + group, e.i16(100 * group) .. e.u8(GOOD)))
    link:say("server", one(100, 10, 0, e.u8(20 + group)))
  end
  link:acknowledge "client"
  link:command(one(100, DEACT, 0, e.u8(20)))
  for request = 1, 5 do
    link:command(one(101, ACT, 0, e.u8(request)))
    link:say("server", one(15, request == 5 and 37 or 37 + request, 1700 + request, e.i32(1000 * request) .. e.u8(request)))
    link:say("server", one(101, 10, 0, e.u8(request)))
  end
  for freeze = 1, 3 do link:command(one(101, ACT, 0, e.u8(5 | freeze << 6))) end
  link:say("server", one(15, SPONTANEOUS, 1701, e.i32(0) .. e.u8(0xe0)))
  for cause = 1, 3 do link:say("server", one(9, cause, 1401, e.normalized(0.5) .. e.u8(GOOD))) end
  link:acknowledge "client"
  for _, m in ipairs(monitored) do
    link:say("server", one(m[1], SPONTANEOUS, m[5], m[4]))
    link:say("server", one(m[2], SPONTANEOUS, m[5], m[4] .. hour))
    link:say("server", one(m[3], SPONTANEOUS, m[5], m[4] .. now))
  end
  link:say("server", one(17, SPONTANEOUS, 1801, with(e.u8(2), e.cp16(45), hour)))
  link:say("server", one(18, SPONTANEOUS, 1802, with(e.u8(0x23), e.u8(8), e.cp16(45), hour)))
  link:say("server", one(19, SPONTANEOUS, 1803, with(e.u8(0x05), e.u8(GOOD), e.cp16(45), hour)))
  link:say("server", one(38, SPONTANEOUS, 1804, with(e.u8(1 | 8), e.cp16(60), now)))
  link:say("server", one(39, SPONTANEOUS, 1805, with(e.u8(0x11), e.u8(GOOD), e.cp16(60), now)))
  link:say("server", one(40, SPONTANEOUS, 1806, with(e.u8(0x0e), e.u8(IV), e.cp16(60), now)))
  link:say("server", one(20, SPONTANEOUS, 1807, with(e.u16(0x00ff), e.u16(0x0081), e.u8(GOOD))))
  link:say("server", one(21, SPONTANEOUS, 1808, e.normalized(0.75)))
  link:say("server", one(41, SPONTANEOUS, 1809, e.i32(12) .. e.u8(1) .. now))
  link:say("server", one(30, SPONTANEOUS, 1001, point(1) .. e.cp56(59999, 59, 23 | 0x80, 31, 12, 99, 0x80)))
  link:say("server", one(30, SPONTANEOUS, 1001, point(0) .. e.cp56(0, 0, 0, 0, 0, 0)))
  link:acknowledge "client"
  link:control("server", "testfr_act")
  link:control("client", "testfr_con")
  link:control("client", "stopdt_act")
  link:control("server", "stopdt_con")
  link:close()
end)

-- Commands: selected, executed, given up, refused, not answered; parameters; the station itself.
w:at(20, function()
  local link = iec104.connect(w, { client = centre, server = rtu })
  link:start()
  local commands = {
    { 45, 58, e.u8(1) }, { 46, 59, e.u8(2 | 1 << 2) }, { 47, 60, e.u8(1 | 2 << 2) },
    { 48, 61, e.normalized(0.5), e.u8(0) }, { 49, 62, e.i16(1200), e.u8(0) }, { 50, 63, e.real(21.5), e.u8(0) },
  }
  for i, c in ipairs(commands) do
    for k, time in ipairs { "", now } do
      local address = 2000 + 10 * i
      local last = c[4] or c[3]
      local selected = (c[4] and c[3] or "") .. e.u8(last:byte() | SELECT) .. time
      link:command(one(c[k], ACT, address, selected))
      link:command(one(c[k], ACT, address, c[3] .. (c[4] or "") .. time), { done = true })
      link:say("server", one(1, 11, address + 1, point(1)))
    end
  end
  link:command(one(45, ACT, 2010, e.u8(SELECT)))
  link:command(one(45, DEACT, 2010, e.u8(SELECT)))
  link:command(one(50, DEACT, 2060, e.real(21.5) .. e.u8(SELECT)), { negative = true })
  link:command(one(45, ACT, 2010, e.u8(3 << 2 | 1)), { negative = true })
  link:command(one(51, ACT, 2101, e.u32(0xff00ff00)), { done = true })
  link:command(one(64, ACT, 2101, e.u32(0x00ff00ff) .. now), { done = true })
  link:command({ type = 45, cause = ACT, ca = 3, objects = { { 2201, e.u8(1) }, { 2202, e.u8(0) } } })
  link:say("server", one(3, 12, 1101, point(1)))
  link:command(one(110, ACT, 2301, e.normalized(0.1) .. e.u8(1)))
  link:command(one(111, ACT, 2302, e.i16(5) .. e.u8(2 | 0x40)))
  link:command(one(112, ACT, 2303, e.real(80) .. e.u8(3 | 0x80)))
  link:command(one(112, ACT, 2303, e.real(90) .. e.u8(4)))
  for kind = 1, 3 do link:command(one(113, ACT, kind == 1 and 0 or 2303, e.u8(kind))) end
  link:command(one(113, DEACT, 2303, e.u8(3)))
  link:say("server", one(110, 20, 2301, e.normalized(0.1) .. e.u8(1)))
  link:say("client", one(102, REQUEST, 1601, ""))
  link:say("server", one(13, REQUEST, 1601, e.real(50.0) .. e.u8(GOOD)))
  link:command(one(104, ACT, 0, e.u16(0x55aa)))
  link:command(one(107, ACT, 0, e.u16(9) .. now))
  link:command(one(106, ACT, 0, e.cp16(150)))
  link:command(one(45, ACT, 2010, e.u8(1), { test = true, oa = 7 }), { silent = true })
  link:say("server", one(45, 7, 2010, e.u8(1), { test = true, oa = 7 }))
  for cause = 44, 47 do link:command(one(45, ACT, 9000 + cause, e.u8(1)), { cause = cause, negative = true }) end
  link:say("client", one(102, REQUEST, 9999, ""))
  link:say("server", one(102, 47, 9999, "", { negative = true }))
  for type = 81, 95 do
    local side = type % 2 == 1 and "client" or "server"
    if type < 88 or type > 89 then
      link:say(side, { type = type, cause = type < 88 and 14 or 16, ca = 3, count = 1, plain = e.u32(type) })
    end
  end
  link:say("server", { type = 200, cause = 50, ca = 3, count = 1, plain = "maker's own" })
  link:say("server", { type = 1, cause = SPONTANEOUS, ca = 3, objects = {} })
  link:command(one(45, ACT, 2010, e.u8(0)), { silent = true })
  link:close()
end)

-- A file out of the station in two sections, one of which is sent twice; a directory; a log; a file into it; deleted, given up, refused.
local function section_over(link, from, ioa, file, number, parts)
  local sum = 0
  for _, part in ipairs(parts) do
    for i = 1, #part do sum = sum + part:byte(i) end
    link:say(from, one(125, FILE, ioa, with(e.u16(file), e.u8(number), string.pack("s1", part))))
  end
  link:say(from, one(123, FILE, ioa, with(e.u16(file), e.u8(number), e.u8(3), e.u8(sum & 0xff))))
end

local function file_over(link, from, to, ioa, file, sections)
  local size = 0
  for _, parts in ipairs(sections) do size = size + #table.concat(parts) end
  link:say(from, one(120, FILE, ioa, with(e.u16(file), e.u24(size), e.u8(0))))
  link:say(to, one(122, FILE, ioa, with(e.u16(file), e.u8(0), e.u8(2))))
  for number, parts in ipairs(sections) do
    link:say(from, one(121, FILE, ioa, with(e.u16(file), e.u8(number), e.u24(#table.concat(parts)), e.u8(0))))
    link:say(to, one(122, FILE, ioa, with(e.u16(file), e.u8(number), e.u8(6))))
    section_over(link, from, ioa, file, number, parts)
    if parts.again then
      link:say(to, one(124, FILE, ioa, with(e.u16(file), e.u8(number), e.u8(4 | 2 << 4))))
      section_over(link, from, ioa, file, number, parts)
    end
    link:say(to, one(124, FILE, ioa, with(e.u16(file), e.u8(number), e.u8(3))))
  end
  link:say(from, one(123, FILE, ioa, with(e.u16(file), e.u8(#sections), e.u8(1), e.u8(0))))
  link:say(to, one(124, FILE, ioa, with(e.u16(file), e.u8(#sections), e.u8(1))))
end

w:at(40, function()
  local link = iec104.connect(w, { client = centre, server = rtu })
  link:start()
  local function call(file, section, what) return with(e.u16(file), e.u8(section), e.u8(what)) end
  link:say("client", one(122, REQUEST, 3000, call(0, 0, 0)))
  link:say("server", { type = 126, cause = REQUEST, ca = 3, first = 3001, elements = {
    with(e.u16(2), e.u24(620), e.u8(0), now), with(e.u16(1), e.u24(33), e.u8(0x20 | 0x80), now) } })
  link:say("client", one(122, FILE, 3001, call(2, 0, 1)))
  file_over(link, "server", "client", 3001, 2, { { ("A"):rep(200), ("B"):rep(200) }, { ("C"):rep(220), again = true } })
  link:say("client", one(127, FILE, 3003, with(e.u16(3), now, e.cp56(0, 0, 12, 13, 5, 24))))
  link:say("server", one(120, FILE, 3003, with(e.u16(3), e.u24(0), e.u8(0x80))))
  link:say("client", one(122, FILE, 3009, call(9, 0, 1)))
  link:say("server", one(122, FILE, 3009, call(9, 0, 1 | 4 << 4)))
  link:say("client", one(122, FILE, 3010, call(9, 0, 1)))
  link:say("server", one(122, 47, 3010, call(9, 0, 1), { negative = true }))
  link:say("client", one(122, FILE, 3001, call(2, 0, 1)))
  link:say("server", one(120, FILE, 3001, with(e.u16(2), e.u24(620), e.u8(0))))
  link:say("client", one(122, FILE, 3001, call(2, 0, 3)))
  link:say("client", one(122, FILE, 3001, call(2, 1, 5)))
  link:say("server", one(121, FILE, 3001, with(e.u16(2), e.u8(1), e.u24(0), e.u8(0x80))))
  link:say("client", one(122, FILE, 3001, call(2, 1, 7)))
  link:say("client", one(122, FILE, 3001, call(2, 0, 4)))
  link:say("server", one(120, FILE, 3001, with(e.u16(2), e.u24(0), e.u8(0))))
  file_over(link, "client", "server", 3002, 1, { { "a parameter file that goes in" } })
  link:say("client", one(120, FILE, 3002, with(e.u16(1), e.u24(5000), e.u8(0))))
  link:say("server", one(124, FILE, 3002, with(e.u16(1), e.u8(0), e.u8(2 | 1 << 4))))
  link:say("client", one(122, FILE, 3004, call(4, 0, 1)))
  link:say("server", one(120, FILE, 3004, with(e.u16(4), e.u24(100), e.u8(0))))
  link:say("server", one(121, FILE, 3004, with(e.u16(4), e.u8(1), e.u24(100), e.u8(0))))
  link:say("server", one(125, FILE, 3004, with(e.u16(4), e.u8(1), string.pack("s1", "half of it"))))
  link:say("server", one(123, FILE, 3004, with(e.u16(4), e.u8(1), e.u8(4), e.u8(0))))
  link:say("server", one(123, FILE, 3004, with(e.u16(4), e.u8(1), e.u8(2), e.u8(0))))
  link:say("client", one(122, FILE, 3005, call(5, 0, 1)))
  link:say("server", one(120, FILE, 3005, with(e.u16(5), e.u24(100), e.u8(0))))
  link:say("server", one(125, FILE, 3005, with(e.u16(5), e.u8(1), string.pack("s1", "and then nothing"))))
  link:close()
end)

-- Many in a segment, one over many segments, one lost, out of order; another port; joined late; the station called the centre.
local function measured(n)
  local list = {}
  for i = 1, n do list[i] = one(13, SPONTANEOUS, 1600 + i, e.real(i / 8) .. e.u8(GOOD)) end
  return list
end
w:at(70, function()
  local link = iec104.connect(w, { client = centre, server = rtu })
  link:start()
  link:say("server", measured(12))
  link:say("server", measured(4), { cut = { 1, 1, 3, 20, 7 } })
  link:say("server", measured(6), { cut = { 30, 30 }, order = { 2, 1 } })
  link:say("server", measured(6), { cut = { 30, 30 }, lose = { [2] = true } })
  link:say("server", measured(3))
  link:say("client", { one(45, ACT, 2010, e.u8(1)), one(45, ACT, 2020, e.u8(1)), one(45, ACT, 2030, e.u8(1)) })
  link:say("server", { one(45, 7, 2030, e.u8(1)), one(45, 7, 2020, e.u8(1)), one(45, 7, 2010, e.u8(1)) })
  link:close()
end)
w:at(80, function()
  local link = iec104.connect(w, { client = centre, server = gateway, port = 12404 })
  link:start()
  link:command(one(100, ACT, 0, e.u8(20), { ca = 300 }))
  link:say("server", measured(2))
  link:close()
end)
w:at(85, function()
  local link = iec104.connect(w, { client = centre, server = gateway, port = 12404, midstream = true, sent = 32766 })
  link:say("server", measured(3))
  link:say("client", { one(45, ACT, 2010, e.u8(1)), one(45, ACT, 2020, e.u8(1)) })
  link:say("server", { one(45, 7, 2010, e.u8(1)), one(45, 7, 2020, e.u8(1), { negative = true }) })
end)
w:at(90, function()
  local link = iec104.connect(w, { client = centre, server = rtu, midstream = true, sent = 100 })
  link:say("server", one(45, 7, 2010, e.u8(1)))
  link:say("server", one(13, REQUEST, 1601, e.real(50.0) .. e.u8(GOOD)))
  link:say("server", one(125, FILE, 3001, with(e.u16(2), e.u8(1), string.pack("s1", "the end of it"))))
  link:say("server", one(123, FILE, 3001, with(e.u16(2), e.u8(1), e.u8(1), e.u8(0))))
  link:say("client", one(124, FILE, 3001, with(e.u16(2), e.u8(1), e.u8(1))))
  link:control("server", "startdt_con")
end)
w:at(93, function()
  local link = iec104.connect(w, { client = rtu, server = centre, port = 12405 })
  link:control("server", "startdt_act")
  link:control("client", "startdt_con")
  link:say("server", one(100, ACT, 0, e.u8(20)))
  link:say("client", one(100, 7, 0, e.u8(20)))
  link:say("client", one(1, 20, 1001, point(1)))
  link:close()
end)

-- A stranger looks for stations and objects, switches, resets, tells values as if he were a station; then many values become invalid.
w:at(100, function()
  local link = iec104.connect(w, { client = stranger, server = rtu })
  w:attack("iec104_scan", stranger, rtu, { service = "interrogation" })
  link:start()
  for ca = 1, 12 do
    local known = ca == 3
    link:command(one(100, ACT, 0, e.u8(20), { ca = ca }), { cause = not known and 46 or nil, negative = not known })
  end
  for address = 1, 8 do
    link:say("client", one(102, REQUEST, 5000 + address, ""))
    link:say("server", one(102, 47, 5000 + address, "", { negative = true }))
  end
  w:attack("iec104_control", stranger, rtu, { service = "C_SC_NA_1" })
  for address = 2010, 2050, 10 do link:command(one(45, ACT, address, e.u8(0)), { done = true }) end
  link:command(one(105, ACT, 0, e.u8(2)))
  link:command(one(105, ACT, 0, e.u8(1)))
  link:say("client", one(30, SPONTANEOUS, 1001, point(1) .. now))
  link:say("client", one(45, ACT, 2010, e.u8(1), { test = true }))
  link:control("client", "stopdt_act")
  link:control("server", "stopdt_con")
  link:close()
end)
w:at(120, function()
  local link = iec104.connect(w, { client = centre, server = rtu, midstream = true, sent = 500 })
  local list = {}
  for i = 1, 30 do list[i] = one(13, SPONTANEOUS, 1600 + i, e.real(i / 8) .. e.u8(IV | NT)) end
  link:say("server", list)
end)
