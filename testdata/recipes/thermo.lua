-- The made-up thermostats of plugins/examples/thermo.lua: every code over TCP and UDP, refusals, silence, an answer to another question,
-- messages in pieces and several in a segment, cut short, joined mid-stream.

local tcp = require "tcp"

local w = ...
w:title "a made-up protocol with every part of a dissector, which the templates for plugins read"
w:duration "30s"

local panel = w:host { name = "panel", role = "hmi", ip = "10.7.0.20", vendor = "dell", os = "windows" }
local room = w:host { name = "room", role = "device", ip = "10.7.0.11", vendor = "siemens" }
local hall = w:host { name = "hall", role = "device", ip = "10.7.0.12", vendor = "siemens" }

local PORT <const> = 7171
local function message(exchange, code, data)
  return "T" .. string.pack("BBB", 4 + #data, exchange, code) .. data
end

-- code, data of the request, data of the response
local EVERY <const> = {
  { 1, "", "\0\0\xd7" }, { 2, "\0\xe6", "\0" }, { 3, "\1", "\0" }, { 4, "", "\0\4AC-1" }, { 9, "", "\0" },
  { 2, "\x7f\xff", "\2" }, { 5, "", "\1" }, { 3, "\9", "\7" }, { 1, "", "\0\xff\xce" },
}

local function connect(options)
  options.client, options.server, options.port = panel, room, PORT
  return tcp.new(w, options)
end

w:at(0.5, function()
  local c = connect {}
  c:open()
  for i, turn in ipairs(EVERY) do
    c:send("client", message(i, turn[1], turn[2]))
    w:sleep(0.01)
    c:send("server", message(i, turn[1] | 0x80, turn[3]))
    w:sleep(0.2)
  end
  c:send("client", message(20, 1, "") .. message(21, 4, "") .. message(22, 1, "")) -- three in a segment, one is not answered
  c:send("server", message(20, 0x81, "\0\0\xd8"), { cut = { 1, 2, 3 } })
  c:send("server", message(21, 0x81, "\0\0\xd8"))
  c:send("server", "T\5\x2a\x81\0") -- the temperature is missing
  w:sleep(8)
  c:close()
end)

w:at(12, function()
  local c = connect {} -- no beginning is captured
  for i = 1, 3 do
    c:send("server", message(i, 0x81, "\0\0\xd9"))
    w:sleep(0.1)
  end
end)

w:at(15, function()
  for i, turn in ipairs(EVERY) do
    w:udp(panel, 50000, hall, PORT, message(i, turn[1], turn[2]))
    w:sleep(0.01)
    w:udp(hall, PORT, panel, 50000, message(i, turn[1] | 0x80, turn[3]))
    w:sleep(0.1)
  end
  w:udp(panel, 50000, hall, PORT, message(40, 2, "")) -- what to set is missing
end)
