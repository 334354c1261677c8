-- SHA-256 with HMAC and HKDF's expansion, AES-128 and its Galois counter mode: what protects QUIC's initial packets (FIPS 180-4, FIPS 197,
-- SP 800-38D, RFC 5869). For making captures; nothing here is fast or safe against an observer.

local aead = {}
local pack, unpack = string.pack, string.unpack

-- SHA-256 ------------------------------------------------------------------------------------------------------------

local function primes(n)
  local out, candidate = {}, 2
  while #out < n do
    local prime = true
    for _, p in ipairs(out) do
      if candidate % p == 0 then prime = false break end
    end
    if prime then out[#out + 1] = candidate end
    candidate = candidate + 1
  end
  return out
end

-- The first 32 bits behind the point.
local function fraction(x) return math.floor((x - math.floor(x)) * 0x100000000) end

local K <const>, START <const> = {}, {}
for i, p in ipairs(primes(64)) do
  K[i] = fraction(p ^ (1 / 3))
  if i <= 8 then START[i] = fraction(p ^ 0.5) end
end

local function rotate(x, n) return (x >> n | x << (32 - n)) & 0xffffffff end

local function block(h, text, at)
  local w = { unpack(">" .. ("I4"):rep(16), text, at) }
  for i = 17, 64 do
    local a, b = w[i - 15], w[i - 2]
    w[i] = (w[i - 16] + (rotate(a, 7) ~ rotate(a, 18) ~ a >> 3) + w[i - 7] + (rotate(b, 17) ~ rotate(b, 19) ~ b >> 10)) & 0xffffffff
  end
  local v = table.move(h, 1, 8, 1, {})
  for i = 1, 64 do
    local a, e = v[1], v[5]
    local t1 = v[8] + (rotate(e, 6) ~ rotate(e, 11) ~ rotate(e, 25)) + ((e & v[6]) ~ (~e & v[7])) + K[i] + w[i]
    local t2 = (rotate(a, 2) ~ rotate(a, 13) ~ rotate(a, 22)) + ((a & v[2]) ~ (a & v[3]) ~ (v[2] & v[3]))
    table.move(v, 1, 7, 2)
    v[5], v[1] = (v[5] + t1) & 0xffffffff, (t1 + t2) & 0xffffffff
  end
  for i = 1, 8 do h[i] = (h[i] + v[i]) & 0xffffffff end
end

function aead.sha256(text)
  local h = table.move(START, 1, 8, 1, {})
  local padded = text .. "\x80" .. ("\0"):rep((55 - #text) % 64) .. pack(">I8", #text * 8)
  for at = 1, #padded, 64 do block(h, padded, at) end
  return pack(">" .. ("I4"):rep(8), table.unpack(h))
end

local function mask(key, byte) return (key:gsub(".", function(c) return string.char(c:byte() ~ byte) end)) end

function aead.hmac(key, text)
  key = (#key > 64 and aead.sha256(key) or key) .. ("\0"):rep(64 - math.min(#key, 64))
  return aead.sha256(mask(key, 0x5c) .. aead.sha256(mask(key, 0x36) .. text))
end

-- HKDF-Expand-Label of TLS 1.3, up to 32 bytes.
function aead.expand(secret, label, n) return aead.hmac(secret, pack(">I2s1B", n, "tls13 " .. label, 0) .. "\1"):sub(1, n) end

-- AES-128 ------------------------------------------------------------------------------------------------------------

local function double(x) return (x << 1 ~ (x & 0x80 ~= 0 and 0x11b or 0)) & 0xff end

local SBOX <const> = {}
do
  local p, q = 1, 1
  repeat
    p = p ~ double(p)
    q = q ~ (q << 1) & 0xff
    q = q ~ (q << 2) & 0xff
    q = q ~ (q << 4) & 0xff
    if q & 0x80 ~= 0 then q = q ~ 0x09 end
    local function turn(n) return (q << n | q >> (8 - n)) & 0xff end
    SBOX[p] = q ~ turn(1) ~ turn(2) ~ turn(3) ~ turn(4) ~ 0x63
  until p == 1
  SBOX[0] = 0x63
end

local function round_keys(key)
  local k, factor = { key:byte(1, 16) }, 1
  for i = 17, 176 do
    local t = k[i - 4]
    if (i - 1) % 16 < 4 then
      local column = (i - 1) % 4
      t = SBOX[k[i - 1 - column - 3 + (column + 1) % 4]]
      if column == 0 then
        t = t ~ factor
        factor = double(factor)
      end
    end
    k[i] = k[i - 16] ~ t
  end
  return k
end

function aead.aes(key, text)
  local k, s = round_keys(key), { text:byte(1, 16) }
  for i = 1, 16 do s[i] = s[i] ~ k[i] end
  for round = 1, 10 do
    local t = {}
    for column = 0, 3 do
      for row = 0, 3 do t[column * 4 + row + 1] = SBOX[s[(column + row) % 4 * 4 + row + 1]] end
    end
    for column = 0, 12, 4 do
      local a, b, c, d = t[column + 1], t[column + 2], t[column + 3], t[column + 4]
      if round < 10 then
        local all = a ~ b ~ c ~ d
        a, b, c, d = a ~ all ~ double(a ~ b), b ~ all ~ double(b ~ c), c ~ all ~ double(c ~ d), d ~ all ~ double(d ~ a)
      end
      s[column + 1], s[column + 2], s[column + 3], s[column + 4] = a, b, c, d
    end
    for i = 1, 16 do s[i] = s[i] ~ k[round * 16 + i] end
  end
  return string.char(table.unpack(s))
end

-- Galois counter mode ------------------------------------------------------------------------------------------------

-- Product in GF(2^128), as two halves each.
local function product(xh, xl, yh, yl)
  local zh, zl = 0, 0
  for i = 0, 127 do
    local bit = i < 64 and xh >> (63 - i) & 1 or i >= 64 and xl >> (127 - i) & 1
    if bit == 1 then zh, zl = zh ~ yh, zl ~ yl end
    local carry = yl & 1
    yl = yl >> 1 | (yh & 1) << 63
    yh = yh >> 1
    if carry == 1 then yh = yh ~ (0xe1 << 56) end
  end
  return zh, zl
end

local function padded(text) return text .. ("\0"):rep(-#text % 16) end

local function xor(a, b)
  local out = {}
  for i = 1, #a do out[i] = string.char(a:byte(i) ~ b:byte(i)) end
  return table.concat(out)
end

-- The text encrypted, with its tag of 16 bytes behind it.
function aead.seal(key, nonce, text, extra)
  local hh, hl = unpack(">i8i8", aead.aes(key, ("\0"):rep(16)))
  local out = {}
  for at = 1, #text, 16 do
    local piece = text:sub(at, at + 15)
    out[#out + 1] = xor(piece, aead.aes(key, nonce .. pack(">I4", at // 16 + 2)))
  end
  local sealed = table.concat(out)
  local yh, yl = 0, 0
  local all = padded(extra) .. padded(sealed) .. pack(">I8I8", #extra * 8, #sealed * 8)
  for at = 1, #all, 16 do
    local bh, bl = unpack(">i8i8", all, at)
    yh, yl = product(yh ~ bh, yl ~ bl, hh, hl)
  end
  return sealed .. xor(pack(">i8i8", yh, yl), aead.aes(key, nonce .. pack(">I4", 1)))
end

return aead
