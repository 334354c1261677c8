-- ARP (RFC 826): requests and replies, gratuitous announcements and probes (RFC 5227), and the spoof.
-- Counts each message in the truth: a row per (sender, asked address).

local wire = require "wire"

local arp = {}

local NOBODY <const> = ("\0"):rep(6)

local function send(w, operation, ethernet_dst, sender_mac, sender_ip, target_mac, target_ip, vlan)
  local body = wire.arp(operation, sender_mac, sender_ip, target_mac, target_ip)
  w:emit(w.medium(body, wire.ETHERTYPE.arp, { src_mac = sender_mac, dst_mac = ethernet_dst, vlan = vlan }))
  local key = { orig_mac = wire.mac_text(sender_mac), orig_ip = wire.ip_text(sender_ip),
    target_ip = wire.ip_text(target_ip) }
  if operation == 2 then key.target_mac = wire.mac_text(target_mac) end
  w.truth:add("arp", key, operation == 1 and { requests = 1 } or { replies = 1 })
end

function arp.request(w, src, ip, vlan_of)
  send(w, 1, wire.BROADCAST, src.mac_bytes, src.ip_bytes, NOBODY, wire.ip(ip), (vlan_of or src).vlan)
end

function arp.reply(w, src, dst)
  send(w, 2, dst.mac_bytes, src.mac_bytes, src.ip_bytes, dst.mac_bytes, dst.ip_bytes, src.vlan)
end

-- SRC asks for DST and is answered.
function arp.exchange(w, src, dst)
  arp.request(w, src, dst.ip)
  w:sleep(0.0002)
  arp.reply(w, dst, src)
  w:sleep(0.0001)
end

-- What a sending host does first: asks, unless it still knows (the answer is kept five minutes).
function arp.resolve(w, src, dst)
  if not w.speaks_arp or dst.group then return end
  src, dst = src.beyond or src, dst.beyond or dst
  if src == dst or not (src.ip_bytes and dst.ip_bytes) then return end
  local key = src.name .. " " .. dst.name
  local known = w.resolved[key]
  if known and w.schedule.now - known < 300 * 1000000000 then return end
  w.resolved[key] = w.schedule.now
  w.resolved[dst.name .. " " .. src.name] = w.schedule.now
  arp.exchange(w, src, dst)
end

function arp.gratuitous(w, host)
  send(w, 1, wire.BROADCAST, host.mac_bytes, host.ip_bytes, NOBODY, host.ip_bytes, host.vlan)
end

-- RFC 5227, 2.1.1: is the address free? Asked without a sender address.
function arp.probe(w, host, ip)
  send(w, 1, wire.BROADCAST, host.mac_bytes, "\0\0\0\0", NOBODY, wire.ip(ip), host.vlan)
end

-- LIAR tells VICTIM that PRETENDED's address is at the liar's MAC.
function arp.spoof(w, liar, victim, pretended)
  send(w, 2, victim.mac_bytes, liar.mac_bytes, pretended.ip_bytes, victim.mac_bytes, victim.ip_bytes, liar.vlan)
end

return arp
