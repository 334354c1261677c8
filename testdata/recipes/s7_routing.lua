-- S7 routing: transport selectors that lead over a station to another on MPI, PROFIBUS or Ethernet; one of the same length
-- that leads nowhere, one that lies. Variables of types and by syntaxes that nobody knows.

local s7 = require "s7"

local w = ...
w:title "S7 routing to stations on other subnets; transport sizes and syntaxes that nobody knows"
w:duration "20s"

local engineer = w:host { name = "engineering", role = "engineering", ip = "10.7.1.30", vendor = "siemens", os = "windows" }
local gateway = w:host { name = "gateway", role = "plc", ip = "10.7.1.11", vendor = "siemens",
  facts = { model = "6ES7 315-2EH14-0AB0", firmware = "3.2.6", serial = "S C-X4U421302009", plant = "Plant7", name = "Line 4",
    module = "CPU 315-2 PN/DP" } }

local command, userdata, item = s7.command, s7.userdata, s7.item

local function talk(called)
  local link = s7.connect(w, { client = engineer, server = gateway, calling = s7.route {}, called = called })
  link:ask(command.read { item("DB", "WORD", 2, 10, { db = 7 }) })
  w:sleep(0.02)
  link:userdata(userdata.read_szl(0x001c, 0, s7.component_identification { { 2, "CPU 315-2 PN/DP" }, { 5, "S C-X4U421302009" } }))
  link:close()
end

for i, called in ipairs {
  s7.route { subnet = { 0x0152, 0x0013 }, station = "\4" },
  s7.route { subnet = { 0x0152, 0x0014 }, station = "\192\168\100\101", rack = 1, slot = 3, kind = 2 },
  s7.route { subnet = { 0x0152, 0x0015 }, station = "\x08\x00\x06\x01\x02\x03", kind = 3 },
  s7.route { slot = 4 },
  "\1\6\200\2" .. ("\0"):rep(22) .. "\1\2",
} do
  w:at(i, function() talk(called) end)
end

w:at(8, function()
  local link = s7.connect(w, { client = engineer, server = gateway })
  local function job(func, ref, spec, data)
    link.cotp:send("client", s7.frame(1, ref, string.char(func, 1) .. spec, data))
    link:count("client", ("%02x"):format(func), { requests = 1 })
  end
  job(4, 0x1001, "\x12\x0a\x10\x4d\0\1\0\1\x84\0\0\0", "")
  job(4, 0x1002, "\x12\x0a\x99\2\0\1\0\1\x84\0\0\0", "")
  job(5, 0x1003, "\x12\x0a\x10\2\0\1\0\1\x84\0\0\0", "\0\x4d\0\1\x55")
  w:sleep(0.1)
  link:close()
end)
