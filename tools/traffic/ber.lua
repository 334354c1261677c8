-- BER (X.690): what MMS, GOOSE and sampled values are written in.

local ber = {}

local function length(n)
  if n < 0x80 then return string.char(n) end
  return n < 0x100 and string.pack("BB", 0x81, n) or string.pack(">BI2", 0x82, n)
end

-- An element: its identifier octets as a number, its contents one behind the other.
function ber.element(tag, ...)
  local contents = table.concat { ... }
  return (tag > 0xff and string.pack(">I2", tag) or string.char(tag)) .. length(#contents) .. contents
end

-- An INTEGER in as few octets as it needs, but for negative ones: those take two.
function ber.int(n, tag)
  local out = {}
  if n < 0 then return ber.element(tag or 2, string.pack(">i2", n)) end
  repeat
    table.insert(out, 1, string.char(n & 0xff))
    n = n >> 8
  until n == 0
  if out[1]:byte() >= 0x80 then table.insert(out, 1, "\0") end
  return ber.element(tag or 2, table.concat(out))
end

return ber
