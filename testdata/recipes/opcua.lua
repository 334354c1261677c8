-- OPC UA: every service with its answer, values of all types, channels of every kind, chunks, faults; a stranger who logs in, changes nodes
-- and settings.

local opcua = require "opcua"
local tls = require "tls"

local w = ...
w:title "OPC UA: every service, all types, channels plain, signed and encrypted, chunks, refusals, a stranger"
w:duration "170s"

local station = w:host { name = "station", role = "scada", ip = "10.11.0.20", vendor = "dell", os = "windows" }
local cell = w:host { name = "cell", role = "plc", ip = "10.11.0.11", vendor = "siemens" }
local tank = w:host { name = "tank", role = "plc", ip = "10.11.0.12", vendor = "siemens" }
local finder = w:host { name = "finder", role = "server", ip = "10.11.0.30", vendor = "dell", os = "linux" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.11.0.99", vendor = "raspberry_pi", os = "linux" }

local node, u8, u32, f64, str, array, name = opcua.node, opcua.u8, opcua.u32, opcua.f64, opcua.str, opcua.array, opcua.name
local variant, list, data, results, extension = opcua.variant, opcua.list, opcua.data, opcua.results, opcua.extension
local SPEED <const>, LEVEL <const>, RESET <const> = "ns=2;s=Motor.Speed", "ns=2;i=70000", "ns=2;s=Motor.Reset"
local GUID <const>, OPAQUE <const> = "ns=3;g=" .. "\x78\x56\x34\x12\xcd\xab\x01\xef0123ABCD", "ns=3;b=\1\2\3\4\5"
local BAD_NODE <const>, BAD_DENIED <const>, BAD_SUBSCRIPTION <const> = 0x80340000, 0x801f0000, 0x80790000
local NOW <const> = 1700000000
local FILTER <const> = array { node(2041) .. array { name "Severity" } .. u32(13) .. str() } .. array {}
local EVENTS <const> = extension(727, FILTER)

local function certificate(who)
  return tls.certificate({ subject = { "O", "Example Works", "CN", who }, from = "240101000000Z", names = { "uri", "urn:cell:example",
    "dns", who } }, w:chance_of("certificate " .. who))
end
local function application(o)
  return { uri = "urn:cell:example:server", product = "urn:example:server", name = "Example Cell", type = 0,
    urls = { "opc.tcp://cell:4840/plant" }, more = o }
end
local function reads(...)
  local out = {}
  for i, id in ipairs { ... } do out[i] = opcua.value_id(id) end
  return f64(0) .. u32(3) .. array(out)
end
local function read(...) return array { ... } .. array {} end

-- Discovery: servers, endpoints of every kind, registration.
w:at(1, function()
  local link = opcua.connect(w, { client = station, server = cell })
  local der = certificate "cell"
  link:ask(428, str "opc.tcp://cell:4840/plant" .. array({ "en" }, str) .. array({}, str), array({
    { url = "opc.tcp://cell:4840/plant", application = application(), certificate = der, mode = 2, policy = "Basic256Sha256", tokens = { 0,
      1, 2, 3 }, level = 60 },
    { url = "opc.tcp://cell:4840/plant", application = application(), certificate = der, mode = 3, policy = "Aes256_Sha256_RsaPss",
      tokens = { 1 }, level = 120 },
    { url = "opc.tcp://cell:4840/plant", application = application(), certificate = der, mode = 3, policy = "Future", tokens = { 1, 9 },
      level = 130 },
  }, opcua.endpoint))
  link:close()
  link = opcua.connect(w, { client = station, server = finder, channel = 12 })
  link:ask(422, str "opc.tcp://finder:4840" .. array({}, str) .. array({}, str), array({ application(),
    { uri = "urn:finder", product = "urn:example:lds", name = "Discovery", type = 3 } }, opcua.application))
  link:ask(12208, u32(0) .. u32(10) .. array({ "DA" }, str),
    opcua.time(NOW) .. array { u32(1) .. str "cell" .. str "opc.tcp://cell:4840" .. array({ "DA", "HD" }, str) }, { step = 1 })
  link:close()
  link = opcua.connect(w, { client = cell, server = finder, channel = 13 })
  local registered = str "urn:cell:example:server" .. str "urn:example:server" .. array { opcua.localized "Example Cell" } .. u32(0)
    .. str()
    .. array({ "opc.tcp://cell:4840" }, str) .. str() .. u8(1)
  link:ask(437, registered, "")
  link:ask(12211, registered .. array { extension(12900, "\1") }, array({ 0 }, u32) .. array {}, { step = 1 })
  link:close()
end)

-- Attributes: what is asked for in a day, with values of every type.
w:at(10, function()
  local link = opcua.connect(w, { client = station, server = cell })
  link:session { id = "ns=1;g=SESSION-OF-16-OC", token = "ns=0;b=secret token no 1", user = { kind = "anonymous" },
    endpoints = { { url = "opc.tcp://10.11.0.11:4840", application = application(), tokens = {} } } }
  local build = str "urn:example:server" .. str "Example Works" .. str "Cell Server" .. str "4.1.0" .. str "1123" .. opcua.time(NOW)
  link:ask(631, reads(2256, 2260, 2259), read(data(variant("extension", extension(864, opcua.time(NOW) .. opcua.time(NOW) .. u32(0)
    .. build .. u32(0) .. "\0"))),
    data(variant("extension", extension(340, build))), data(variant("int32", 0))))
  link:ask(631, reads(2261, 2263, 2264, 2265), read(data(variant("string", "Cell Server")), data(variant("string", "Example Works")),
    data(variant("string", "4.1.0")), data(variant("string", "1123"))))
  local scalars = { { "boolean", 1 }, { "sbyte", -5 }, { "byte", 200 }, { "int16", -300 }, { "uint16", 60000 }, { "int32", -70000 },
    { "uint32", 4000000000 },
    { "int64", -5000000000 }, { "uint64", -1 }, { "float", 1.25 }, { "double", -3.0e-7 }, { "string", "Line 4" }, { "datetime", NOW },
      { "guid", "0123456789ABCDEF" },
    { "bytes", "\1\2\255" }, { "xml", "<a/>" }, { "node", SPEED }, { "expanded", "i=85" }, { "status", BAD_NODE }, { "name", "Speed" },
      { "text", "turns" },
    { "extension", extension(886, f64(0) .. f64(1500)) }, { "future", "later" } }
  local ids, values, arrays = {}, {}, {}
  for i, s in ipairs(scalars) do
    ids[i] = "ns=2;s=All." .. s[1]
    values[i] = data(variant(s[1], s[2]), { source = NOW + i, server = NOW, fine = i == 3 })
    arrays[i] = data(list(s[1], { s[2], s[2] }))
  end
  link:ask(631, reads(table.unpack(ids)), read(table.unpack(values)))
  link:ask(631, reads(table.unpack(ids)), read(table.unpack(arrays)))
  link:ask(631, reads(SPEED, LEVEL, GUID, OPAQUE, "ns=2;s=None"), read(data(variant("double", 1480.5)), data(list("int32", { 1, 2, 3, 4 },
    { 2, 2 })),
    data(list("variant", { variant("byte", 1), variant("string", "x") })), data(variant("data", data(variant("float", 0.5),
      { status = 0x40920000 }))),
    data(nil, { status = BAD_NODE })))
  link:ask(631, f64(0) .. u32(2) .. array { opcua.value_id(SPEED, 3), opcua.value_id(SPEED, 13, "1:2"), opcua.value_id(SPEED, 17) },
    read(data(variant("name", "Speed")), data(variant("double", -0.125), { status = 0x40900000 }), data(variant("diagnostic",
      opcua.diagnostic { info = "odd" }))))
  link:ask(631, reads(SPEED), read(data(variant("double", 1 / 0))), {
    texts = { "text", "symbol" }, diagnostic = opcua.diagnostic { symbol = 1, text = 0, info = "outer", status = 0x80010000,
      inner = opcua.diagnostic { status = BAD_NODE } } })
  link:ask(673, array { node(SPEED) .. u32(13) .. str() .. data(variant("double", 1500)), node(LEVEL) .. u32(13) .. str "0"
    .. data(list("int32", { 7 })) }, results(0, BAD_DENIED))
  link:ask(673, array { node(SPEED) .. u32(13) .. str() .. data(variant("double", 1500.25), { status = 0, source = NOW }) }, results(0))
  link:ask(631, reads(SPEED), 0x80850000)
  link:ask(631, reads(SPEED), nil)
  -- pipelined, answered the other way round; in pieces of the stream
  local first, second = link:ask(631, reads(SPEED), nil), link:ask(631, reads(LEVEL), nil)
  link:answer(second, 634, read(data(variant("int32", 2))))
  link:answer(first, 634, read(data(variant("double", 1))))
  link:ask(631, reads(SPEED), read(data(variant("string", ("long "):rep(400)))), { answer = { fault = { cut = { 5, 30, 1, 400 } } } })
  -- history
  local raw = extension(649, u8(0) .. opcua.time(NOW - 60) .. opcua.time(NOW) .. u32(100) .. u8(0))
  local past = node(SPEED) .. str() .. name() .. str()
  link:ask(664, raw .. u32(0) .. u8(0) .. array { past, node(LEVEL) .. str() .. name() .. str() }, array { u32(0) .. str() .. extension(658,
    array { data(variant("double", 1.5), { source = NOW }), data(variant("double", 2.5), { source = NOW + 1 }) }), u32(0x80720000) .. str()
      .. extension(0) } .. array {})
  link:ask(664, extension(652, opcua.time(NOW - 60) .. opcua.time(NOW) .. f64(1000) .. array({ 2342 }, node) .. "\1\0\100\100\0") .. u32(0)
    .. u8(0) .. array { past }, array { u32(0) .. str "more" .. extension(11227,
    array { data(variant("double", 3)) } .. array { opcua.time(NOW) .. u32(1) .. str "operator" }) } .. array {})
  link:ask(700, array { extension(682, node(SPEED) .. u32(1) .. array { data(variant("double", 9)) }) .. "", extension(688, node(LEVEL)
    .. u8(0) .. opcua.time() .. opcua.time()),
    extension(691, node(SPEED) .. array { opcua.time(NOW) }), extension(694, node(SPEED) .. array({ "event" }, str)), extension(685,
      node(SPEED) .. u32(1) .. FILTER .. array { array { variant("uint16", 700) } }),
    extension(11300, node(LEVEL) .. u32(1) .. array { data(variant("int32", 9)) }) },
    array { u32(0) .. array({ 0 }, u32) .. array {}, u32(BAD_DENIED) .. array({}, u32) .. array {} } .. array {})
  -- methods: one of the maker's, those of the standard
  local function call(object, method, ...) return array { node(object) .. node(method) .. array { ... } } end
  local function called(status, ...) return array { u32(status) .. array({}, u32) .. array {} .. array { ... } } .. array {} end
  link:ask(712, call("ns=2;s=Motor", RESET, variant("uint32", 3), list("string", { "a", "b" })), called(0, variant("boolean", 1)))
  for _, id in ipairs { 2426, 2427, 2428, 2429, 2430, 3875, 9111, 11580, 11585, 11588, 11583, 11492, 12886, 12740, 24304, 25709 } do
    link:ask(712, call("i=2253", id, variant("uint32", 1)), called(id > 24000 and BAD_DENIED or 0, variant("uint32", 1)))
  end
  link:ask(712, call("i=2253", "i=99999") .. "", array { u32(0x80750000) .. array({ 0, 0x80740000 }, u32) .. array {} .. array {} }
    .. array { opcua.diagnostic { info = "no method" } })
  link:ask(479, u32(1005), u32(1))
  link:ask(473, u8(1), "")
  link:close()
end)

-- The address space: looked through, queried, changed.
w:at(40, function()
  local link = opcua.connect(w, { client = station, server = cell, url = "opc.tcp://cell:4840" })
  link:session { id = "ns=1;i=77", token = "ns=0;b=secret token no 2", user = { kind = "user", name = "engineer",
    password = ("\7"):rep(256),
    algorithm = "http://www.w3.org/2001/04/xmlenc#rsa-oaep" } }
  local function reference(target, title) return node(35) .. u8(1) .. target .. name(title, 2) .. opcua.localized(title) .. u32(1)
    .. node(58) end
  local browse = node(85) .. u32(0) .. node(33) .. u8(1) .. u32(0) .. u32(63)
  link:ask(527, opcua.view() .. u32(2) .. array { browse, node "ns=2;s=Nowhere" .. u32(0) .. node(33) .. u8(1) .. u32(0) .. u32(63) },
    array { u32(0) .. str "point" .. array { reference(node "ns=2;s=Motor", "Motor"), reference(opcua.far("i=1", "urn:other"), "Far"),
      reference(opcua.far("ns=2;i=5", nil, 3), "Away") },
      u32(BAD_NODE) .. str() .. array() } .. array {})
  link:ask(533, u8(0) .. array({ "point" }, str), array { u32(0) .. str() .. array { reference(node(LEVEL), "Level") } } .. array {})
  link:ask(554, array { node(85) .. array { node(33) .. u8(0) .. u8(1) .. name("Motor", 2), node(33) .. u8(0) .. u8(1) .. name() } },
    array { u32(0) .. array { node(SPEED) .. u32(0xffffffff) } } .. array {})
  link:ask(560, array({ SPEED, LEVEL }, node), array({ "ns=9;i=1", "ns=9;i=2" }, node))
  link:ask(566, array({ "ns=9;i=1" }, node), "")
  link:ask(615, opcua.view() .. array { node(58) .. u8(1) .. array { array { node(33) .. u8(0) .. u8(1) .. name "Speed" } .. u32(13)
    .. str() } }
    .. array { u32(0) .. array { extension(597, variant("double", 1)) } } .. u32(10) .. u32(10),
    array { node "ns=2;s=Motor" .. node(58) .. array { variant("double", 1) } } .. str "next" .. array { u32(0) .. array({ 0 }, u32)
      .. array {} } .. array {}
    .. array { u32(0) .. array({ 0 }, u32) .. array {} } .. array {})
  link:ask(621, u8(0) .. str "next", array { node(LEVEL) .. node(58) .. array {} } .. str())
  local new = node(85) .. node(35) .. node "ns=2;s=New" .. name("New", 2) .. u32(1) .. extension(354, u32(0) .. "\0\0" .. u32(0) .. u32(0)
    .. "\0") .. node(58)
  link:ask(488, array { new, new }, array { u32(0) .. node "ns=2;s=New", u32(0x805e0000) .. node(0) } .. array {})
  link:ask(494, array { node "ns=2;s=New" .. node(35) .. u8(1) .. str() .. node(85) .. u32(1) }, results(0))
  link:ask(506, array { node "ns=2;s=New" .. node(35) .. u8(1) .. node(85) .. u8(1) }, results(0))
  link:ask(500, array { node "ns=2;s=New" .. u8(1) }, results(0))
  link:renew "renew"
  link:ask(473, u8(1), "")
  link:close()
end)

-- A subscription: items, changes, events, a status; an answer that comes after more than a minute.
w:at(55, function()
  local link = opcua.connect(w, { client = station, server = cell })
  link:session { id = "ns=1;s=session 3", token = "ns=0;b=secret token no 3", user = { kind = "certificate",
    der = certificate "operator" } }
  local create = f64(500) .. u32(1000) .. u32(10) .. u32(0) .. u8(1) .. u8(0)
  link:ask(787, create, u32(31) .. f64(500) .. u32(1000) .. u32(10))
  local function item(id, attribute, handle, filter) return opcua.value_id(id, attribute) .. u32(2) .. opcua.parameters(handle, filter) end
  local function made(status, id) return u32(status) .. u32(id) .. f64(250) .. u32(4) .. extension(0) end
  link:ask(751, u32(31) .. u32(2) .. array { item(SPEED, 13, 1, extension(724, u32(1) .. u32(0) .. f64(0))), item("ns=2;s=None", 13, 2),
    item(LEVEL, 13, 3), item(2253, 12, 4, EVENTS) },
    array { made(0, 501), made(BAD_NODE, 0), made(0, 503), made(0, 504) } .. array {})
  local waiting = {}
  for i = 1, 5 do waiting[i] = link:ask(826, array {}, nil) end
  link:answer(waiting[1], 829, opcua.published(31, 1, opcua.changes { { 1, data(variant("double", 1480.5), { source = NOW }) }, { 3,
    data(variant("int32", 12), { status = 0x40900000 }) },
    { 99, data(variant("byte", 1)) } }))
  waiting[6] = link:ask(826, array { u32(31) .. u32(1) }, nil)
  link:answer(waiting[2], 829, opcua.published(31, 2, opcua.events { { 4, { variant("string", "Motor"), variant("text", "too hot"),
    variant("uint16", 700) } } },
    opcua.changes { { 1, data(variant("double", 1490)) } }))
  link:answer(waiting[3], 829, opcua.published(31, 3)) -- alive, nothing new
  link:ask(763, u32(31) .. u32(2) .. array { u32(501) .. opcua.parameters(11), u32(599) .. opcua.parameters(12) },
    array { u32(0) .. f64(250) .. u32(4) .. extension(0), u32(0x80420000) .. f64(0) .. u32(0) .. extension(0) } .. array {})
  link:ask(769, u32(31) .. u32(1) .. array({ 501, 503 }, u32), results(0, 0))
  link:ask(775, u32(31) .. u32(501) .. array({ 503 }, u32) .. array({ 504 }, u32), results(0) .. results(0x80420000))
  link:ask(781, u32(31) .. array({ 503 }, u32), results(0))
  link:ask(793, u32(31) .. f64(1000) .. u32(1000) .. u32(10) .. u32(0) .. u8(0), f64(1000) .. u32(1000) .. u32(10))
  link:ask(799, u8(1) .. array({ 31 }, u32), results(0))
  link:ask(832, u32(31) .. u32(2), opcua.notification(2, opcua.changes { { 11, data(variant("double", 1495)) } }))
  link:ask(832, u32(31) .. u32(1), 0x807b0000)
  link:ask(841, array({ 30 }, u32) .. u8(1), array { u32(0x80280000) .. array({}, u32) } .. array {})
  w:sleep(75)
  link:answer(waiting[4], 829, opcua.published(31, 4, opcua.changes { { 11, data(variant("double", 1500)) } }))
  link:answer(waiting[5], 829, opcua.published(31, 5, opcua.status_change(0x800a0000)))
  link:ask(847, array({ 31, 30 }, u32), results(0, 0x80280000))
  link:answer(waiting[6], 397, "", { status = BAD_SUBSCRIPTION })
  link:ask(473, u8(1), "")
  link:close()
end)

-- Channels: signed (read), encrypted (not), refused; a server that connects by itself; another port.
w:at(70, function()
  local ours, theirs = certificate "station", certificate "tank"
  local link = opcua.connect(w, { client = station, server = tank, mode = "sign", certificate = ours, peer = theirs, channel = 21 })
  link:session { id = "ns=1;i=5", token = "ns=0;b=secret token no 4", user = { kind = "user", name = "operator",
    password = "not for logs" },
    certificate = ours, server_certificate = theirs, endpoints = { { url = "opc.tcp://tank:4840", application = application(),
      certificate = theirs, mode = 2, policy = "Basic256Sha256" } } }
  link:ask(673, array { node(SPEED) .. u32(13) .. str() .. data(variant("double", 900)) }, results(0))
  link:ask(631, reads(SPEED), read(data(variant("string", ("signed "):rep(300)))), { answer = { piece = 700 } })
  link:close()
  link = opcua.connect(w, { client = station, server = tank, mode = "encrypt", certificate = ours .. theirs, peer = theirs, channel = 22 })
  link:session { id = "ns=1;i=6", token = "ns=0;b=secret token no 5", user = { kind = "user", name = "operator",
    password = "not for logs" } }
  link:ask(631, reads(SPEED), read(data(variant("double", 900))))
  link:renew "renew"
  link:ask(631, reads(SPEED), read(data(variant("double", 900))))
  link:close()
  opcua.connect(w, { client = station, server = tank, mode = "encrypt", certificate = ours, peer = theirs,
    refused = true }).tcp:close("server")
  opcua.connect(w, { client = station, server = tank, refused = true }).tcp:close("server")
  opcua.connect(w, { client = station, server = tank, refused = "hello" }).tcp:close("server")
  link = opcua.connect(w, { client = station, server = tank, reverse = true, port = 48060, channel = 23 })
  link:session { id = "ns=1;i=7", token = "ns=0;b=secret token no 6", user = { kind = "issued", secret = "signed by somebody",
    algorithm = "rsa" } }
  link:ask(631, reads(2259), read(data(variant("int32", 4))))
  link:close()
  link = opcua.connect(w, { client = station, server = tank, port = 51210, channel = 24 })
  link:ask(631, reads(SPEED), 0x80250000)
  link:close()
end)

-- Chunks: many, given up; joined in the middle, plain and signed; lost; from one side.
w:at(90, function()
  local link = opcua.connect(w, { client = station, server = tank, channel = 31, chunk = 8192 })
  local names = {}
  for i = 1, 300 do names[i] = ("ns=2;s=Tank.Sensor%03d"):format(i) end
  local values = {}
  for i = 1, 300 do values[i] = data(variant("float", i / 4)) end
  link:ask(631, reads(table.unpack(names)), read(table.unpack(values)), { request = { piece = 4096 }, answer = { piece = 600 } })
  local request = link:ask(631, reads(SPEED), nil)
  link:say("server", request, node(634) .. ("x"):rep(50), { piece = 25, last = "C" })
  link:say("server", request, u32(0x80b90000) .. str "the answer would be too large", { last = "A" })
  request = link:ask(631, reads(SPEED), nil)
  link:say("server", request, node(634) .. link:answer_header() .. read(data(variant("string", ("x"):rep(3000)))), { piece = 1000,
    fault = { lose = { [2] = true } } })
  w:sleep(0.5)
  link:ask(631, reads(SPEED), read(data(variant("double", 5))))
  link:close()
end)
for i, mode in ipairs { "none", "sign", "encrypt" } do
  w:at(100 + i, function()
    local link = opcua.connect(w, { client = station, server = cell, midstream = true, mode = mode, channel = 40 + i })
    link.token = node "ns=0;b=secret token no 7"
    for _ = 1, 3 do link:ask(631, reads(SPEED), read(data(variant("double", 7)))) end
    link:answer(1, 829, opcua.published(31, 9, opcua.changes { { 8, data(variant("double", 8)) } }))
    link:close()
  end)
end
w:at(105, function()
  local link = opcua.connect(w, { client = station, server = cell, see = "server", channel = 44 })
  link:ask(631, reads(SPEED), read(data(variant("double", 7))))
  link:ask(673, array { node(SPEED) .. u32(13) .. str() .. data(variant("double", 1500)) }, results(BAD_DENIED))
  link:close()
end)

-- A stranger guesses a password, sends one for everybody to read, changes the address space and the list of users, stops the server.
w:at(110, function()
  w:attack("opcua_guess", stranger, cell, { service = "ActivateSession" })
  local link = opcua.connect(w, { client = stranger, server = cell, channel = 50 })
  for i = 1, 4 do
    link.token = node(0)
    link:session { id = "ns=1;i=9" .. i, token = "ns=0;b=guess " .. i, user = { kind = "user", name = "admin", password = "guess" .. i },
      refused = i < 4 and BAD_DENIED or nil, endpoints = { { url = "opc.tcp://cell:4840/plant", application = application() } } }
  end
  w:attack("opcua_nodes", stranger, cell, { service = "DeleteNodes" })
  link:ask(500, array { node(SPEED) .. u8(1) }, results(0))
  link:ask(712, array { node "i=22706" .. node(24304) .. array { variant("string", "backdoor") } }, array { u32(0) .. array({}, u32)
    .. array {} .. array {} } .. array {})
  w:attack("opcua_state", stranger, cell, { service = "Call" })
  link:ask(712, array { node(2253) .. node(12886) .. array { variant("int32", 4) } }, array { u32(0) .. array({}, u32) .. array {}
    .. array {} } .. array {})
  link:ask(631, reads(2259), read(data(variant("int32", 4))))
  link:close()
end)
