-- The small exchange that every capture of the link layers carries: ARP where there is Ethernet, a Modbus read over
-- TCP, a name lookup over UDP, a ping. Whatever lies around it, the same must be seen inside.

local dns = require "dns"
local modbus = require "modbus"

-- options: vlan, large (the name's answer is long enough to be fragmented). Returns the two hosts.
return function(w, options)
  options = options or {}
  local client = w:host { name = "hmi", role = "hmi", ip = "10.9.0.20", vendor = "advantech", os = "linux",
    vlan = options.vlan }
  local server = w:host { name = "plc", role = "plc", ip = "10.9.0.11", vendor = "schneider", vlan = options.vlan }
  w:at("0.1s", function()
    local link = modbus.connect(w, { client = client, server = server, device = modbus.device {} })
    link:ask(modbus.request.read_holding_registers(0, 4))
    w:sleep(0.05)
    link:ask(modbus.request.write_single_register(1, 7))
    w:sleep(0.05)
    link:close()
    w:sleep(0.05)
    local texts = {}
    for i = 1, options.large and 12 or 1 do texts[i] = ("line %d of the plate; "):format(i):rep(10) end
    dns.lookup(w, client, server, { name = "plate.plc.example", type = "TXT", edns = 4096,
      answers = { { name = "plate.plc.example", type = "TXT", texts = texts } } })
    w:sleep(0.05)
    w:ping(client, server)
  end)
  return client, server
end
