-- Bytes of the lower layers: Ethernet, VLAN tags, LLC/SNAP, MPLS, PPPoE, ARP, IPv4, IPv6, ICMP, UDP, TCP, tunnels,
-- and the headers of captures that do not begin with Ethernet. Lengths and checksums are right unless asked otherwise.
--
-- Addresses are byte strings here (4 or 16 bytes for IP, 6 for Ethernet); wire.ip and wire.mac make them from text.
-- Knows no hosts, no time and no conversation.

local wire = {}
local pack, unpack = string.pack, string.unpack

wire.ETHERTYPE = {
  ipv4 = 0x0800, arp = 0x0806, vlan = 0x8100, service_vlan = 0x88a8, ipv6 = 0x86dd, mpls = 0x8847,
  pppoe_discovery = 0x8863, pppoe_session = 0x8864, transparent_bridging = 0x6558, erspan = 0x88be,
  local_experimental = 0x88b5,
}
wire.PROTO = { icmp = 1, ipip = 4, tcp = 6, udp = 17, ipv6 = 41, fragment = 44, gre = 47, icmpv6 = 58 }
wire.BROADCAST = ("\xff"):rep(6)

-- Addresses ----------------------------------------------------------------------------------------------------------

function wire.mac(text)
  return (text:gsub("(%x%x)[:-]?", function(hex) return string.char(tonumber(hex, 16)) end))
end

function wire.mac_text(mac) return ("%02x:%02x:%02x:%02x:%02x:%02x"):format(mac:byte(1, 6)) end

