-- TPKT and COTP: selectors, data whole and in pieces, refusal, disconnection.

local cotp = require "cotp"

local w = ...
w:title "TPKT/COTP: connect, data in one and several TPDUs, refusal, disconnect"
w:duration "20s"

local engineer = w:host { name = "engineering", role = "engineering", ip = "10.4.0.30", vendor = "siemens",
  os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.4.0.11", vendor = "siemens" }
local text = w:chance_of("payload")

-- A rack and slot as selectors, payloads nobody decodes; then one TSDU in four TPDUs.
w:at(1, function()
  local link = cotp.connect(w, { client = engineer, server = plc, calling = "\1\0", called = "\1\2" })
  for n = 1, 5 do
    link:send("client", "request " .. n .. " " .. text:bytes(20))
    w:sleep(0.01)
    link:send("server", "response " .. n .. " " .. text:bytes(60))
    w:sleep(0.2)
  end
  link:send("client", text:bytes(900), { piece = 250 })
  w:sleep(0.2)
  link:send("server", text:bytes(3000), { piece = 250, together = true })
  w:sleep(0.2)
  link:send("server", text:bytes(500), { piece = 100, together = true, fault = { cut = { 3, 5, 200, 1, 90 } } })
  w:sleep(0.2)
  link:send("client", "")
  w:sleep(0.2)
  link:disconnect("client")
  link.tcp:close()
end)

-- Long selectors in text, the smallest TPDU size.
w:at(6, function()
  local link = cotp.connect(w, { client = engineer, server = plc, calling = "SIMATIC-ROOT-ES",
    called = "SIMATIC-ROOT-HMI", size = 7 })
  link:send("client", text:bytes(300))
  w:sleep(0.01)
  link:send("server", text:bytes(300))
  w:sleep(0.5)
  link.tcp:reset("server")
end)

w:at(8, function()
  local link = cotp.connect(w, { client = engineer, server = plc, calling = "\1\0", called = "\9\9", refused = 3 })
  link.tcp:close("server")
end)

-- Another port: the first bytes tell what it is.
w:at(10, function()
  local link = cotp.connect(w, { client = engineer, server = plc, calling = "\0\1", called = "\0\1", port = 10102 })
  link:send("client", "on another port")
  w:sleep(0.01)
  link:send("server", "seen all the same")
  link.tcp:close()
end)

-- TPDUs that class 0 has not (ISO 8073 13.3 to 13.12), every reason for a disconnection, every cause of an error.
w:at(14, function()
  local link = cotp.connect(w, { client = engineer, server = plc, calling = "\1\0", called = "\1\2" })
  local function say(side, kind, body) link:tpdu(side, kind, string.pack("s1", body)) end
  say("client", "ED", "\x10\0\1\x80")
  say("server", "EA", "\x20\0\1\0")
  say("server", "AK", "\x60\0\1\1")
  say("server", "RJ", "\x50\0\1\2")
  for cause = 0, 3 do say("server", "ER", "\x70\0\1" .. string.char(cause)) end
  for _, reason in ipairs { 0, 1, 2, 3, 128, 129, 130, 131, 132, 133, 135, 136, 138 } do
    say("server", "DR", "\x80\0\1\0\2" .. string.char(reason))
  end
  say("client", "DC", "\xc0\0\2\0\1")
  link.tcp:close()
end)
