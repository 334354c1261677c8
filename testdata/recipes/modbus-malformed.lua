-- Modbus ADUs that lie about themselves, and what is no Modbus at all, on Modbus's port.

local modbus = require "modbus"

local w = ...
w:title "Malformed Modbus: lengths, protocol identifier, byte counts, function codes"
w:duration "20s"

local hmi = w:host { name = "hmi", role = "hmi", ip = "10.1.0.20", vendor = "advantech", os = "windows" }
local plc = w:host { name = "plc", role = "plc", ip = "10.1.0.11", vendor = "schneider" }
local ask = modbus.request

-- Each on a connection of its own, because nothing can be read after it.
local LIES <const> = {
  { "length_zero", function(link) return modbus.adu(link:next_transaction(), 1, "", 0) end },
  { "length_one", function(link) return modbus.adu(link:next_transaction(), 1, "", 1) end },
  { "length_beyond_260", function(link)
    return modbus.adu(link:next_transaction(), 1, "\x10" .. ("\0"):rep(299))
  end },
  { "length_too_short", function(link)
    return modbus.adu(link:next_transaction(), 1, ask.write_multiple_registers(0, { 1, 2 }), 6)
  end },
  { "protocol_identifier", function(link)
    return modbus.adu(link:next_transaction(), 1, ask.read_coils(0, 1), nil, 7)
  end },
  { "byte_count", function(link) return modbus.adu(link:next_transaction(), 1, "\x10\0\0\0\2\xff\0\1\0\2") end },
  { "function_zero", function(link) return modbus.adu(link:next_transaction(), 1, "\0") end },
  { "exception_by_client", function(link) return modbus.adu(link:next_transaction(), 1, "\x83\2") end },
  { "not_modbus", function() return "GET / HTTP/1.0\r\n\r\n" end },
}
for i, lie in ipairs(LIES) do
  w:at(i, function()
    local link = modbus.connect(w, { client = hmi, server = plc, device = modbus.device {} })
    w:fault("malformed_adu", { orig = hmi.ip, orig_port = link.tcp.sides.client.port, resp = plc.ip, what = lie[1] })
    link:send("client", lie[2](link))
    w:sleep(0.2)
    link.tcp:reset("server")
  end)
end