local function ipv6_bytes(text)
  local function words(part)
    local out = {}
    for word in part:gmatch("%x+") do out[#out + 1] = pack(">I2", tonumber(word, 16)) end
    return table.concat(out)
  end
  local head, tail = text:match("^(.-)::(.*)$")
  if not head then return words(text) end
  head, tail = words(head), words(tail)
  return head .. ("\0"):rep(16 - #head - #tail) .. tail
end

function wire.ip(text)
  if text:find(":", 1, true) then return ipv6_bytes(text) end
  return pack("BBBB", text:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$"))
end

-- RFC 5952: lower case, the longest run of two or more zero words shortened.
function wire.ip_text(ip)
  if #ip == 4 then return ("%d.%d.%d.%d"):format(ip:byte(1, 4)) end
  local words, best, best_length = { unpack(">I2I2I2I2I2I2I2I2", ip) }, nil, 1
  local i = 1
  while i <= 8 do
    local j = i
    while j <= 8 and words[j] == 0 do j = j + 1 end
    if j - i > best_length then best, best_length = i, j - i end
    i = j + 1
  end
  local function join(from, to)
    local out = {}
    for k = from, to do out[#out + 1] = ("%x"):format(words[k]) end
    return table.concat(out, ":")
  end
  if not best then return join(1, 8) end
  return join(1, best - 1) .. "::" .. join(best + best_length, 8)
end

-- The Ethernet address of an IPv4 or IPv6 multicast group (RFC 1112, RFC 2464).
function wire.multicast_mac(ip)
  if #ip == 16 then return "\x33\x33" .. ip:sub(13) end
  local a, b, c = ip:byte(2, 4)
  return string.char(0x01, 0x00, 0x5e, a & 0x7f, b, c)
end

function wire.is_multicast(ip)
  return #ip == 16 and ip:byte(1) == 0xff or #ip == 4 and ip:byte(1) >= 224 and ip:byte(1) < 240
end

-- The Internet checksum (RFC 1071) -----------------------------------------------------------------------------------

local WORDS <const> = ">" .. ("I2"):rep(64)

function wire.checksum(bytes)
  local sum, at, size = 0, 1, #bytes
  while at + 127 <= size do
    local words = { unpack(WORDS, bytes, at) }
    for i = 1, 64 do sum = sum + words[i] end
    at = at + 128
  end
  while at + 1 <= size do
    sum = sum + unpack(">I2", bytes, at)
    at = at + 2
  end
  if at == size then sum = sum + (bytes:byte(at) << 8) end
  while sum > 0xffff do sum = (sum & 0xffff) + (sum >> 16) end
  return ~sum & 0xffff
end

local function pseudo_header(src, dst, proto, length)
  if #src == 4 then return src .. dst .. pack(">BBI2", 0, proto, length) end
  return src .. dst .. pack(">I4I4", length, proto)
end

-- Puts the checksum of an upper layer, seen through the pseudo header, at AT (from 1). BAD spoils it on purpose.
local function with_checksum(src, dst, proto, bytes, at, bad)
  local sum = wire.checksum(pseudo_header(src, dst, proto, #bytes) .. bytes)
  if sum == 0 and proto == wire.PROTO.udp then sum = 0xffff end
  if bad then sum = sum ~ 0x5555 end
  return bytes:sub(1, at - 1) .. pack(">I2", sum) .. bytes:sub(at + 2)
end

-- Link layers --------------------------------------------------------------------------------------------------------

-- A frame as the mirror port gives it: without the frame check sequence, padded to the 60 bytes of a short frame.
function wire.ethernet(dst, src, ethertype, payload)
  local frame = dst .. src .. pack(">I2", ethertype) .. payload
  return #frame < 60 and frame .. ("\0"):rep(60 - #frame) or frame
end

-- IEEE 802.1Q: the tag's control information and the EtherType that follows; the caller's Ethernet header carries
-- the tag's own EtherType.
function wire.vlan(id, ethertype, payload, priority)
  return pack(">I2I2", (priority or 0) << 13 | id, ethertype) .. payload
end

-- IEEE 802.3 with an LLC header: the length field stands where the EtherType would.
function wire.llc(dst, src, dsap, ssap, control, payload)
  return wire.ethernet(dst, src, 3 + #payload, pack("BBB", dsap, ssap, control) .. payload)
end

function wire.snap(dst, src, oui, ethertype, payload)
  return wire.llc(dst, src, 0xaa, 0xaa, 3, pack(">I3I2", oui, ethertype) .. payload)
end

-- RFC 3032: one entry of a label stack; BOTTOM marks the last.
function wire.mpls(label, bottom, payload, ttl)
  return pack(">I4", label << 12 | (bottom and 0x100 or 0) | (ttl or 64)) .. payload
end

-- RFC 2516, a session's packet with its PPP protocol number (0x0021 IPv4, 0x0057 IPv6).
function wire.pppoe(session, ppp_protocol, payload)
  return pack(">BBI2I2I2", 0x11, 0, session, #payload + 2, ppp_protocol) .. payload
end

-- Linux cooked capture, versions 1 and 2 (tcpdump.org, LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2).
-- PACKET_TYPE: 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 sent by us.
function wire.sll(packet_type, mac, ethertype, payload)
  return pack(">I2I2I2", packet_type, 1, 6) .. mac .. "\0\0" .. pack(">I2", ethertype) .. payload
end

function wire.sll2(packet_type, mac, ethertype, payload, interface)
  return pack(">I2I2I4I2BB", ethertype, 0, interface or 2, 1, packet_type, 6) .. mac .. "\0\0" .. payload
end

-- IEEE 802.11 behind radiotap (its time and flags alone): a data frame with quality of service, from a station to the
-- network or back, and its frame check sequence, which nobody here looks at.
function wire.wifi(to_network, station, access_point, other, ethertype, payload, number)
  local radio = pack("<BBI2I4I8B", 0, 0, 17, 3, number, 0x10)
  local first, second = to_network and access_point or station, to_network and station or access_point
  local frame = pack("<BBI2", 0x88, to_network and 1 or 2, 0) .. first .. second .. other .. pack("<I2I2", (number & 0xfff) << 4, 0)
  return radio .. frame .. "\xaa\xaa\3\0\0\0" .. pack(">I2", ethertype) .. payload .. "\0\0\0\0"
end

-- A beacon of an access point, and data that is encrypted.
function wire.wifi_beacon(access_point, number)
  return pack("<BBI2I4I8B", 0, 0, 17, 3, number, 0) .. "\x80\0\0\0" .. wire.BROADCAST .. access_point .. access_point
    .. pack("<I2I8I2I2", (number & 0xfff) << 4, number, 100, 0x11) .. "\0\5plant"
end

function wire.wifi_encrypted(station, access_point, number)
  return pack("<BBI2I4I8B", 0, 0, 17, 3, number, 0) .. "\x08\x41\0\0" .. access_point .. station .. access_point
    .. pack("<I2", (number & 0xfff) << 4) .. ("\xa5"):rep(48)
end

-- BSD loopback: the address family in the byte order of the machine that captured (LINKTYPE_NULL) or in network
-- byte order (LINKTYPE_LOOP).
function wire.null(family, payload, big_endian) return pack(big_endian and ">I4" or "<I4", family) .. payload end

-- ARP (RFC 826) ------------------------------------------------------------------------------------------------------

function wire.arp(operation, sender_mac, sender_ip, target_mac, target_ip)
  return pack(">I2I2BBI2", 1, 0x0800, 6, 4, operation) .. sender_mac .. sender_ip .. target_mac .. target_ip
end

-- IP -----------------------------------------------------------------------------------------------------------------

-- ip: src, dst, proto; optional id, ttl, tos, dont_fragment, more_fragments, offset (bytes), options, bad_checksum.
function wire.ipv4(ip, payload)
  local options = ip.options or ""
  options = options .. ("\0"):rep(-#options % 4)
  local size = 20 + #options
  local fragment = (ip.dont_fragment and 0x4000 or 0) | (ip.more_fragments and 0x2000 or 0) | (ip.offset or 0) // 8
  local header = pack(">BBI2I2I2BBI2", 0x40 | size // 4, ip.tos or 0, size + #payload, ip.id or 0, fragment,
    ip.ttl or 64, ip.proto, 0) .. ip.src .. ip.dst .. options
  local sum = wire.checksum(header)
  if ip.bad_checksum then sum = sum ~ 0x5555 end
  return header:sub(1, 10) .. pack(">I2", sum) .. header:sub(13) .. payload
end

-- ip: src, dst, proto (the next header); optional ttl (hop limit), traffic_class, flow_label.
function wire.ipv6(ip, payload)
  return pack(">I4I2BB", 6 << 28 | (ip.traffic_class or 0) << 20 | (ip.flow_label or 0), #payload, ip.proto,
    ip.ttl or 64) .. ip.src .. ip.dst .. payload
end

function wire.ip_packet(ip, payload)
  if #ip.src == 4 then return wire.ipv4(ip, payload), wire.ETHERTYPE.ipv4 end
  return wire.ipv6(ip, payload), wire.ETHERTYPE.ipv6
end

-- The fragments of a payload, each with at most SIZE bytes of it (a multiple of eight).
function wire.fragments(ip, payload, size)
  local out = {}
  for offset = 0, #payload - 1, size do
    local part, more = payload:sub(offset + 1, offset + size), offset + size < #payload
    out[#out + 1] = wire.fragment(ip, part, offset, more)
  end
  return out
end

-- One fragment: PART of a payload at OFFSET bytes. For IPv6 with the fragment header of RFC 8200, 4.5.
function wire.fragment(ip, part, offset, more)
  if #ip.src == 4 then
    local copy = { offset = offset, more_fragments = more }
    return wire.ipv4(setmetatable(copy, { __index = ip }), part)
  end
  local header = pack(">BBI2I4", ip.proto, 0, offset | (more and 1 or 0), ip.id or 0)
  local copy = { proto = wire.PROTO.fragment }
  return wire.ipv6(setmetatable(copy, { __index = ip }), header .. part)
end

-- ICMP, UDP, TCP -----------------------------------------------------------------------------------------------------

function wire.icmp(kind, code, rest, bad_checksum)
  local sum = wire.checksum(pack("BBI2", kind, code, 0) .. rest)
  return pack(">BBI2", kind, code, bad_checksum and sum ~ 0x5555 or sum) .. rest
end

function wire.icmpv6(src, dst, kind, code, rest)
  return with_checksum(src, dst, wire.PROTO.icmpv6, pack(">BBI2", kind, code, 0) .. rest, 3)
end

function wire.udp(src, dst, sport, dport, payload, bad_checksum)
  local datagram = pack(">I2I2I2I2", sport, dport, 8 + #payload, 0) .. payload
  return with_checksum(src, dst, wire.PROTO.udp, datagram, 7, bad_checksum)
end

wire.FLAG = { fin = 0x01, syn = 0x02, rst = 0x04, psh = 0x08, ack = 0x10, urg = 0x20 }

-- segment: sport, dport, seq, flags; optional ack, window, urgent, options, payload, bad_checksum.
function wire.tcp(src, dst, segment)
  local options = segment.options or ""
  options = options .. ("\0"):rep(-#options % 4)
  local header = pack(">I2I2I4I4BBI2I2I2", segment.sport, segment.dport, segment.seq & 0xffffffff,
    (segment.ack or 0) & 0xffffffff, (5 + #options // 4) << 4, segment.flags, segment.window or 64240, 0,
    segment.urgent or 0)
  return with_checksum(src, dst, wire.PROTO.tcp, header .. options .. (segment.payload or ""), 17,
    segment.bad_checksum)
end

wire.tcp_option = {
  nop = "\1",
  sack_permitted = "\4\2",
  mss = function(size) return pack(">BBI2", 2, 4, size) end,
  window_scale = function(shift) return pack("BBB", 3, 3, shift) end,
  timestamps = function(value, echo) return pack(">BBI4I4", 8, 10, value, echo) end,
}

-- Tunnels ------------------------------------------------------------------------------------------------------------

-- RFC 2784 and 2890: the key and the sequence number appear when given.
function wire.gre(protocol, payload, key, sequence)
  return pack(">I2I2", (key and 0x2000 or 0) | (sequence and 0x1000 or 0), protocol)
    .. (key and pack(">I4", key) or "") .. (sequence and pack(">I4", sequence) or "") .. payload
end

-- RFC 7348.
function wire.vxlan(vni, frame) return pack(">I4I4", 0x08000000, vni << 8) .. frame end

-- 3GPP TS 29.281: a user's packet, with the extension header that names a flow of 5G.
function wire.gtp(tunnel, packet)
  return pack(">BBI2I4I2BBBBBB", 0x34, 255, #packet + 8, tunnel, 0, 0, 0x85, 1, 0, 9, 0) .. packet
end

-- RFC 2661: a data message with its length and a PPP frame.
function wire.l2tp(tunnel, session, ppp_protocol, packet)
  local ppp = "\xff\3" .. pack(">I2", ppp_protocol) .. packet
  return pack(">I2I2I2I2", 0x4002, 8 + #ppp, tunnel, session) .. ppp
end

-- ERSPAN type II (draft-foschiano-erspan): goes inside GRE with a sequence number.
function wire.erspan2(session, vlan, frame)
  return pack(">I2I2I4", 1 << 12 | vlan, 3 << 11 | session, 0) .. frame
end

return wire
