-- IPv6 neighbour discovery (RFC 4861): neighbour solicitation and advertisement, and the duplicate address detection
-- of RFC 4862. Counts each message in the truth: a row per (sender, target).

local wire = require "wire"

local nd = {}

local SOLICITATION <const>, ADVERTISEMENT <const> = 135, 136
local ROUTER <const>, SOLICITED <const>, OVERRIDE <const> = 0x80000000, 0x40000000, 0x20000000
local UNSPECIFIED <const> = ("\0"):rep(16)
local ALL_NODES <const> = wire.ip("ff02::1")

local function solicited_node(ip) return wire.ip("ff02::1:ff00:0"):sub(1, 13) .. ip:sub(14) end

local function option(kind, mac) return string.pack("BB", kind, 1) .. mac end

local function send(w, host, dst, dst_mac, src, kind, body, target)
  local header = { src = src, dst = dst, proto = wire.PROTO.icmpv6, ttl = 255 }
  local packet = wire.ipv6(header, wire.icmpv6(src, dst, kind, 0, body))
  w:emit(w.medium(packet, wire.ETHERTYPE.ipv6, { src_mac = host.mac_bytes, dst_mac = dst_mac, vlan = host.vlan }))
  w.truth:add("nd", { orig_mac = host.mac, orig_ip = wire.ip_text(src), target = wire.ip_text(target) },
    kind == SOLICITATION and { solicitations = 1 } or { advertisements = 1 })
end

function nd.solicit(w, host, target)
  target = wire.ip(target)
  local group = solicited_node(target)
  send(w, host, group, wire.multicast_mac(group), host.ip6_bytes, SOLICITATION,
    string.pack(">I4", 0) .. target .. option(1, host.mac_bytes), target)
end

function nd.advertise(w, host, to)
  send(w, host, to.ip6_bytes, to.mac_bytes, host.ip6_bytes, ADVERTISEMENT,
    string.pack(">I4", SOLICITED | OVERRIDE | (host.role == "router" and ROUTER or 0)) .. host.ip6_bytes
    .. option(2, host.mac_bytes), host.ip6_bytes)
end

function nd.exchange(w, src, dst)
  nd.solicit(w, src, dst.ip6)
  w:sleep(0.0003)
  nd.advertise(w, dst, src)
end

-- Is the address free? Asked without a sender address, and without the link-layer option.
function nd.detect_duplicate(w, host)
  local group = solicited_node(host.ip6_bytes)
  send(w, host, group, wire.multicast_mac(group), UNSPECIFIED, SOLICITATION,
    string.pack(">I4", 0) .. host.ip6_bytes, host.ip6_bytes)
end

-- An advertisement nobody asked for: after a change of MAC, or by a liar.
function nd.announce(w, host, address)
  local ip = address and wire.ip(address) or host.ip6_bytes
  send(w, host, ALL_NODES, wire.multicast_mac(ALL_NODES), ip, ADVERTISEMENT,
    string.pack(">I4", OVERRIDE) .. ip .. option(2, host.mac_bytes), ip)
end

return nd
