-- S7comm, the rest of what it can say: every program invocation service, every system status list, numeric controls, records,
-- alarms of every kind with what is done to them, symbols of numeric controls.

local s7 = require "s7"

local w = ...
w:title "S7comm: every program invocation service and system status list, numeric controls, alarms of every kind"
w:duration "40s"

local engineer = w:host { name = "engineering", role = "engineering", ip = "10.7.2.30", vendor = "siemens", os = "windows" }
local hmi = w:host { name = "hmi", role = "hmi", ip = "10.7.2.20", vendor = "siemens", os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.7.2.11", vendor = "siemens" }
local nck = w:host { name = "nck", role = "plc", ip = "10.7.2.12", vendor = "siemens" }

local command, userdata, push, item = s7.command, s7.userdata, s7.push, s7.item
local NOW <const> = { 2024, 5, 13, 8, 0, 30, 250, 2 }
local ALARM <const> = 0x60000007

local NC_SERVICES <const> = { "CANCEL", "DASAVE", "DIGIOF", "DIGION", "DZERO_", "ENDEXT", "F_OPER", "OST_OF", "OST_ON", "SCALE_",
  "SETUFR", "STRTLK", "STRTUL", "TMRASS", "F_DELE", "EXTERN", "EXTMOD", "F_DELR", "F_XFER", "LOCKE_", "SELECT", "SRTEXT", "F_CLOS",
  "F_OPEN", "F_SEEK", "ASUP__", "CHEKDM", "CHKDNO", "CONFIG", "CRCEDN", "DELECE", "CREACE", "CREATO", "DELETO", "CRTOCE", "DELVAR",
  "F_COPY", "F_DMDA", "F_PROT", "F_RENA", "FINDBL", "IBN_SS", "MMCSEM", "NCKMOD", "NEWPWD", "SEL_BL", "SETTST", "TMAWCO", "TMCRTC",
  "TMCRTO", "TMFDPL", "TMFPBP", "TMGETT", "TMMVTL", "TMPCIT", "TMPOSM", "TRESMO", "TSEARC", "NOBODY" }

-- All at once, answers behind: a numeric control's panel does so.
w:at(1, function()
  local link = s7.connect(w, { client = hmi, server = nck, kind = 2, slot = 4, jobs = 8 })
  for at = 1, #NC_SERVICES, 6 do
    local jobs = {}
    for i = at, math.min(at + 5, #NC_SERVICES) do
      jobs[#jobs + 1] = command.invoke("_N_" .. NC_SERVICES[i], ("\3P01"):rep(12))
    end
    link:pipeline(jobs)
    w:sleep(0.05)
  end
  link:ask(command.invoke("_N_F_DELE", "\x15/_N_MPF_DIR/_N_P1_MPF"), { fault = { 0xd2, 0x41 } })
  for _, area in ipairs { 0x00, 0x21, 0x41, 0x61, 0x81, 0xa1, 0xc1, 0xe0 } do
    link:ask(command.read { s7.nck_item(area, 1, 2, 0x7f, 1) })
  end
  for _, syntax in ipairs { 0x83, 0x84 } do
    link:ask(command.read { s7.raw_item(string.char(syntax) .. "\x41\0\1\0\2\x7f\1", 8) })
  end
  for _, subfunction in ipairs { 2, 3, 4, 7, 8 } do link:userdata(userdata.nc_file(subfunction, "")) end
  link:close()
end)

w:at(12, function()
  local link = s7.connect(w, { client = engineer, server = plc })
  for _, id in ipairs { 0x0012, 0x0013, 0x0014, 0x0015, 0x0016, 0x0017, 0x0018, 0x0019, 0x0021, 0x0222, 0x0123, 0x0025, 0x0033,
    0x0071, 0x0075, 0x0081, 0x0082, 0x0090, 0x0d91, 0x0092, 0x0094, 0x0195, 0x0696, 0x00b1, 0x00b2, 0x00b3, 0x00b4, 0x01fe } do
    link:userdata(userdata.read_szl(id, 0, {}))
    w:sleep(0.01)
  end
  link:userdata(userdata.read_szl(0x0037, 0, { "\x07\xff\10\7\2\11\255\255\255\0\10\7\2\1\x08\0\6\1\2\3" .. ("\0"):rep(28) }))
  for _, code in ipairs { 1, 3, 5, 6, 7 } do
    link:userdata(userdata.read_szl(0x0011, 1, {}), { fault = 0xd401, return_code = code })
  end
  for language = 0, 8 do
    link:userdata(userdata.list_blocks_of_type("FC", { { language, 0x22, language } }))
    w:sleep(0.01)
  end
  link:userdata(userdata.list_blocks_of_type("SDB", { { 0, 0x22, 17 }, { 1, 0x22, 18 }, { 2, 0x22, 41 } }))
  link:userdata(userdata.programmer(0x07))
  link:userdata(userdata.other(2, 8, "\0\1\x12\8\x01\1\0\4\x84\0\1\0"), { fault = 0x8104 })
  link:userdata(userdata.other(0x20, 1, "\0\1\2\3", "\0"))
  link:close()
end)

-- What hosts ask that nobody answers so: a mode asked for, a group and a type that nobody knows.
w:at(20, function()
  local link = s7.connect(w, { client = engineer, server = plc })
  link:userdata(userdata.other(0, 2, "\0"), { fault = 0x8104 })
  link:userdata(userdata.other(9, 1, "\0"), { fault = 0x8104 })
  link.cotp:send("client", s7.frame(7, 0x700, "\0\1\x12\4\x11\xc4\1\0", "\xff\9\0\4\0\x11\0\0"))
  link:count("client", "4/01", { requests = 1 })
  w:sleep(0.1)
  link:close()
end)

w:at(25, function()
  local link = s7.connect(w, { client = hmi, server = plc, kind = 2 })
  local watched = { item("M", "BYTE", 1, 0) }
  link:userdata(userdata.message_service(0x84, "HMI_21"))
  local job = link:userdata(userdata.change_driven(watched, 1, 1))
  local more = userdata.change_driven({ watched[1], item("DB", "WORD", 1, 2, { db = 9 }) }, 1, 2)
  more[2] = 7
  link:userdata(more)
  link:push(push.change_driven(watched), job)
  link:push(push.notified(ALARM, NOW, "\x12\x34"))
  local scan = push.alarm("alarm_8", ALARM, NOW, 2)
  scan[2] = 9
  link:push(scan)
  link:push(push.alarm_acknowledged(ALARM, NOW))
  link:push(push.alarm_locked(0x0d, ALARM))
  link:push(push.alarm_locked(0x0e, ALARM))
  link:userdata(userdata.acknowledge_alarm(ALARM))
  link:userdata(userdata.acknowledge_alarm(ALARM + 1, 0x0a))
  link:userdata(userdata.lock_alarm(ALARM, 0x03))
  link:userdata(userdata.unlock_alarm(ALARM))
  link:userdata(userdata.alarms(1, nil, NOW, { { 1, ALARM, 0 } }))
  link:userdata(userdata.alarms(2, nil, NOW, { { 2, ALARM, 1 }, { 2, ALARM + 1, 0x80 } }))
  link:userdata(userdata.alarms(4, nil, NOW, { { 4, ALARM + 2, 1 }, { 4, ALARM + 3, 0 } }))
  link:userdata(userdata.alarms(nil, ALARM, NOW, { { 4, ALARM, 1 } }), { pieces = 20 })
  for _, class in ipairs { 0x1381, 0x2521, 0x3501, 0x4303, 0x5961, 0x6401, 0x7302, 0x8042, 0x9101, 0xa001, 0xb001, 0xf001 } do
    link:push(push.diagnostic(class, NOW))
  end
  link:close()
end)

-- Programs of a numeric control: loaded, read back, refused, broken off, a part lost, never ended.
w:at(36, function()
  local link = s7.connect(w, { client = engineer, server = nck, kind = 2, slot = 4 })
  local lines = {}
  for n = 1, 60 do lines[n] = ("N%d G1 X%d Y%d F200\n"):format(n * 10, n % 7, n % 5) end
  local program = table.concat(lines)
  local part = "/_N_WKS_DIR/_N_GEAR_WPD/_N_GEAR_MPF"
  link:nc_download(part, ("%08d%s"):format(#program, "2024051308003000") .. program, 200)
  link:nc_upload(part, program, 200)
  link:nc_download("/_N_MPF_DIR/_N_A_MPF", "N10 M30\n", 200, { fault = 0xd241 })
  link:nc_upload("/_N_MPF_DIR/_N_B_MPF", "", 200, { fault = 0xd209 })
  link:nc_download("/_N_SPF_DIR/_N_C_SPF", program, 200, { broken = 2 })
  link:nc_download("/_N_SPF_DIR/_N_D_SPF", program, 300, { lost = { [2] = true } })
  link:nc_download("/_N_SPF_DIR/_N_E_SPF", program, 400, { no_end = true })
  link:close()
end)
