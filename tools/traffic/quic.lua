-- QUIC versions 1 and 2 and draft 29: protected initial packets with CRYPTO frames, other packets with a long header, short ones (RFC 9000,
-- RFC 9001, RFC 9369). What only the two ends can read is chance.

local aead = require "aead"

local quic = {}
local pack = string.pack

quic.V1, quic.V2, quic.DRAFT29 = 1, 0x6b3343cf, 0xff00001d
quic.INITIAL, quic.ZERO_RTT, quic.HANDSHAKE, quic.RETRY = 0, 1, 2, 3

local function bytes(hex) return (hex:gsub("%x%x", function(x) return string.char(tonumber(x, 16)) end)) end

local SALT <const> = {
  [quic.V1] = bytes "38762cf7f55934b34d179ae6a4c80cadccbb7f0a",
  [quic.V2] = bytes "0dede3def700a6db819381be6e269dcbf9bd2ed9",
  [quic.DRAFT29] = bytes "afbfec289993d24c9e9786f19c6111e04390a899",
}

-- A number of variable length.
function quic.number(n)
  if n < 64 then return pack("B", n) end
  if n < 16384 then return pack(">I2", n | 0x4000) end
  return pack(">I4", n | 0x80000000)
end

function quic.crypto(offset, data) return "\6" .. quic.number(offset) .. quic.number(#data) .. data end
quic.PING = "\1"
function quic.padding(n) return ("\0"):rep(n) end
function quic.ack(largest) return "\2" .. quic.number(largest) .. "\0\0\0" end

-- Keys of "client in" or "server in" from the first identifier of the client.
function quic.keys(version, dcid, whose)
  local secret = aead.expand(aead.hmac(SALT[version], dcid), whose, 32)
  local prefix = version == quic.V2 and "quicv2 " or "quic "
  local function key(label, n) return aead.expand(secret, prefix .. label, n) end
  return { key = key("key", 16), iv = key("iv", 12), hp = key("hp", 16) }
end

local function first_byte(version, kind, low) return 0xc0 | (version == quic.V2 and (kind + 1) % 4 or kind) << 4 | low end

local function long_header(version, kind, low, dcid, scid) return pack(">BI4s1s1", first_byte(version, kind, low), version, dcid, scid) end

-- p: version, dcid, scid, token, number, frames, keys
function quic.initial(p)
  local head = long_header(p.version, quic.INITIAL, 1, p.dcid, p.scid) .. quic.number(#(p.token or "")) .. (p.token or "")
    .. pack(">I2", 2 + #p.frames + 16 | 0x4000)
  local number = pack(">I2", p.number)
  local nonce = p.keys.iv:sub(1, 10) .. pack(">I2", (p.keys.iv:byte(11) << 8 | p.keys.iv:byte(12)) ~ p.number)
  local sealed = aead.seal(p.keys.key, nonce, p.frames, head .. number)
  local mask = aead.aes(p.keys.hp, sealed:sub(3, 18))
  return string.char(head:byte() ~ (mask:byte() & 0x0f)) .. head:sub(2)
    .. string.char(number:byte(1) ~ mask:byte(2), number:byte(2) ~ mask:byte(3)) .. sealed
end

-- A packet of another kind, whose contents are chance.
function quic.other(kind, p, length, rng)
  return long_header(p.version, kind, 1, p.dcid, p.scid) .. pack(">I2", length | 0x4000) .. rng:bytes(length)
end

function quic.retry(p, token, rng) return long_header(p.version, quic.RETRY, 0, p.dcid, p.scid) .. token .. rng:bytes(16) end
function quic.short(dcid, length, rng) return "\x41" .. dcid .. rng:bytes(length) end
function quic.negotiation(dcid, scid, versions)
  local out = { pack(">BI4s1s1", 0x8a, 0, dcid, scid) }
  for _, version in ipairs(versions) do out[#out + 1] = pack(">I4", version) end
  return table.concat(out)
end

return quic
