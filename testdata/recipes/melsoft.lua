-- MELSOFT direct connection: search, model, a project read and written, stop, reset and run; UDP, TCP, in pieces.

local melsoft = require "melsoft"

local w = ...
w:title "MELSOFT: search, model, files read and written, stop and run, an end code, no answer, frames in pieces"
w:duration "20s"

local engineer = w:host { name = "engineering", role = "engineering", ip = "10.7.0.30", vendor = "dell",
  os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.7.0.11", vendor = "mitsubishi",
  facts = { model = "FX5U-32MT/ES" } }

local MODEL <const> = "FX5U-32MT/ES\0\0\0\0\x29\x4a\0\8\0\0\0\0"
local FOLDER <const>, FILE <const> = melsoft.name "$MELPRJ$\\", melsoft.name "$MELPRJ$\\MAIN.PRG"

w:at(1, function()
  local link = melsoft.connect(w, { client = engineer, server = plc, udp = true, port = 5560 })
  link:search("\1", "\1\0" .. engineer.ip_bytes .. "\255\255\255\255")
  link:search("\x11", "\3\0" .. engineer.ip_bytes .. "\255\255\255\255")
  link:search("\x22", "\4\0" .. engineer.ip_bytes .. "\255\255\255\255")
  link:search("\255", "\x29\x4a\x0c" .. ("\0"):rep(21))
  link:ask(0x0121, "\0\0\0\1", MODEL)
  link:ask(0x01a0, "\0\0\1\2\3\4", "\5\6\7\8")
  link:ask(0x0410, "\0\0" .. ("\0"):rep(18), "\1\0")
  link:ask(0x0b2a, "\0\0\1\0\1\7", "\1\0\x40\0")
  link:ask(0x18a0, "\0\0    \0\0", "\1\0\0\0")
end)

w:at(5, function()
  local link = melsoft.connect(w, { client = engineer, server = plc })
  link:ask(0x0101, "\0\0\0\1", "Q03UDECPU       \x63\2")
  link:ask(0x1859, "\0\0\0\0\0\0\4\0\1\0\0\0" .. FOLDER, "\x17\0")
  link:ask(0x185f, "\0\0\0\0\0\0\4\0" .. FILE, "MAIN")
  link:ask(0x1867, "\0\0\0\0\0\0\0\0\4\0\0\0\0\0" .. FILE, "\1\0")
  link:ask(0x1868, "\0\0\1\0\0\0\0\0\x30\1", ("\x55"):rep(64), nil, { cut = { 1, 4, 20 }, gap = 0.001 })
  link:ask(0x186a, "\0\0\1\0\0\0", "")
  link:ask(0x1869, "\0\0\1\0\0\0\0\0\4\0ABCD", "\4\0")
  link:ask(0x1410, "\0\0\1\0\xb0\0\0\0", "")
  for _, code in ipairs { 0x1002, 0x1005, 0x1006, 0x1003, 0x1001 } do link:ask(code, "\0\0\1\0", "") end
  link:ask(0x0401, "\0\0\1\0", "", 0x4031)
  link:ask(0x0413, "\0\0\x27\0")
  w:sleep(1)
  link:close()
end)
