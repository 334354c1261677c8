-- What the stations of a plant do all day besides talking to controllers: names, time, pages, files, prints, watching
-- over machines, leases, announcements. Each habit has a share of the day's connections; who has it does it with the
-- same others for weeks, more when people work.
--
-- Knows the makers of the protocols and the stage; draws all chance from the streams it is given.

local dns = require "dns"
local http = require "http"
local it = require "it_datagrams"
local it_text = require "it_text"
local record = require "factory.record"
local small = require "factory.small"
local tcp = require "tcp"
local tls = require "tls"
local windows = require "factory.windows"
local wire = require "wire"

local habits = {}

local NAMES <const> = { "historian.plant.example", "mes.plant.example", "files.plant.example", "dc1.plant.example",
  "monitor.plant.example", "recorder.plant.example", "broker.plant.example", "printer1.plant.example", "wpad.plant.example",
  "updates.vendor.example", "time.vendor.example", "intranet.works.example", "mail.works.example", "portal.works.example",
  "licence.vendor.example", "crl.vendor.example" }

-- Templates ----------------------------------------------------------------------------------------------------------

local function id_patch() return { { 0, 2, "param", 0 } } end

local function lookup(stage, client, server, name)
  return stage:talk("dns " .. name, client, server, function(w, c, s)
    local found = not name:find "^wpad"
    dns.lookup(w, c, s, { name = name, answers = found and { { name = name, type = "A", address = "10.1.2." .. #name } },
      rcode = not found and "NXDOMAIN" or nil })
  end, id_patch)
end

local function ntp_patch(_, from)
  if from == 0 then return { { 40, 8, "param", 0 } } end
  return { { 16, 8, "param", 8 }, { 24, 8, "param", 0 }, { 32, 8, "param", 16 }, { 40, 8, "param", 16 } }
end

function habits.ntp(stage, client, server)
  local template = stage:talk("ntp", client, server, function(w, c, s)
    it.ntp_exchange(w, c, s, { stratum = 3, id = "\10\1\1\1" })
  end, ntp_patch)
  local now = stage:now() / 1e9
  stage:play(template, client, server, { port = 123, params = it.ntp_time(now) .. it.ntp_time(now - 64) .. it.ntp_time(now + 0.002) })
end

local PAGES <const> = { { "/", 900 }, { "/report/line1", 4200 }, { "/report/shift", 9000 }, { "/trend?tag=level", 2600 },
  { "/static/app.js", 14000 },
  { "/alarms", 1500 } }

local function page(stage, client, server, n)
  local uri, size = PAGES[n][1], PAGES[n][2]
  return stage:talk("http " .. n, client, server, function(w, c, s)
    local link = http.open(w, { client = c, server = s })
    link:ask(http.request("GET", uri, { "Host", "historian.plant.example", "User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
      "Accept", "*/*" }),
      http.reply(200, "OK", { "Server", "Microsoft-IIS/10.0", "Content-Type", "text/html", "Content-Length", tostring(size) },
        ("x"):rep(size)))
    link.tcp:close()
  end)
end

local function secure(stage, client, server, name, size)
  return stage:talk("tls " .. name .. size, client, server, function(w, c, s)
    local chain = { tls.certificate({ subject = { "CN", name }, names = { "dns", name }, issuer = { "O", "Example Works", "CN",
      "Example Root" } }, w:chance_of "certificate") }
    tls.connection(w, { client = c, server = s, port = 443, name = name, chain = chain, data = { 300, size, 200, size // 2 },
      client_key = "\65\4" .. ("k"):rep(64) })
  end)
end

function habits.computer(host) return host.name:upper():gsub("[^%w-]", "") end

local function share(stage, client, server, n)
  local computer = habits.computer(client)
  return stage:talk("smb " .. computer .. n, client, server, function(w, c, s)
    local writes = n == 3
    windows.share(w, c, s, { who = { domain = "PLANT", user = "u." .. client.name, computer = computer }, share = "common",
      file = "recipes\\sheet" .. n .. ".xlsx", server = "FILES", read = not writes and 9000 * n or nil,
      write = writes and ("report "):rep(1700) or nil })
  end)
end

local COMMUNITY <const> = "plantread"

local function snmp(stage, client, server)
  local up, name = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0"
  local question = small.snmp(0xa0, COMMUNITY, 1, { { up }, { name } })
  local at = small.snmp_id_at(question)
  return stage:talk("snmp " .. server.name, client, server, function(w, c, s)
    w:udp(c, 50000, s, 161, question)
    w:sleep(0.003)
    w:udp(s, 161, c, 50000, small.snmp(0xa2, COMMUNITY, 1, { { up, 123456 }, { name, server.name } }))
  end, function(payload)
    local where = payload:byte(2) < 128 and at or small.snmp_id_at(payload)
    return { { where, 4, "param", 0 } }
  end)
end

local function talk_of(stage, key, client, server, port, said)
  return stage:talk(key, client, server, function(w, c, s)
    it_text.talk(w, "plant", { client = c, server = s, port = port }, said(w:chance_of(key)))
  end)
end

local function database(stage, client, server)
  return talk_of(stage, "tds", client, server, 1433, function()
    local text = it_text.wide "SELECT value, at FROM samples WHERE line = 3"
    return { { "client", it_text.tds(0x12, it_text.tds_prelogin("\16\0\0\0\0\0", 2)) },
      { "server", it_text.tds(0x04, it_text.tds_prelogin("\16\0\0\0\0\0", 2)) },
      { "client", it_text.tds(0x10, it_text.tds_login { host = "MES", user = "mes", password = "Prod-2291", app = "mes",
        server = "HISTORIAN",
        database = "samples" }) },
      { "server", it_text.tds(0x04, it_text.tds_login_ack("Microsoft SQL Server", 16, 0, 1000) .. "\xfd\0\0\0\0\0\0\0\0\0\0\0\0") },
      { "client", it_text.tds(0x01, it_text.tds_headers .. text) },
      { "server", it_text.tds(0x04, "\xfd\x10\0\xc1\0\7\0\0\0\0\0\0\0") } }
  end)
end

local function upload(stage, client, server)
  return talk_of(stage, "ftp", client, server, 21, function()
    return small.ftp("gauge", "Gauge-7731", true, { { "CWD /measurements", "250 Directory changed." }, { "TYPE I", "200 Type set." },
      { "SIZE last.csv", "213 2048" }, { "MDTM last.csv", "213 20240301120000" } })
  end)
end

local function print_job(stage, client, server, n)
  return talk_of(stage, "print " .. n, client, server, 9100, function(rng) return small.print_job(rng, 3 * n) end)
end

local function watch(stage, client, server)
  return talk_of(stage, "rtsp", client, server, 554, function() return small.rtsp "rtsp://camera.plant.example/stream1" end)
end

local function desktop(stage, client, server)
  return stage:talk("rdp " .. client.name, client, server, function(w, c, s) windows.desktop(w, c, s, "eng", 90000) end)
end

local function ping(stage, client, server)
  return stage:talk("ping", client, server, function(w, c, s) w:ping(c, s) end)
end

local function log_line(stage, client, server, n)
  local LINES <const> = { "<189>%s: link up on port 7", "<190>%s: user monitor logged in over SNMP", "<189>%s: configuration saved",
    "<187>%s: fan speed 4100" }
  return stage:talk("syslog " .. client.name .. n, client, server, function(w, c, s) it.syslog(w, c, s, LINES[n]:format(client.name),
    "line") end)
end

-- A short visit to a controller: connect, read, close.
local function visit(stage, client, plc, controllers)
  local protocol = controllers[plc.protocol]
  return stage:template("visit " .. plc.name .. client.name, function()
    local function actor(host) return { name = host.name, ip = host.ip, ip_bytes = host.ip_bytes, mac_bytes = host.mac_bytes,
      os = host.os,
      ip_id = 0, port = 50000 } end
    return record.whole(actor(client), actor(plc), function(w, c, s)
      local raw = protocol.connect(w, c, s, plc, 3)
      protocol.read(raw, plc, 1)
      if raw.close then raw:close() end
    end, protocol.patch)
  end)
end

-- The habits ---------------------------------------------------------------------------------------------------------
-- share: of the day's connections. pairs(site, rng): list of { client, server }. act(stage, client, server, rng).
-- when: office, line, or nil (always). regular: at even intervals.

local function everyone(list, ...)
  for _, more in ipairs { ... } do table.move(more, 1, #more, #list + 1, list) end
  return list
end

local function each_to(clients, server)
  local out = {}
  for i, client in ipairs(clients) do out[i] = { client, server } end
  return out
end

local function people(s) return everyone({}, s.pc, s.engineering, s.office) end

habits.LIST = {
  { name = "names", share = 0.30, when = "office",
    pairs = function(s) return each_to(everyone(people(s), s.panel, s.gauge), s.dc) end,
    act = function(stage, c, s, rng)
      c.names = c.names or { rng:pick(NAMES), rng:pick(NAMES), rng:pick(NAMES), rng:pick(NAMES) }
      stage:play(lookup(stage, c, s, rng:pick(c.names)), c, s, { params = string.pack(">I2", rng:below(65536)) })
    end },
  { name = "pages", share = 0.12, when = "line", pairs = function(s) return each_to(everyone(people(s), s.panel), s.historian) end,
    act = function(stage, c, s, rng) stage:play(page(stage, c, s, rng:range(1, #PAGES)), c, s) end },
  { name = "orders", share = 0.14, when = "line", pairs = function(s) return each_to(everyone(people(s), s.panel), s.mes) end,
    act = function(stage, c, s, rng) stage:play(secure(stage, c, s, "mes.plant.example", rng:pick { 800, 2600, 7000 }), c, s) end },
  { name = "files", share = 0.08, when = "office", pairs = function(s) return each_to(people(s), s.files) end,
    act = function(stage, c, s, rng) stage:play(share(stage, c, s, rng:range(1, 3)), c, s) end },
  { name = "health", share = 0.09, regular = true, pairs = function(s) return each_to(everyone({}, s.switch, s.printer), s.monitor) end,
    act = function(stage, device, monitor, rng)
      stage:play(snmp(stage, monitor, device), monitor, device, { params = string.pack(">I4", rng:below(0x7fffffff)) })
    end },
  { name = "reachable", share = 0.06, regular = true,
    pairs = function(s) return each_to(everyone({}, s.plc, s.server, s.camera, s.io), s.monitor) end,
    act = function(stage, device, monitor)
      if device ~= monitor then stage:play(ping(stage, monitor, device), monitor, device, { port = 0 }) end
    end },
  { name = "totals", share = 0.08, regular = true, pairs = function(s) return each_to(s.plc, s.mes) end,
    act = function(stage, plc, mes, _, controllers)
      local protocol = controllers[plc.protocol]
      stage:play(visit(stage, mes, plc, controllers), mes, plc, protocol.same_port and { port = 9600 } or nil)
    end },
  { name = "samples", share = 0.02, regular = true, pairs = function(s) return { { s.mes, s.historian } } end,
    act = function(stage, c, s) stage:play(database(stage, c, s), c, s) end },
  { name = "measurements", share = 0.02, when = "line", pairs = function(s) return each_to(s.gauge, s.files) end,
    act = function(stage, c, s) stage:play(upload(stage, c, s), c, s) end },
  { name = "prints", share = 0.02, when = "office", pairs = function(s, rng)
      local out = {}
      for _, c in ipairs(everyone({}, s.pc, s.office)) do out[#out + 1] = { c, rng:pick(s.printer) } end
      return out
    end,
    act = function(stage, c, s, rng) stage:play(print_job(stage, c, s, rng:range(1, 4)), c, s) end },
  { name = "watching", share = 0.03, regular = true, pairs = function(s) return each_to(s.camera, s.recorder) end,
    act = function(stage, camera, recorder) stage:play(watch(stage, recorder, camera), recorder, camera) end },
  { name = "updates", share = 0.01, when = "office", pairs = function(s) return each_to(everyone({ s.dc, s.files }, s.pc), s.updates) end,
    act = function(stage, c, s, rng) stage:play(secure(stage, c, s, "updates.vendor.example", rng:pick { 4000, 12000 }), c, s) end },
  { name = "desktops", share = 0.005, when = "office", pairs = function(s) return each_to(s.engineering, s.historian) end,
    act = function(stage, c, s) stage:play(desktop(stage, c, s), c, s) end },
  { name = "logs", share = 0.02, pairs = function(s) return each_to(s.switch, s.monitor) end,
    act = function(stage, c, s, rng) stage:play(log_line(stage, c, s, rng:range(1, 4)), c, s, { port = 514 }) end },
}

local DAY <const> = 86400

-- Connections a day of a habit's pair on a working day, from the even share of all.
local function busy_day(habit, calendar)
  if not habit.when then return 1 end
  local sum = 0
  for hour = 0, 23 do sum = sum + calendar[habit.when](calendar, calendar.monday + hour * 3600 + 1800) end
  return sum / 24
end

local function go_on(stage, habit, pair, rate, rng, calendar, controllers)
  local function act() habit.act(stage, pair[1], pair[2], rng, controllers) end
  local step
  if habit.regular then
    local period = DAY / rate
    local jitter = math.min(2, period * 0.05)
    local next_time = stage:clock() + rng:float() * period
    step = function()
      if not pair[1].gone then act() end
      next_time = next_time + period
      stage:at(next_time + jitter * rng:float(), step)
    end
    return stage:at(next_time, step)
  end
  local function pause() return -math.log(1 - rng:float()) * DAY / rate end
  step = function()
    local load = habit.when and calendar[habit.when](calendar, stage:clock()) or 1
    if rng:float() < load and not pair[1].gone then act() end
    stage:after(pause(), step)
  end
  stage:after(pause(), step)
end

-- options: stage, site, calendar, controllers, rng, connections (a working day's).
function habits.start(options)
  local stage, whole = options.stage, 0
  for _, habit in ipairs(habits.LIST) do whole = whole + habit.share end
  for _, habit in ipairs(habits.LIST) do
    local rng = options.rng:fork(habit.name)
    local list = habit.pairs(options.site, rng)
    local rate = options.connections * habit.share / whole / math.max(1, #list) / busy_day(habit, options.calendar)
    for _, pair in ipairs(list) do go_on(stage, habit, pair, rate, rng, options.calendar, options.controllers) end
  end
end

-- Announcements and leases ------------------------------------------------------------------------------------------

local function repeating(stage, rng, period, act)
  local function again()
    act()
    stage:after(period * (0.9 + 0.2 * rng:float()), again)
  end
  stage:after(period * rng:float(), again)
end

local function lease_options(host)
  return it.option(12, habits.computer(host)) .. it.option(60, "MSFT 5.0") .. it.option(55, "\1\3\6\15\31\33\43\44\46\47\119\121\249\252")
end

function habits.lease(stage, host, server, rng, renew)
  it.dhcp_lease(stage.w, host, server, { xid = rng:u32(), ip = host.ip, renew = renew, lease = 8 * 3600,
    wanted = lease_options(host), given = it.option(1, "\255\255\240\0") .. it.option(3, server.ip_bytes) .. it.option(6,
      server.ip_bytes) })
end

-- A machine is switched on: it asks for its address, and tells everybody.
function habits.boot(stage, host, site, rng)
  stage.w:at(stage:clock(), function()
    if host.dhcp then
      habits.lease(stage, host, site.dc, rng, false)
      stage.w:sleep(0.2)
    end
    require("arp").gratuitous(stage.w, host)
    if host.os == require("plant").OS.windows and not host.beyond then
      for _ = 1, 3 do
        dns.nbns_register(stage.w, host, { name = habits.computer(host):sub(1, 15), broadcast = site.broadcast })
        stage.w:sleep(0.75)
      end
    end
  end)
end

local function announcements(stage, site, rng)
  local all = site.broadcast
  for _, host in ipairs(everyone({}, site.pc, site.panel, site.engineering, { site.historian, site.files })) do
    repeating(stage, rng, 720, function()
      local name = habits.computer(host):sub(1, 15)
      it.netbios(stage.w, host, stage.w.group(all), { name, 0 }, { "PLANT", 0x1d }, it.mailslot("\\MAILSLOT\\BROWSE",
        it.announcement(1, { name = name, major = 10, minor = 0, type = 0x1003 })))
    end)
  end
  for _, printer in ipairs(site.printer) do
    repeating(stage, rng, 3600, function()
      dns.mdns_answer(stage.w, printer, { { name = "_ipp._tcp.local", type = "PTR", ttl = 4500, target = printer.name
        .. "._ipp._tcp.local" } })
    end)
  end
  local ssdp = stage.w.group "239.255.255.250"
  for _, camera in ipairs(site.camera) do
    repeating(stage, rng, 1800, function()
      it.ssdp(stage.w, camera, 1900, ssdp, 1900, "notify", { "NOTIFY * HTTP/1.1", "HOST: 239.255.255.250:1900",
        "CACHE-CONTROL: max-age=3600",
        "LOCATION: http://" .. camera.ip .. ":49152/rootdesc.xml", "NT: upnp:rootdevice", "NTS: ssdp:alive",
        "SERVER: Linux/4.14 UPnP/1.0 camera/9.80", "USN: uuid:" .. camera.name .. "::upnp:rootdevice" })
    end)
  end
  for _, switch in ipairs(site.switch) do
    local frame = wire.ethernet("\1\x80\xc2\0\0\x0e", switch.mac_bytes, 0x88cc, small.lldp { mac = switch.mac_bytes, port = "port7",
      name = switch.name, description = "managed switch, firmware 9.1" })
    repeating(stage, rng, 60, function() stage.w:emit(frame) end)
  end
end

function habits.surroundings(options)
  local stage, site, rng = options.stage, options.site, options.rng:fork "surroundings"
  announcements(stage, site, rng)
  for _, host in ipairs(everyone({}, site.pc, site.panel, site.engineering, site.server, site.camera, site.gauge)) do
    if host ~= site.dc then
      local period = rng:pick { 1024, 2048, 3600 }
      repeating(stage, rng, period, function() if not host.gone then habits.ntp(stage, host, site.dc) end end)
    end
  end
  repeating(stage, rng, 1024, function() habits.ntp(stage, site.dc, site.time) end)
  for _, host in ipairs(site.pc) do
    repeating(stage, rng, 4 * 3600, function()
      if not host.gone then stage.w:at(stage:clock(), function() habits.lease(stage, host, site.dc, rng, true) end) end
    end)
  end
end

-- A sensor's connection to the broker: it publishes for weeks.
function habits.publish(stage, gauge, broker, rng)
  local said = record.pieces(record.actor("client", gauge.os, "10.255.255.1"), record.actor("server.", broker.os, "10.255.255.2"),
    function(w, c, s, cut)
      local link = tcp.new(w, { client = c, server = s, port = 1883 }):open()
      link:send("client", it_text.mqtt_connect { level = 4, id = gauge.name, user = gauge.name, password = "Sensor-4402" })
      w:sleep(0.004)
      link:send("server", "\x20\2\0\0")
      cut "open"
      link:send("client", it_text.mqtt_publish("plant/" .. gauge.name .. "/value", "1234"))
      cut "poll1"
    end, function(payload, from)
      return from == 0 and payload:byte(1) == 0x30 and { { #payload - 4, 4, "value", 0 } } or {}
    end)
  local writer = stage.writer
  local id = writer.conversation(gauge.id, broker.id, require("plant").next_port(gauge), 0)
  writer.value(id, 0x31323030, 0x31323030, 0x31323039, 1)
  writer.say(id, writer.template(table.unpack(said.open)), stage:now())
  writer.poll(id, { { writer.template(table.unpack(said.poll1)), 1, -1 } }, stage:now() + 2000000000)
  writer.rhythm(id, rng:range(20, 90) * 1000000000, 0.1, 0.0, 0)
end

return habits
