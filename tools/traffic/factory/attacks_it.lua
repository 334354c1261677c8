-- Attacks with the means of IT: guessed and shown passwords, programs carried from machine to machine, ways out to the
-- Internet, what hides in names, and machines and services that should not be.

local arp = require "arp"
local dns = require "dns"
local grammar = require "factory.grammar"
local habits = require "factory.habits"
local http = require "http"
local it = require "it_datagrams"
local it_text = require "it_text"
local small = require "factory.small"
local tcp = require "tcp"
local tls = require "tls"
local windows = require "factory.windows"

local kind = grammar.kind

local USERS <const> = { "admin", "root", "administrator", "operator", "user", "guest", "service", "backup" }
local WORDS <const> = { "admin", "1234", "password", "root", "12345678", "plc", "siemens", "Schneider1", "letmein", "0000", "master",
  "default" }

local GUESSES <const> = { tries = { 25, 250 }, pause = { 0.1, 4, "log" } }

local function guess(a, i) return a.rng:pick(USERS), a.rng:pick(WORDS) .. (i > #WORDS and i or "") end

-- Each try is a connection of its own.
local function guessing(name, what, target, port, said)
  kind { name = name, what = what, source = "inside", target = target, p = GUESSES, act = function(a)
    for i = 1, a.p.tries do
      local user, password = guess(a, i)
      it_text.talk(a.w, "guess", { client = a.source, server = a.target, port = port }, said(a, user, password))
      a.sleep(a.p.pause)
    end
  end }
end

guessing("password-guessing-ftp", "passwords are tried at a file service", "files", 21, function(_, user, password)
  return small.ftp(user, password, false)
end)
guessing("password-guessing-telnet", "passwords are tried at a switch", "switch", 23, function(_, user, password)
  return small.telnet("switch", { { user, password } }, false)
end)
guessing("password-guessing-vnc", "passwords are tried at a panel's screen", "panel", 5900, function(a) return small.vnc(a.rng,
  false) end)
guessing("password-guessing-mqtt", "passwords are tried at the broker", "broker", 1883, function(a, user, password)
  return { { "client", it_text.mqtt_connect { level = 4, id = "x" .. a.rng:below(1000), user = user, password = password } },
    { "server", "\x20\2\0\5" } }
end)
guessing("password-guessing-http", "passwords are tried at a camera's pages", "camera", 80, function(_, user, password)
  return { { "client", http.request("GET", "/admin", { "Host", "camera", "User-Agent", "Mozilla/4.0 (Hydra)", "Authorization",
    http.basic(user, password) }) },
    { "server", http.reply(401, "Unauthorized", { "WWW-Authenticate", 'Basic realm="camera"', "Content-Length", "0" }) } }
end)

kind { name = "password-guessing-smb", what = "passwords are tried at the file server", source = "inside", target = "files", p = GUESSES,
  act = function(a)
    for i = 1, a.p.tries do
      local user = guess(a, i)
      local link = windows.smb(a.w, { client = a.source, server = a.target })
      link:authenticate({ domain = "PLANT", user = user, computer = habits.computer(a.source) }, "FILES", true)
      link:close()
      a.sleep(a.p.pause)
    end
  end }

kind { name = "clear-text-login", what = "somebody logs in to a switch by Telnet, which nobody does here", source = "inside",
  target = "switch", p = { minutes = { 1, 20 } },
  hours = "work", act = function(a)
    local said = small.telnet("switch", { { "manager", "Plant-2291" } }, true)
    for _ = 1, a.p.minutes do
      said[#said + 1] = { "client", "show config\r\n", meanwhile = function() a.sleep(a.rng:range(5, 60)) end }
      said[#said + 1] = { "server", "hostname switch\r\nsnmp community hidden\r\n$ " }
    end
    it_text.talk(a.w, "login", { client = a.source, server = a.target, port = 23 }, said)
  end }

kind { name = "default-credentials", what = "a device is opened with the password it was delivered with", source = "inside",
  target = "camera",
  p = { way = { "http", "ftp", "telnet" } }, act = function(a)
    if a.p.way == "http" then
      it_text.talk(a.w, "default", { client = a.source, server = a.target, port = 80 }, {
        { "client", http.request("GET", "/setup", { "Host", "camera", "User-Agent", "curl/7.88", "Authorization", http.basic("admin",
          "admin") }) },
        { "server", http.reply(200, "OK", { "Content-Type", "text/html", "Content-Length", "11" }, "<h1>Set-up") } })
    elseif a.p.way == "ftp" then
      it_text.talk(a.w, "default", { client = a.source, server = a.target, port = 21 }, small.ftp("admin", "admin", true, { { "LIST",
        "150 Listing." } }))
    else
      it_text.talk(a.w, "default", { client = a.source, server = a.target, port = 23 }, small.telnet("camera", { { "root", "root" } },
        true))
    end
  end }

-- From machine to machine ----------------------------------------------------------------------------------------------

kind { name = "lateral-remote-service", what = "a program is copied to a machine and started as a service", source = "machine",
  target = "windows",
  p = { kilobytes = { 30, 300 }, name = { "PSEXESVC", "svchelper", "winupd" } }, act = function(a)
    windows.remote_service(a.w, a.source, a.target, { who = { domain = "PLANT", user = "administrator",
      computer = habits.computer(a.source) },
      server = habits.computer(a.target), program = a.p.name .. ".exe", service = a.p.name, bytes = "MZ\x90\0"
        .. ("\xcc"):rep(1024 * a.p.kilobytes) })
  end }

kind { name = "lateral-desktop", what = "a remote desktop between machines that never had one", source = "machine", target = "windows",
  p = { kilobytes = { 50, 800 } },
  act = function(a) windows.desktop(a.w, a.source, a.target, "administrator", 1024 * a.p.kilobytes) end }

kind { name = "lateral-remote-shell", what = "commands by Windows Remote Management", source = "machine", target = "windows",
  p = { commands = { 2, 20 } },
  act = function(a)
    for _ = 1, a.p.commands do
      local body = a.rng:bytes(700)
      it_text.talk(a.w, "winrm", { client = a.source, server = a.target, port = 5985 }, {
        { "client", http.request("POST", "/wsman", { "Host", a.target.ip .. ":5985", "User-Agent", "Microsoft WinRM Client",
          "Authorization", "Negotiate TlRMTVNTUAABAAAAFYKI4gAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==",
          "Content-Type", "application/HTTP-SPNEGO-session-encrypted", "Content-Length", tostring(#body) }, body) },
        { "server", http.reply(200, "OK", { "Server", "Microsoft-HTTPAPI/2.0", "Content-Length", tostring(#body) }, body) } })
      a.sleep(a.rng:range(2, 60))
    end
  end }

kind { name = "smb1-exploit", what = "SMB 1 with the oversized transaction of 2017 (CVE-2017-0144)", source = "inside",
  target = "windows", p = { tries = { 1, 12 } },
  act = function(a)
    for _ = 1, a.p.tries do
      windows.smb1_session(a.w, a.source, a.target, true)
      a.sleep(a.rng:range(1, 20))
    end
  end }

kind { name = "smb1-use", what = "a machine speaks SMB 1 with a server", source = "machine", target = "files", p = { visits = { 1, 10 } },
  act = function(a)
    for _ = 1, a.p.visits do
      windows.smb1_session(a.w, a.source, a.target, false)
      a.sleep(a.rng:range(10, 300))
    end
  end }

-- Ways out -------------------------------------------------------------------------------------------------------------

local function secure(a, client, server, name, sizes)
  tls.connection(a.w, { client = client, server = server, port = 443, name = name, session = a.rng:bytes(32), data = sizes })
end

kind { name = "beacon", what = "a machine calls the same place outside at even intervals", source = "machine", p = { period = { 30,
  900, "log" }, jitter = { 0.01, 0.3, "log" },
    hours = { 3, 12 } }, act = function(a)
    local away = grammar.outside(a)
    a.row.parameters.outside = away.ip
    for _ = 1, math.min(600, math.floor(a.p.hours * 3600 / a.p.period)) do
      secure(a, a.source, away, "cdn.example", { 120, 80 })
      a.sleep(a.p.period * (1 + a.p.jitter * (a.rng:float() - 0.5)))
    end
  end }

kind { name = "exfiltration", what = "much goes out that never did", source = "machine", p = { megabytes = { 20, 200 }, pieces = { 20,
  60 } }, hours = "night",
  act = function(a)
    local away = grammar.outside(a)
    a.row.parameters.outside = away.ip
    local piece = 1024 * 1024 * a.p.megabytes // a.p.pieces
    local template = a.stage:talk("exfiltration " .. piece .. a.row.id, a.source, away, function(w, c, s)
      tls.connection(w, { client = c, server = s, port = 443, name = "storage.example", session = ("s"):rep(32),
        data = { math.min(piece, 16000), 200 } })
    end)
    local bulk = math.max(1, piece // 16000)
    for _ = 1, a.p.pieces do
      for _ = 1, bulk do
        a.stage:play(template, a.source, away)
        a.sleep(0.3)
      end
      a.sleep(a.rng:range(5, 60))
    end
  end }

kind { name = "volume-inside", what = "a pair that speaks every day carries many times as much in an hour", source = "machine",
  target = "files", p = { megabytes = { 60, 300 } },
  act = function(a)
    local template = a.stage:talk("bulk " .. a.row.id, a.source, a.target, function(w, c, s)
      windows.share(w, c, s, { who = { domain = "PLANT", user = "u." .. a.source.name, computer = habits.computer(a.source) },
        share = "common",
        file = "recipes\\all.zip", server = "FILES", read = 900000 })
    end)
    for _ = 1, a.p.megabytes do
      a.stage:play(template, a.source, a.target)
      a.sleep(8 + 4 * a.rng:float())
    end
  end }

kind { name = "internet-from-controller", what = "a controller speaks with the Internet", source = "controller", p = { visits = { 2,
  30 }, port = { 443, 80, 123 } },
  act = function(a)
    local away = grammar.outside(a)
    a.row.parameters.outside = away.ip
    for _ = 1, a.p.visits do
      if a.p.port == 123 then
        it.ntp_exchange(a.w, a.source, away, { stratum = 2, id = "GPS\0", port = 123 })
      elseif a.p.port == 80 then
        it_text.talk(a.w, "out", { client = a.source, server = away, port = 80 }, {
          { "client", http.request("GET", "/check", { "Host", "device.example", "User-Agent", "device" }) },
          { "server", http.reply(200, "OK", { "Content-Length", "2" }, "ok") } })
      else
        secure(a, a.source, away, "device.example", { 200, 900 })
      end
      a.sleep(a.rng:range(20, 300))
    end
  end }

kind { name = "new-dns-server", what = "a machine asks a name server that nobody asked before", source = "machine",
  p = { lookups = { 3, 40 } },
  act = function(a)
    local away = grammar.outside(a)
    a.row.parameters.outside = away.ip
    for _ = 1, a.p.lookups do
      local name = "a" .. a.rng:below(500) .. ".works.example"
      dns.lookup(a.w, a.source, away, { name = name, answers = { { name = name, type = "A", address = "198.51.100.9" } } })
      a.sleep(a.rng:range(2, 90))
    end
  end }

kind { name = "dns-tunnel", what = "data leaves in long names", source = "machine", target = "dc", p = { lookups = { 150, 1500 },
  pause = { 0.1, 3, "log" } },
  act = function(a)
    local letters <const> = "abcdefghijklmnopqrstuvwxyz234567"
    local function label(n)
      local out = {}
      for i = 1, n do
        local at = a.rng:range(1, 32)
        out[i] = letters:sub(at, at)
      end
      return table.concat(out)
    end
    for _ = 1, a.p.lookups do
      local name = label(50) .. "." .. label(50) .. ".t.tunnel.example"
      dns.lookup(a.w, a.source, a.target, { name = name, type = "TXT", answers = { { name = name, type = "TXT",
        texts = { label(100) } } } })
      a.sleep(a.p.pause)
    end
  end }

-- What should not be here ----------------------------------------------------------------------------------------------

kind { name = "unsupported-os", what = "a machine with a system that its maker has given up", source = "stranger", target = "files",
  p = { version = { "5.1", "5.0", "4.0", "6.1" } }, act = function(a)
    local major, minor = a.p.version:match "(%d)%.(%d)"
    for _ = 1, 4 do
      local name = habits.computer(a.source):sub(1, 15)
      it.netbios(a.w, a.source, a.w.group(a.site.broadcast), { name, 0 }, { "PLANT", 0x1d }, it.mailslot("\\MAILSLOT\\BROWSE",
        it.announcement(1, { name = name, major = math.tointeger(tonumber(major)), minor = math.tointeger(tonumber(minor)),
          type = 0x1003 })))
      a.sleep(a.rng:range(60, 400))
    end
    windows.smb1_session(a.w, a.source, a.target, false)
  end }

kind { name = "new-service", what = "a known machine begins to offer a service, and others use it", source = "machine",
  target = "windows",
  p = { port = { 4444, 5555, 7777, 12345, 31337, 47001 }, visits = { 2, 15 } }, act = function(a)
    for _ = 1, a.p.visits do
      arp.resolve(a.w, a.source, a.target)
      local c = tcp.new(a.w, { client = a.source, server = a.target, port = a.p.port }):open()
      for _ = 1, a.rng:range(2, 8) do
        c:send("client", a.rng:bytes(a.rng:range(10, 200)))
        a.sleep(0.05)
        c:send("server", a.rng:bytes(a.rng:range(20, 900)))
        a.sleep(a.rng:range(1, 20))
      end
      c:close()
      a.sleep(a.rng:range(30, 300))
    end
  end }

kind { name = "many-peers", what = "a machine speaks with many machines that it never spoke with", source = "machine",
  p = { peers = { 15, 40 }, minutes = { 10, 60 } },
  act = function(a)
    for _ = 1, a.p.peers do
      local peer = a.rng:pick(a.site.all)
      if peer ~= a.source and not peer.beyond then
        it_text.talk(a.w, "peers", { client = a.source, server = peer, port = 445 }, { { "client", "\0\0\0\x20" .. ("\xfe"):rep(32) } })
      end
      a.sleep(a.p.minutes * 60 / a.p.peers * (0.5 + a.rng:float()))
    end
  end }

kind { name = "executable-download", what = "a program is fetched by plain HTTP", source = "machine", p = { kilobytes = { 40, 400 } },
  act = function(a)
    local away = grammar.outside(a)
    a.row.parameters.outside = away.ip
    local body = "MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" .. ("\0"):rep(44) .. "\x80\0\0\0" .. ("\0"):rep(64) .. "PE\0\0"
      .. ("\xcc"):rep(1024 * a.p.kilobytes)
    it_text.talk(a.w, "download", { client = a.source, server = away, port = 80 }, {
      { "client", http.request("GET", "/tools/update.exe", { "Host", "files.example", "User-Agent", "curl/8.4.0" }) },
      { "server", http.reply(200, "OK", { "Content-Type", "application/octet-stream", "Content-Length", tostring(#body) }, body) } })
  end }
