-- Names asked for in every way a plant's hosts do: DNS, mDNS, LLMNR, NetBIOS.

local dns = require "dns"

local w = ...
w:title "DNS over UDP and TCP, mDNS, LLMNR, NetBIOS name service"
w:duration "30s"

local pc = w:host { name = "office-pc", role = "workstation", ip = "10.2.0.31", ip6 = "fe80::20c:29ff:fe31:1",
  vendor = "vmware", os = "windows" }
local server = w:host { name = "dns1", role = "dns", ip = "10.2.0.2", ip6 = "fd00:2::2", vendor = "dell", os = "linux" }
local printer = w:host { name = "printer", role = "printer", ip = "10.2.0.40", ip6 = "fe80::280:77ff:fe40:1",
  vendor = "brother", os = "linux" }
local nas = w:host { name = "nas", role = "server", ip = "10.2.0.41", vendor = "hewlett_packard", os = "linux" }

local function soa(zone)
  return { { name = zone, type = "SOA", target = "dns1.plant.example", mailbox = "hostmaster.plant.example",
    serial = 2024051301 } }
end

local LOOKUPS <const> = {
  { name = "historian.plant.example", authoritative = true, answers = { { name = "historian.plant.example", type = "A",
    address = "10.2.0.20" } } },
  { name = "historian.plant.example", type = "AAAA", authority = soa "plant.example" },
  { name = "dns1.plant.example", type = "AAAA", answers = { { name = "dns1.plant.example", type = "AAAA",
    address = "fd00:2::2", ttl = 3600 } } },
  { name = "www.vendor.example", answers = {
    { name = "www.vendor.example", type = "CNAME", target = "web.vendor.example" },
    { name = "web.vendor.example", type = "CNAME", target = "edge.cdn.example" },
    { name = "edge.cdn.example", type = "A", address = "203.0.113.7", ttl = 20 },
    { name = "edge.cdn.example", type = "A", address = "203.0.113.8", ttl = 20 } } },
  { name = "20.0.2.10.in-addr.arpa", type = "PTR", answers = { { name = "20.0.2.10.in-addr.arpa", type = "PTR",
    target = "historian.plant.example" } } },
  { name = "plant.example", type = "MX", answers = {
    { name = "plant.example", type = "MX", preference = 10, target = "mail1.plant.example" },
    { name = "plant.example", type = "MX", preference = 20, target = "mail2.plant.example" } },
    additional = { { name = "mail1.plant.example", type = "A", address = "10.2.0.5" } } },
  { name = "plant.example", type = "TXT", answers = { { name = "plant.example", type = "TXT",
    texts = { "v=spf1 -all", "second \"quoted\" text" } } } },
  { name = "_ldap._tcp.plant.example", type = "SRV", answers = { { name = "_ldap._tcp.plant.example", type = "SRV",
    priority = 0, weight = 100, port = 389, target = "dc1.plant.example" } } },
  { name = "plant.example", type = "SOA", answers = soa "plant.example" },
  { name = "plant.example", type = "NS", answers = { { name = "plant.example", type = "NS",
    target = "dns1.plant.example" } },
    additional = { { name = "dns1.plant.example", type = "A", address = "10.2.0.2" } } },
  { name = "no-such-host.plant.example", rcode = "NXDOMAIN", authority = soa "plant.example" },
  { name = "broken.example", rcode = "SERVFAIL" },
  { name = "secret.example", rcode = "REFUSED" },
  { name = "edns.plant.example", edns = 4096, answers = { { name = "edns.plant.example", type = "A",
    address = "10.2.0.77" } } },
  { questions = { { name = "two.plant.example", type = "A" }, { name = "two.plant.example", type = "AAAA" } },
    answers = { { name = "two.plant.example", type = "A", address = "10.2.0.78" } } },
  { name = "MiXeD.Plant.Example", answers = { { name = "MiXeD.Plant.Example", type = "A", address = "10.2.0.79" } } },
  { name = "slow.example", no_answer = true },
  { name = "slow.example", no_answer = true },
  { name = "dns1.plant.example", type = "AAAA", ip6 = true, answers = { { name = "dns1.plant.example", type = "AAAA",
    address = "fd00:2::2" } } },
  { name = "historian.plant.example", port = 5300, answers = { { name = "historian.plant.example",
    type = "A", address = "10.2.0.20" } } },
}
for i, lookup in ipairs(LOOKUPS) do
  w:at(0.5 * i, function() dns.lookup(w, pc, server, lookup) end)
end

-- Too long for UDP: truncated there, asked again over TCP, where the answer comes in two segments.
w:at(10.5, function()
  local name, records = "all.plant.example", {}
  for i = 1, 60 do records[i] = { name = name, type = "A", address = "10.2.1." .. i } end
  dns.lookup(w, pc, server, { name = name, truncated = true })
  w:sleep(0.002)
  dns.lookup(w, pc, server, { name = name, tcp = true, answers = records, cut = { 1, 700 } })
end)

w:at(12, function()
  local service = "_ipp._tcp.local"
  dns.mdns_query(w, pc, { { name = service, type = "PTR", unicast = true } })
  w:sleep(0.05)
  dns.mdns_answer(w, printer,
    { { name = service, type = "PTR", ttl = 4500, target = "Brother HL-L5200._ipp._tcp.local" } },
    { { name = "Brother HL-L5200._ipp._tcp.local", type = "SRV", ttl = 120, port = 631, target = "printer.local",
        cache_flush = true },
      { name = "Brother HL-L5200._ipp._tcp.local", type = "TXT", ttl = 4500, texts = { "txtvers=1", "ty=HL-L5200" },
        cache_flush = true },
      { name = "printer.local", type = "A", ttl = 120, address = printer.ip, cache_flush = true },
      { name = "printer.local", type = "AAAA", ttl = 120, address = printer.ip6, cache_flush = true } })
  w:sleep(1)
  dns.mdns_query(w, pc, { { name = service, type = "PTR" } },
    { { name = service, type = "PTR", ttl = 4000, target = "Brother HL-L5200._ipp._tcp.local" } })
  w:sleep(1)
  dns.mdns_query(w, pc, { { name = "nas.local", type = "A" }, { name = "nas.local", type = "AAAA" } }, nil, true)
end)

w:at(16, function()
  dns.llmnr(w, pc, { name = "nas", responder = nas })
  w:sleep(0.5)
  dns.llmnr(w, pc, { name = "wpad", ip6 = true })
end)

w:at(18, function()
  local broadcast = "10.2.0.255"
  dns.nbns_register(w, pc, { name = "OFFICE-PC", broadcast = broadcast })
  w:sleep(0.75)
  dns.nbns_register(w, pc, { name = "PLANT", suffix = 0, group = true, broadcast = broadcast })
  w:sleep(0.75)
  dns.nbns_query(w, pc, { name = "NAS", suffix = 0x20, broadcast = broadcast, responder = nas })
  w:sleep(0.75)
  dns.nbns_query(w, pc, { name = "WPAD", broadcast = broadcast })
  w:sleep(0.75)
  dns.nbns_status(w, pc, nas, { { name = "NAS", suffix = 0 }, { name = "PLANT", suffix = 0, group = true },
    { name = "NAS", suffix = 0x20 } })
  w:sleep(0.75)
  dns.nbns_release(w, pc, { name = "OFFICE-PC", broadcast = broadcast })
end)
