-- Who has an address, and who only says so: ARP and IPv6 neighbour discovery.

local arp = require "arp"
local nd = require "nd"

local w = ...
w:title "ARP and IPv6 neighbour discovery: resolution, probes, announcements, spoofing"
w:duration "60s"
w.speaks_arp = false -- each message here is said by the recipe

local router = w:host { name = "router", role = "router", ip = "10.3.0.1", ip6 = "fe80::1", vendor = "yamaha",
  os = "linux" }
local plc = w:host { name = "plc", role = "plc", ip = "10.3.0.11", ip6 = "fe80::11", vendor = "omron" }
local hmi = w:host { name = "hmi", role = "hmi", ip = "10.3.0.20", ip6 = "fe80::20", vendor = "advantech",
  os = "windows" }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.3.0.99", ip6 = "fe80::99",
  vendor = "raspberry_pi", os = "linux" }
local tagged = w:host { name = "tagged", role = "plc", ip = "10.3.1.5", vendor = "siemens", vlan = 30 }
local tagged_hmi = w:host { name = "tagged-hmi", role = "hmi", ip = "10.3.1.6", vendor = "siemens", vlan = 30,
  os = "windows" }

w:every("10s", { from = 1, jitter = 0.1 }, function() arp.exchange(w, hmi, plc) end)
w:every("15s", { from = 2, jitter = 0.1 }, function() arp.exchange(w, plc, router) end)
w:every("20s", { from = 3, jitter = 0.1 }, function() arp.exchange(w, tagged_hmi, tagged) end)
w:every("12s", { from = 4, jitter = 0.1 }, function() nd.exchange(w, hmi, router) end)

-- A host that nobody answers for.
w:every("5s", { from = 5, to = 30 }, function() arp.request(w, hmi, "10.3.0.77") end)

-- The stranger comes up as a good host does: three probes, then two announcements.
for i = 0, 2 do w:at(10 + i, function() arp.probe(w, stranger, stranger.ip) end) end
for i = 0, 1 do w:at(14 + 2 * i, function() arp.gratuitous(w, stranger) end) end
w:at(10.5, function() nd.detect_duplicate(w, stranger) end)
w:at(12.5, function() nd.announce(w, stranger) end)

-- Then it tells the HMI that the PLC lives at its own MAC, and the PLC the same of the HMI, ten times each.
w:at(30, function()
  w:attack("arp_spoof", stranger, hmi, { pretended = plc.ip, true_mac = plc.mac, false_mac = stranger.mac })
  w:attack("arp_spoof", stranger, plc, { pretended = hmi.ip, true_mac = hmi.mac, false_mac = stranger.mac })
  for _ = 1, 10 do
    arp.spoof(w, stranger, hmi, plc)
    arp.spoof(w, stranger, plc, hmi)
    w:sleep(2)
  end
end)
w:at(45, function()
  w:attack("nd_spoof", stranger, nil, { pretended = router.ip6, true_mac = router.mac, false_mac = stranger.mac })
  nd.announce(w, stranger, router.ip6)
end)

-- A sweep of the segment.
w:at(50, function()
  w:attack("arp_scan", stranger, nil, { first = "10.3.0.1", last = "10.3.0.60", addresses = 60 })
  for last = 1, 60 do
    arp.request(w, stranger, "10.3.0." .. last)
    for _, host in ipairs { router, plc, hmi } do
      if host.ip == "10.3.0." .. last then
        w:sleep(0.0002)
        arp.reply(w, host, stranger)
      end
    end
    w:sleep(0.05)
  end
end)
