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

-- Ten bytes, area, first device, four bytes, points, as captures have them.
local function memory(area, address, points)
  return "\0\0" .. ("\0"):rep(10) .. string.pack("<I2I4I4I2", area, address, 0, points)
end

-- Open mode, drive, size, name; part of a file: pointer, position, length.
local function open(mode, size) return string.pack("<I2I4I2I2I4", 0, 0, mode, 4, size) .. FILE end
local function part(pointer, position, length) return string.pack("<I2I2I4I2", 0, pointer, position, length) end

w:at(1, function()
  local link = melsoft.connect(w, { client = engineer, server = plc, udp = true, port = 5560 })
  link:search("\1", "\1\0" .. engineer.ip_bytes .. "\255\255\255\255")
  link:search("\x11", "\3\0" .. engineer.ip_bytes .. "\255\255\255\255")
  link:search("\x22", "\4\0" .. engineer.ip_bytes .. "\255\255\255\255")
  link:search("\255", "\x29\x4a\x0c" .. ("\0"):rep(21))
  link:ask(0x0121, "\0\0\0\1", MODEL)
  link:ask(0x01a0, "\0\0\1\2\3\4", "\5\6\7\8")
  link:ask(0x0410, memory(0x01, 96, 25), "\0\0\0\1")
  local monitored = string.pack("<I2I4I4", 2, 0, 4) .. string.pack("<I2I4I4I2I4I4", 0x20, 0, 0, 0x20, 200, 0)
  link:ask(0x0411, "\0\0" .. ("\0"):rep(10) .. monitored, "\0\0\xe8\3")
  link:ask(0x0b2a, "\0\0\1\0\1\7", "\1\0\x40\0")
  link:ask(0x18a0, "\0\0    \0\0", "\1\0\0\0")
end)

w:at(5, function()
  local link = melsoft.connect(w, { client = engineer, server = plc })
  link:ask(0x0101, "\0\0\0\1", "Q03UDECPU       \x63\2")
  link:ask(0x1859, "\0\0\0\0\0\0\4\0\1\0\0\0" .. FOLDER, "\x17\0")
  link:ask(0x185f, "\0\0\0\0\0\0\4\0" .. FILE, "MAIN")
  link:ask(0x1867, open(0, 0), "\1\0")
  link:ask(0x1868, part(1, 0, 64), "\x40\0" .. ("\x55"):rep(64), nil, { cut = { 1, 4, 20 }, gap = 0.001 })
  link:ask(0x1868, part(1, 64, 16), "\x10\0" .. ("\x56"):rep(16))
  link:ask(0x186a, "\0\0\1\0\0\0", "")
  link:ask(0x1867, open(0x0100, 8), "\2\0")
  link:ask(0x1869, part(2, 0, 4) .. "ABCD", "\4\0")
  link:ask(0x1869, part(2, 4, 4) .. "EFGH", "\4\0")
  link:ask(0x186a, "\0\0\2\0\0\0", "")
  link:ask(0x1867, open(0x0100, 8), "\3\0")
  link:ask(0x1869, part(3, 0, 4) .. "ABCD", "", 0x4029)
  link:ask(0x1410, memory(0x20, 100, 2) .. "\1\0\2\0", "")
  for _, code in ipairs { 0x1002, 0x1005, 0x1006, 0x1003, 0x1001 } do link:ask(code, "\0\0\1\0", "") end
  link:ask(0x0401, "\0\0\1\0", "", 0x4031)
  link:ask(0x0413, "\0\0\x27\0")
  w:sleep(1)
  link:close()
end)
