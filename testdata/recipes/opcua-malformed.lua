-- OPC UA messages that lie, each kind once: counts, lengths, depth, types and services nobody knows, numbers out of order, chunks that do
-- not end.

local opcua = require "opcua"

local w = ...
w:title "OPC UA: messages that lie"
w:duration "20s"

local stranger = w:host { name = "stranger", role = "unknown", ip = "10.11.0.99", vendor = "raspberry_pi", os = "linux" }
local tank = w:host { name = "tank", role = "plc", ip = "10.11.0.12", vendor = "siemens" }

local node, u32, f64, str, array = opcua.node, opcua.u32, opcua.f64, opcua.str, opcua.array
local variant, data = opcua.variant, opcua.data
local SPEED <const> = "ns=2;s=Motor.Speed"

local function reads(id) return f64(0) .. u32(3) .. array { opcua.value_id(id) } end
local function read(value) return array { value } .. array {} end

w:at(1, function()
  local link = opcua.connect(w, { client = stranger, server = tank, channel = 59 })
  local request = link:ask(631, reads(SPEED), nil)
  link:say("server", request, node(634) .. link:answer_header() .. ("x"):rep(20), { last = "C" })
  link:answer(request + 1, 634, read(data(variant("byte", 1)))) -- another one, where the first has no end
  link:ask(631, reads(SPEED), read(data(variant("string", ("big "):rep(70)))), { answer = { piece = 1 } })
  link:close()
end)

w:at(5, function()
  local link = opcua.connect(w, { client = stranger, server = tank, channel = 60 })
  link:ask(631, f64(0) .. u32(0) .. u32(0x7fffffff), nil)
  link:ask(673, array { node(SPEED) .. u32(13) .. str() .. "\1" .. ("\x98\1\0\0\0"):rep(12) }, nil) -- variants in variants
  link:ask(673, array { node(SPEED) .. u32(13) .. str() .. "\1\x0c\xff\xff\xff\x7f" }, nil)
  link:ask(631, reads "ns=2;s=x" .. "more than there should be", nil)
  link:ask(4711, "", nil)
  link:ask(631, u32(0) .. "\9\9", nil)
  link:say("client", 99, node(631) .. "\7")
  link:say("client", 98, node(631) .. "\1\2")
  link.number.client = link.number.client + 5
  link:ask(631, reads(SPEED), read(data(variant("double", 7))))
  link:answer(12345, 634, read(data(variant("double", 7)))) -- nobody asked
  link:close()
end)

-- A chunk of no kind, and a message shorter than all of its kind: the last words of a connection.
for i, last in ipairs { opcua.message("MSG", "X", ("x"):rep(30)), opcua.message("HEL", "F", "x") } do
  w:at(8 + i, function()
    local link = opcua.connect(w, { client = stranger, server = tank, channel = 60 + i })
    link:send("client", last)
    link.tcp:close()
  end)
end
