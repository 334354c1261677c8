-- IPv4 and IPv6 fragments: in order, out of order, overlapping, never completed.

local sample = require "sample"
local wire = require "wire"

local w = ...
w:title "IP fragments: in order, reversed, doubled, overlapping, incomplete"
w:duration "5s"

-- Everything long in the sample exchange is cut into fragments of 512 bytes.
local client, server = sample(w, { large = true })
local whole = w.ip_out
function w:ip_out(src, dst, header, payload, fate)
  if #payload <= 512 then return whole(self, src, dst, header, payload, fate) end
  header.dont_fragment = nil
  for _, packet in ipairs(wire.fragments(header, payload, 512)) do
    self:emit(self.medium(packet, wire.ETHERTYPE.ipv4, w.hop(src, dst)), fate)
  end
end

-- One datagram of 1380 bytes of text, to a port of its own.
local function datagram(header, port)
  local text = {}
  for n = 1, 60 do text[n] = ("port %d line %03d ...\n"):format(port, n) end
  return wire.udp(header.src, header.dst, 40000, port, table.concat(text))
end

local function header(v6, id)
  return { src = v6 and client.ip6_bytes or client.ip_bytes, dst = v6 and server.ip6_bytes or server.ip_bytes,
    proto = wire.PROTO.udp, id = id }
end

local function send(packets, v6, order)
  for _, i in ipairs(order) do
    w:emit(w.medium(packets[i], v6 and wire.ETHERTYPE.ipv6 or wire.ETHERTYPE.ipv4, w.hop(client, server)))
    w:sleep(0.001)
  end
end

local CASES <const> = { { "in_order", { 1, 2, 3 } }, { "reversed", { 3, 2, 1 } }, { "doubled", { 1, 1, 2, 3 } },
  { "first_missing", { 2, 3 } }, { "middle_missing", { 1, 3 } }, { "last_missing", { 1, 2 } } }

w:at(1, function()
  for _, v6 in ipairs { false, true } do
    for n, case in ipairs(CASES) do
      local port = (v6 and 7600 or 7400) + n
      local ip = header(v6, port)
      w:fault("fragments", { what = case[1], port = port, version = v6 and 6 or 4 })
      send(wire.fragments(ip, datagram(ip, port), 480), v6, case[2])
      w:sleep(0.05)
    end
    -- Overlapping: the middle comes twice, the second time a little earlier and with other bytes (RFC 5722 discards
    -- the IPv6 datagram).
    local port = v6 and 7699 or 7499
    local ip = header(v6, port)
    local bytes = datagram(ip, port)
    w:fault("fragments", { what = "overlapping", port = port, version = v6 and 6 or 4 })
    send({ wire.fragment(ip, bytes:sub(1, 480), 0, true), wire.fragment(ip, ("x"):rep(160), 400, true),
      wire.fragment(ip, bytes:sub(481, 960), 480, true), wire.fragment(ip, bytes:sub(961), 960, false) }, v6,
      { 1, 2, 3, 4 })
    w:sleep(0.05)
  end
end)
