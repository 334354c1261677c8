local READ <const> = unhex "0001 0000 0006 01 03 0000 0003"

local function asks(client, at)
  return { tcp(client .. ":1025", "10.0.0.2:502", { ">", READ }), at = at }
end

local code = [[
require "rule" { name = "x", severity = "low", attack = "T0842", on = "ot.operation", per = { "client", "func" },
  usual = "untold", en = { "t", "x", "m", "d" }, ja = { "t", "x", "m", "d" } }
local learn = require "learn"
learn.set_mode("ot_behaviour", "learning")
after(100, function()
  learn.set_mode("ot_behaviour", "detecting")
  raise("asset.moved", { id = "a", what = "ip", was = "10.0.0.1", is = "10.0.0.11", evidence = "%s the MAC this address" })
end)]]

local function told(how, client)
  return #replay({ packets = { asks("10.0.0.1", 1), asks(client, 9000) }, code = code:format(how), events = "alert",
    scripts = { "../inventory/assets.lua", "leases.lua" } }).events.alert
end

it("keeps what is usual where the DHCP server gives the machine another address", function()
  assert.equal(0, told("dhcp gives", "10.0.0.11"))
  assert.equal(1, told("arp gives", "10.0.0.11"))
  assert.equal(1, told("dhcp gives", "10.0.0.111"))
end)
