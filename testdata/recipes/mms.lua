-- MMS as substation devices speak it: services of every kind, reports, files, domains, errors, rejects; in pieces, pipelined, joined late.

local mms = require "mms"

local w = ...
w:title "MMS: services, reports, files, domains, errors, pieces, joined mid-stream, without session"
w:duration "40s"

local station = w:host { name = "station", role = "scada", ip = "10.7.0.20", vendor = "dell", os = "windows" }
local relay = w:host { name = "relay", role = "ied", ip = "10.7.0.11", vendor = "siemens" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.7.0.99", vendor = "raspberry_pi", os = "linux" }
local ask, answer, value, ok = mms.ask, mms.answer, mms.value, mms.ok

local QUALITY <const>, TIME <const> = value.bits("\0\0", 3), value.time("\x66\x41\xc6\x80\0\0\0\x0a")

w:at(1, function()
  local link = mms.connect(w, { client = station, server = relay, calling = "\0\1", called = "\0\1" })
  link:ask(ask.identify(), answer.identify("Example Relays", "XR-615", "2.4.1"))
  link:ask(ask.status(), answer.status(0, 0))
  link:ask(ask.name_list(9), answer.name_list { "XR615LD0", "XR615CTRL" })
  link:ask(ask.name_list(0, "XR615LD0"), answer.name_list({ "LLN0", "LLN0$ST", "LLN0$ST$Mod" }, true))
  link:ask(ask.name_list(0, "XR615LD0", "LLN0$ST$Mod"), answer.name_list { "MMXU1", "MMXU1$MX" })
  link:ask(ask.attributes "XR615LD0/MMXU1$MX$TotW$mag$f", answer.attributes())
  link:ask(ask.read { "XR615LD0/MMXU1$MX$TotW$mag$f" }, answer.read(value.float(1234.5)))
  link:ask(ask.read { "XR615LD0/LLN0$ST$Mod", "XR615LD0/GGIO1$ST$Ind1" },
    answer.read(value.structure(value.int(1), QUALITY, TIME), value.structure(value.bool(true), QUALITY, TIME)))
  link:ask(ask.read { "XR615LD0/NONE$ST$x", "XR615LD0/LLN0$DC$NamPlt" },
    answer.read(value.failure(10), value.structure(value.text "Example Relays", value.text "2.4.1")))
  link:ask(ask.define_list("XR615LD0/LLN0$ds1", { "XR615LD0/MMXU1$MX$TotW", "XR615LD0/MMXU1$MX$Hz" }), answer.define_list())
  link:ask(ask.read_list "XR615LD0/LLN0$ds1", answer.read(value.float(1.0), value.float(-50.01)))
  link:ask(ask.delete_list "XR615LD0/LLN0$ds1", answer.delete_list())
  link:ask(ask.write({ "XR615LD0/LLN0$BR$brcb01$RptEna" }, value.bool(true)), answer.write(ok))
  for n = 1, 3 do
    link:say("server", mms.report("RPT", value.text "brcb01", value.bits("\0\0", 6), value.unsigned(n), value.octets "\1\2\3",
      value.float(n)))
    w:sleep(0.5)
  end
  link:say("server", mms.report_variables({ "XR615CTRL/CSWI1$CO$Pos" }, value.structure(value.int(-3), value.bool(false))))
  link:ask(ask.write({ "XR615CTRL/CSWI1$CO$Pos$Oper" }, value.structure(value.bool(true), value.structure(value.int(2), value.text "hmi"),
    value.unsigned(7), TIME, value.bool(false), value.bits("\0", 6))), answer.write(value.failure(3)))
  link:ask(ask.journal "XR615LD0/LLN0$EventLog", answer.journal())
  link:ask(ask.directory "/COMTRADE/", answer.directory { "/COMTRADE/FAULT1.CFG", "/COMTRADE/FAULT1.DAT" })
  link:ask(ask.file_open "/COMTRADE/FAULT1.DAT", answer.file_open(3, 600))
  link:ask(ask.file_read(3), answer.file_read(("A"):rep(400), true))
  link:ask(ask.file_read(3), answer.file_read(("B"):rep(200)))
  link:ask(ask.file_close(3), answer.file_close())
  link:ask(ask.file_rename("/COMTRADE/FAULT1.DAT", "/COMTRADE/OLD.DAT"), answer.file_rename())
  link:ask(ask.file_open "/NONE", mms.error(11, 7), { failed = true })
  link:ask(ask.read { "XR615LD0/LLN0$ST" }, answer.read(value.structure(value.text(("long "):rep(300)))), { response = { piece = 200 } })
  link:say("client", mms.ber(0xa0, mms.ber(2, "\1\1"), ask.status()))
  link:say("server", mms.ber(0xa4, mms.ber(0x80, "\1\1"), mms.ber(0x81, "\1"))) -- a reject: unrecognized service
  link:conclude()
end)

-- Programs: a domain down and up, started and stopped; several requests before the first answer.
w:at(12, function()
  local link = mms.connect(w, { client = station, server = relay, password = "not for logs" })
  link:ask(ask.download "LOGIC1", answer.download())
  link:ask(ask.download_segment "LOGIC1", answer.download_segment("first part, ", true), { asker = "server" })
  link:ask(ask.download_segment "LOGIC1", answer.download_segment("second part"), { asker = "server" })
  link:ask(ask.terminate_download "LOGIC1", answer.terminate_download(), { asker = "server" })
  link:ask(ask.upload "LOGIC1", answer.upload(9))
  link:ask(ask.upload_segment(9), answer.upload_segment("first part, second part"))
  link:ask(ask.terminate_upload(9), answer.terminate_upload())
  for _, tag in ipairs { 41, 43, 40, 42 } do link:ask(ask.program(tag, "PI1"), answer.program(tag)) end
  local first = link.invoke
  for n = 1, 3 do link:ask(ask.read { "XR615LD0/MMXU" .. n .. "$MX$Hz" }, nil) end
  for n = 3, 1, -1 do
    link:say("server", mms.ber(0xa1, mms.ber(2, string.char(first + n)), answer.read(value.float(50 + n / 8))))
    w:sleep(0.01)
  end
  link:ask(ask.status(), answer.status(2, 2))
  link:conclude()
end)

-- Joined when it was under way; answers alone; without a session.
w:at(20, function()
  local link = mms.connect(w, { client = station, server = relay, midstream = true })
  link:say("server", mms.report("RPT", value.text "brcb02", value.float(3)))
  link:say("server", mms.ber(0xa1, mms.ber(2, "\5"), answer.write(ok)))
  link:ask(ask.read { "XR615LD0/LLN0$ST$Beh" }, answer.read(value.int(1)))
end)
w:at(22, function()
  local link = mms.connect(w, { client = station, server = relay, plain = true })
  link:ask(ask.identify(), answer.identify("Example Relays", "XR-615", "2.4.1"))
  link:ask(ask.read { "$MU1$$" }, nil)
  link:conclude()
end)

-- A stranger stops the program, wipes it, takes what there is.
w:at(30, function()
  local link = mms.connect(w, { client = stranger, server = relay })
  w:attack("mms_stop", stranger, relay, { service = "stop" })
  link:ask(ask.program(41, "PI1"), answer.program(41))
  link:ask(ask.program(44, "PI1"), mms.error(4, 2), { failed = true })
  link:ask(ask.delete_domain "LOGIC1", answer.delete_domain())
  link:ask(ask.file_delete "/COMTRADE/OLD.DAT", answer.file_delete())
  link:ask(ask.write({ "XR615CTRL/CSWI1$CO$Pos$Oper" }, value.structure(value.bool(false))), answer.write(ok))
  link:conclude()
end)
