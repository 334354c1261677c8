-- APDUs that lie, each kind on a connection of its own: lengths, control fields, counts, types, sequence numbers, checksums.

local iec104 = require "iec104"

local w = ...
w:title "IEC 60870-5-104 APDUs that lie: lengths, control fields, counts, types, causes, sequence numbers, checksums"
w:duration "30s"

local centre = w:host { name = "centre", role = "scada", ip = "10.9.0.20", vendor = "dell", os = "windows" }
local rtu = w:host { name = "rtu", role = "rtu", ip = "10.9.0.11", vendor = "siemens" }
local e = iec104.element
local unhex = function(hex) return (hex:gsub("%s", ""):gsub("%x%x", function(x) return string.char(tonumber(x, 16)) end)) end

-- What is told, the APDU as bytes or an ASDU, and the number that the next one has where that one counted.
local cases = {
  { "impossible_length", "680200 00" }, { "impossible_length", "68ff" .. ("00"):rep(255) },
  { "bad_control_field", "680409000000" }, { "bad_control_field", "680447000000" },
  { "octets_behind_control_field", "6806010000000102" }, { "no_asdu", "680400000000", 1 },
  { "truncated", "680700000000010103", 1 }, { "not_a_pdu", "474554202f" },
  { "objects_do_not_fill_length", { type = 1, cause = 3, ca = 3, count = 5, objects = { { 1, "\1" } } } },
  { "objects_do_not_fill_length", { type = 13, cause = 3, ca = 3, first = 1, count = 3, elements = { "\0\0\0\0\0", "\0\0" } } },
  { "objects_do_not_fill_length", { type = 1, cause = 3, ca = 3, count = 0, objects = { { 1, "\1" } } } },
  { "objects_do_not_fill_length", { type = 125, cause = 13, ca = 3, objects = { { 1, "\1\0\1\200abc" } } } },
  { "unknown_type", { type = 22, cause = 3, ca = 3, objects = { { 1, "\1" } } } },
  { "unknown_type", { type = 0, cause = 3, ca = 3, objects = { { 1, "\1" } } } },
  { "unknown_cause", { type = 1, cause = 43, ca = 3, objects = { { 1, "\1" } } } },
}
for i, case in ipairs(cases) do
  w:at(i, function()
    local link = iec104.connect(w, { client = centre, server = rtu })
    link:start()
    w:fault("iec104", { what = case[1] })
    link:raw("server", type(case[2]) == "table" and link:bytes_of("server", iec104.asdu(case[2])) or unhex(case[2]))
    if case[3] then link.next.server = case[3] end
    link:say("server", { type = 1, cause = 3, ca = 3, objects = { { 1, "\1" } } })
    link:close()
  end)
end

w:at(20, function()
  local link = iec104.connect(w, { client = centre, server = rtu })
  link:start()
  link:say("server", { type = 1, cause = 3, ca = 3, objects = { { 1, "\1" } } })
  w:fault("iec104", { what = "sequence_jump" })
  link.next.server = 9
  link:say("server", { type = 1, cause = 3, ca = 3, objects = { { 1, "\0" } } })
  link:say("server", { type = 1, cause = 3, ca = 3, objects = { { 1, "\1" } } })
  link:close()
end)
w:at(22, function()
  local link = iec104.connect(w, { client = centre, server = rtu })
  link:start()
  local function file(kind, bytes) return { type = kind, cause = 13, ca = 3, objects = { { 7, e.u16(1) .. bytes } } } end
  link:say("server", file(120, e.u24(5) .. e.u8(0)))
  link:say("server", file(121, e.u8(1) .. e.u24(5) .. e.u8(0)))
  link:say("server", file(125, e.u8(1) .. "\5hello"))
  w:fault("iec104", { what = "wrong_checksum" })
  link:say("server", file(123, e.u8(1) .. e.u8(3) .. e.u8(0)))
  link:close()
end)
