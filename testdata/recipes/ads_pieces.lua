-- Beckhoff ADS joined late; requests before the first answer; a message in two segments; a program and its own router; damaged messages.

local ads = require "ads"

local w = ...
w:title "ADS: joined mid-stream, pipelines, pieces, a router's own commands, damage"
w:duration "10s"

local engineer = w:host { name = "engineer", role = "engineering", ip = "10.17.0.30", vendor = "dell", os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.17.0.11", vendor = "siemens" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.17.0.99", vendor = "raspberry_pi", os = "linux" }

local ask, answer, pack = ads.ask, ads.answer, string.pack
local RUNTIME <const>, PLC_NET <const> = 851, "5.23.45.67.1.1"

local function connect(more)
  more.client, more.server, more.net_id, more.client_net_id = engineer, plc, PLC_NET, "10.17.0.30.1.1"
  return ads.connect(w, more)
end

w:at(1, function()
  local link = connect { midstream = true, client_port = 33200, invoke = 500 }
  link:ask(RUNTIME, "read", ask.read(0xf005, 0x77, 4), answer.data "\1\0\0\0")
  link:raw("client", link:message("client", RUNTIME, 4, 601, "") .. link:message("client", RUNTIME, 1, 602, ""))
  w:sleep(0.002)
  link:raw("server", link:message("server", RUNTIME, 1, 602, answer.info("Plc30 App", 3, 1, 4024)))
  local late = link:message("server", RUNTIME, 4, 601, answer.state(6))
  link:raw("server", late:sub(1, 20))
  w:sleep(0.002)
  link:raw("server", late:sub(21))
  link:raw("client", link:message("client", RUNTIME, 2, 603, "\1\2"))
  link:raw("client", link:message("client", RUNTIME, 77, 604, ""))
  link:raw("client", link:message("client", RUNTIME, 4, 605, ""))
  w:sleep(0.002)
  link:raw("server", link:message("server", RUNTIME, 1, 605, answer.info("Plc30 App", 3, 1, 4024)))
  link:close()
  local own = connect {}
  own:raw("client", pack("<I2s4", 0x1000, "\0\0"))
  w:sleep(0.002)
  own:raw("server", pack("<I2s4", 0x1000, ads.net_id(PLC_NET) .. pack("<I2", 32905)))
  own:raw("client", pack("<I2s4", 1, pack("<I2", 32905)))
  own:close()
  w:udp(stranger, 50100, plc, ads.ROUTER_PORT, "nothing of this protocol")
end)
