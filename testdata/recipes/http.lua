-- HTTP as devices and people of a plant speak it: every framing of a body, every way in which a reply has none, logins, proxies, upgrades,
-- odd ports, heads in pieces, losses, and what is not HTTP on its port.

local http = require "http"
local tcp = require "tcp"

local w = ...
w:title "HTTP/1.1: framings, pipelines, logins, proxies, upgrades, losses, odd ports"
w:duration "60s"

local FIREFOX <const> = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/115.0"
local OLD <const> = "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)"

local pc = w:host { name = "office-pc", role = "workstation", ip = "10.8.0.20", vendor = "vmware", os = "windows" }
local old = w:host { name = "old-hmi", role = "hmi", ip = "10.8.0.21", vendor = "advantech", os = "windows" }
local tool = w:host { name = "tool", role = "engineering", ip = "10.8.0.22", vendor = "vmware", os = "linux" }
local plc = w:host { name = "plc", role = "plc", ip = "10.8.0.11", vendor = "siemens" }
local web = w:host { name = "web", role = "server", ip = "10.8.0.5", vendor = "dell", os = "windows" }
local proxy = w:host { name = "proxy", role = "proxy", ip = "10.8.0.6", vendor = "dell", os = "linux" }
local text = w:chance_of("body")

local function page(title) return "<html><head><title>" .. title .. "</title></head><body>line 1</body></html>" end
local function host(name, agent) return { "Host", name, "User-Agent", agent or FIREFOX } end
local function with(list, ...) return table.move({ ... }, 1, select("#", ...), #list + 1, list) end
local function sized(body)
  return { "Server", "Microsoft-IIS/8.5", "Content-Type", "text/html", "Content-Length", #body }
end

-- A page, its picture and script, one connection.
w:at(1, function()
  local c = http.open(w, { client = pc, server = web })
  local body = page "Line overview"
  c:ask(http.request("GET", "/", host "web.plant.example"), http.reply(200, "OK", sized(body), body))
  local png = "\x89PNG\r\n\x1a\n" .. text:bytes(3000)
  c:ask(http.request("GET", "/logo.png", with(host "web.plant.example", "Referer", "http://web.plant.example/")),
    http.reply(200, "OK", { "Content-Length", #png }, png))
  c:ask(http.request("GET", "/a%20b?line=%31&x=%zz", with(host "web.plant.example", "Origin", "http://web.plant.example")),
    http.reply(404, "Not Found", { "Content-Length", "0" }))
  c.tcp:close()
end)

-- Asked before the answers come.
w:at(3, function()
  local c = http.open(w, { client = pc, server = plc })
  local ask, answer = {}, {}
  for n = 1, 5 do
    ask[n] = http.request("GET", "/value/" .. n, host "plc")
    local body = '{"value":' .. n .. "}"
    answer[n] = http.reply(200, "OK", { "Server", "GoAhead-Webs", "Content-Length", #body }, body)
  end
  c:more("client", table.concat(ask))
  c:more("server", table.concat(answer, "", 1, 2), { cut = { 20, 3, 60 } })
  c:more("server", table.concat(answer, "", 3))
  c.tcp:close()
end)

-- Chunks, with extensions' room and trailers; a posted body in chunks; compressed in chunks.
w:at(5, function()
  local c = http.open(w, { client = pc, server = web })
  local body = page(("chunk "):rep(200))
  c:ask(http.request("GET", "/chunked", host "web"), http.reply(200, "OK", { "Transfer-Encoding", "chunked" },
    http.chunked(body, { 1, 100, 700 }, { "Expires", "0", "X-Checked", "yes" })))
  c:ask(http.request("POST", "/recipe", with(host "web", "Transfer-Encoding", "chunked", "Content-Type", "application/json"),
    http.chunked('{"recipe":"syrup","temperature":82}', { 5 })), http.reply(201, "Created", { "Content-Length", "0" }))
  c:ask(http.request("GET", "/both", host "web"), http.reply(200, "OK", { "Transfer-Encoding", "chunked", "Content-Encoding", "gzip" },
    http.chunked(http.gzip(body), { 3, 8, 50 })))
  c.tcp:close()
end)

w:at(7, function()
  local c = http.open(w, { client = pc, server = web })
  local body = page "compressed"
  for _, form in ipairs { { "gzip", http.gzip(body) }, { "deflate", http.zlib(body) }, { "deflate", http.stored(body) }, { "br", body } } do
    c:ask(http.request("GET", "/" .. form[1], with(host "web", "Accept-Encoding", "gzip, deflate")),
      http.reply(200, "OK", { "Content-Encoding", form[1], "Content-Length", #form[2] }, form[2]))
  end
  c.tcp:close()
end)

-- Replies without a body whatever their fields say; interim replies.
w:at(9, function()
  local c = http.open(w, { client = pc, server = web })
  c:ask(http.request("HEAD", "/", host "web"), http.reply(200, "OK", sized(("x"):rep(5000))))
  c:ask(http.request("GET", "/logo.png", with(host "web", "If-None-Match", '"1"')), http.reply(304, "Not Modified", sized(("x"):rep(3008))))
  c:ask(http.request("DELETE", "/job/7", host "web"), http.reply(204, "No Content", {}))
  c:say("client", http.request("PUT", "/prog.st", with(host "web", "Expect", "100-continue", "Content-Length", "24",
    "Content-Disposition", 'attachment; filename="prog.st"')))
  c:say("server", http.reply(100, "Continue", {}))
  c:more("client", "PROGRAM main END_PROGRAM\n")
  c:say("server", http.reply(200, "OK", { "Content-Length", "0" }))
  c.tcp:close()
end)

-- The old way: no length, the end of the connection is the end of the body. And a system out of support.
w:at(11, function()
  local c = http.open(w, { client = old, server = plc })
  c:say("client", "GET /status.htm HTTP/1.0\r\nHost: 10.8.0.11\r\nUser-Agent: " .. OLD .. "\r\n\r\n")
  c:say("server", "HTTP/1.0 200 OK\r\nServer: VxWorks/5.5 WindRiver\r\n\r\n" .. page "Status")
  c:more("server", ("more "):rep(300))
  c.tcp:close("server")
end)

-- Logins in clear: asked for first, then given; in a form; in a URI; guessed.
w:at(13, function()
  local c = http.open(w, { client = pc, server = plc })
  c:ask(http.request("GET", "/config", host "plc"), http.reply(401, "Unauthorized", { "WWW-Authenticate", 'Basic realm="S7"',
    "Content-Length", "0" }))
  c:ask(http.request("GET", "/config", with(host "plc", "Authorization", http.basic("operator", "letmein!9"))),
    http.reply(200, "OK", { "Content-Length", "2" }, "ok"))
  local form = "username=admin&password=letmein%219&go=1"
  c:ask(http.request("POST", "/login", with(host "plc", "Content-Type", "application/x-www-form-urlencoded", "Content-Length", #form),
    form),
    http.reply(302, "Found", { "Location", "/?token=letmein9", "Content-Length", "0" }))
  c:ask(http.request("GET", "/cgi?user=admin&pwd=letmein!9&page=1", with(host "plc", "Referer",
    "http://admin:letmein!9@plc/?token=letmein9")), http.reply(200, "OK", { "Content-Length", "0" }))
  c.tcp:close()
  local d = http.open(w, { client = tool, server = plc, port = 8080 })
  d:ask(http.request("GET", "/", with(host("plc:8080", "curl/7.88.1"), "Authorization", 'Digest username="tool", response="0123"')),
    http.reply(403, "Forbidden", { "Content-Length", "0" }))
  d.tcp:close()
end)

-- Through a proxy: named by its fields, and as a tunnel to a controller.
w:at(15, function()
  local c = http.open(w, { client = proxy, server = web })
  c:ask(http.request("GET", "/", with(host "web", "Via", "1.1 proxy", "X-Forwarded-For", pc.ip)), http.reply(200, "OK", { "Content-Length",
    "5" }, "plain"))
  c.tcp:close()
  local t = http.open(w, { client = tool, server = proxy, port = 3128 })
  t:ask("CONNECT 10.8.0.11:502 HTTP/1.1\r\nHost: 10.8.0.11:502\r\nUser-Agent: tool/1.0\r\n\r\n",
    http.reply(200, "Connection established", {}))
  t:more("client", "\0\1\0\0\0\6\1\3\0\0\0\2")
  t:more("server", "\0\1\0\0\0\7\1\3\4\0\1\0\2")
  t.tcp:close()
  local refused = http.open(w, { client = tool, server = proxy, port = 3128 })
  refused:ask("CONNECT 10.8.0.11:22 HTTP/1.1\r\nHost: 10.8.0.11:22\r\n\r\n", http.reply(403, "Forbidden", { "Content-Length", "0" }))
  refused.tcp:close()
end)

-- An upgrade: frames of WebSocket follow.
w:at(17, function()
  local c = http.open(w, { client = pc, server = web })
  c:ask(http.request("GET", "/ws", with(host "web", "Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Key", "AAAA")),
    http.reply(101, "Switching Protocols", { "Upgrade", "websocket", "Connection", "Upgrade" }))
  c:more("client", "\x81\x85\1\2\3\4igoh")
  c:more("server", "\x81\5hello")
  c.tcp:close()
end)

-- Any port; heads in pieces.
w:at(19, function()
  local c = http.open(w, { client = pc, server = plc, port = 49876 })
  c:say("client", http.request("GET", "/odd", host "plc"), { cut = { 1, 2, 1, 9, 3, 3 } })
  c:say("server", http.reply(200, "OK", { "Content-Length", "3" }, "odd"), { cut = { 1, 7, 2, 30 }, order = { 2, 1, 3 } })
  c.tcp:close()
end)

-- Lost: inside a body, more than a body, a whole reply.
w:at(21, function()
  local c = http.open(w, { client = pc, server = web })
  local body = ("0123456789"):rep(600)
  c:say("client", http.request("GET", "/big", host "web"))
  c:say("server", http.reply(200, "OK", { "Content-Length", #body }, body), { lose = { [3] = true } })
  w:sleep(0.2)
  c:say("client", http.request("GET", "/more", host "web"))
  c:say("server", http.reply(200, "OK", { "Content-Length", "2000" }, ("y"):rep(2000)), { lose = { [2] = true } })
  w:sleep(0.2)
  c:say("client", http.request("GET", "/lost", host "web"))
  c:say("server", http.reply(200, "OK", { "Content-Length", "4" }, "gone"), { lose = { [1] = true } })
  w:sleep(0.2)
  c:ask(http.request("GET", "/after", host "web"), http.reply(200, "OK", { "Content-Length", "5" }, "after"))
  c.tcp:close()
end)

-- One side only; no answer; joined in the middle.
w:at(23, function()
  local c = http.open(w, { client = pc, server = web, see = "server" })
  c:ask(http.request("GET", "/unseen", host "web"), http.reply(200, "OK", { "Content-Length", "2" }, "ok"))
  c.tcp:close()
  local d = http.open(w, { client = pc, server = web })
  d:say("client", http.request("GET", "/never", host "web"))
  d.tcp:reset("server")
  local m = tcp.new(w, { client = pc, server = plc, port = 80 })
  m:send("server", ("tail of a page "):rep(1))
  w:sleep(0.01)
  m:send("client", http.request("GET", "/middle", host "plc"))
  w:sleep(0.01)
  m:send("server", http.reply(200, "OK", { "Content-Length", "6" }, "middle"))
  m:close()
end)

-- Heads and chunks that lie.
w:at(25, function()
  for _, reply in ipairs { http.reply(200, "OK", { "Transfer-Encoding", "chunked" }, "zz\r\nabc\r\n0\r\n\r\n"),
    http.reply(200, "OK", { "Content-Length", "-5" }, "abc"), http.reply(200, "OK", { "Content-Encoding", "gzip", "Content-Length", "9" },
    "not gzip!"), http.reply(200, "OK", { "Transfer-Encoding", "chunked" }, "fffffffffffffffff\r\nabc") } do
    local c = http.open(w, { client = tool, server = plc })
    c:ask(http.request("GET", "/lies", host("plc", "curl/7.88.1")), reply)
    c.tcp:close()
    w:sleep(0.1)
  end
end)

-- No HTTP on its port: a controller behind port 80.
w:at(27, function()
  local c = tcp.new(w, { client = tool, server = plc, port = 80 }):open()
  c:send("client", "\0\1\0\0\0\6\1\3\0\0\0\2")
  w:sleep(0.01)
  c:send("server", "\0\1\0\0\0\7\1\3\4\0\1\0\2")
  w:sleep(0.01)
  c:close()
end)
