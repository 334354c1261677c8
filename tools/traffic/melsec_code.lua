-- How numbers, bits, words and devices are written in a MELSEC message: in binary code (numbers from the low byte) or
-- in ASCII code (hexadecimal digits from the high one). From the MELSEC Communication Protocol Reference Manual, "Data
-- Communication Code" and "Device codes, device numbers", and appendix 1 for the extended device specification.

local code = {}
local pack = string.pack

-- Device codes: binary, which numbers are hexadecimal, which devices are bits; two_digits is the ASCII code for MELSEC-Q/L
-- where it is not the name, e1 the code of A compatible 1E frames.
code.DEVICE = {
  X = { code = 0x9c, hex = true, bit = true, e1 = 0x5820 }, Y = { code = 0x9d, hex = true, bit = true, e1 = 0x5920 },
  M = { code = 0x90, bit = true, e1 = 0x4d20 }, L = { code = 0x92, bit = true }, F = { code = 0x93, bit = true, e1 = 0x4620 },
  V = { code = 0x94, bit = true }, B = { code = 0xa0, hex = true, bit = true, e1 = 0x4220 },
  D = { code = 0xa8, e1 = 0x4420 }, W = { code = 0xb4, hex = true, e1 = 0x5720 }, R = { code = 0xaf, e1 = 0x5220 },
  ZR = { code = 0xb0 }, Z = { code = 0xcc }, SM = { code = 0x91, bit = true }, SD = { code = 0xa9 },
  SB = { code = 0xa1, hex = true, bit = true }, SW = { code = 0xb5, hex = true }, S = { code = 0x98, bit = true, e1 = 0x5320 },
  DX = { code = 0xa2, hex = true, bit = true }, DY = { code = 0xa3, hex = true, bit = true },
  TS = { code = 0xc1, bit = true, e1 = 0x5453 }, TC = { code = 0xc0, bit = true, e1 = 0x5443 }, TN = { code = 0xc2, e1 = 0x544e },
  CS = { code = 0xc4, bit = true, e1 = 0x4353 }, CC = { code = 0xc3, bit = true, e1 = 0x4343 }, CN = { code = 0xc5, e1 = 0x434e },
  STS = { code = 0xc7, bit = true, two_digits = "SS" }, STC = { code = 0xc6, bit = true, two_digits = "SC" },
  STN = { code = 0xc8, two_digits = "SN" }, LZ = { code = 0x62 }, RD = { code = 0x2c }, G = { code = 0xab }, HG = { code = 0x2e },
}

-- "D100", "X1F", "J1\W100", "U3\G0", "D100Z4": a device as people write it. Extensions: link (a network), module (the
-- upper digits of a start I/O number), cpu (a CPU's start I/O number), index (an index register for the number).
function code.device(text)
  local place, number, rest = text:match("^([JU])(%x+)\\(.+)$")
  local device = {}
  if place == "J" then device.link = tonumber(number) end
  if place == "U" then
    local upper = tonumber(number, 16)
    if upper >= 0x3e0 then device.cpu = upper else device.module = upper end
  end
  rest = rest or text
  local plain, index = rest:match("^(%u%u?%u?%d+)Z(%d+)$")
  if index and code.DEVICE[plain:match("^%u+")] then rest, device.index = plain, tonumber(index) end
  for size = 3, 1, -1 do
    local kind = code.DEVICE[rest:sub(1, size)]
    if kind then
      device.name, device.kind = rest:sub(1, size), kind
      device.head = assert(tonumber(rest:sub(size + 1), kind.hex and 16 or 10), text)
      device.extended = device.link or device.module or device.cpu or device.index
      return device
    end
  end
  error("no such device: " .. text)
end

local writer = {}
writer.__index = writer

function code.writer(ascii) return setmetatable({ ascii = ascii, parts = {} }, writer) end

function writer:text(characters)
  self.parts[#self.parts + 1] = characters
  return self
end

function writer:number(value, size)
  return self:text(self.ascii and ("%0" .. 2 * size .. "X"):format(value) or pack("<I" .. size, value))
end

-- Bytes that are no numbers: each two digits in ASCII code.
function writer:octets(bytes)
  return self:text(self.ascii and (bytes:gsub(".", function(c) return ("%02X"):format(c:byte()) end)) or bytes)
end

-- Names of labels and of files for MELSEC iQ-R are UTF-16, after their number of characters.
function writer:utf16(name)
  self:number(#name, 2)
  for i = 1, #name do self:number(name:byte(i), 2) end
  return self
end

function writer:words(values)
  for _, value in ipairs(values) do self:number(value, 2) end
  return self
end

-- One digit a point; in binary code two points a byte, the first in the high one. EVEN adds a dummy point in ASCII code too.
function writer:bits(values, even)
  for i = 1, #values, 2 do
    local first, second = values[i], values[i + 1]
    if self.ascii then
      self:text(("%d%s"):format(first, second or even and "0" or ""))
    else
      self:text(string.char(first << 4 | (second or 0)))
    end
  end
  return self
end

local function extension_text(device)
  if device.link then return ("J%03d"):format(device.link) end
  return (device.module or device.cpu) and ("U%03X"):format(device.module or device.cpu) or "0000"
end

-- LONG: for MELSEC iQ-R (subcommand 000n + 2); EXTENDED: the extended device specification (subcommand 0080 and up).
function writer:device(device, long, extended)
  local kind, modified = device.kind, long and "0000" or "000"
  if self.ascii then
    local digits = long and (extended and 10 or 8) or 6
    local name = long and device.name or kind.two_digits or device.name
    if extended then self:text("00"):text(extension_text(device)):text(modified) end
    self:text(name .. ("*"):rep((long and 4 or 2) - #name))
    self:text((kind.hex and "%0" .. digits .. "X" or "%0" .. digits .. "d"):format(device.head))
    if extended then self:text(device.index and ("Z%0" .. #modified - 1 .. "d"):format(device.index) or modified) end
    return self
  end
  if extended then self:number(device.index or 0, 1):number(device.index and 0x40 or 0, 1) end
  self:number(device.head, long and 4 or 3):number(kind.code, long and 2 or 1)
  if extended then
    self:number(0, 2):number(device.link or device.module or device.cpu or 0, 2)
    self:number(device.link and 0xf9 or device.module and 0xf8 or device.cpu and 0xfa or 0, 1)
  end
  return self
end

-- In 1E frames: the name's two characters as a number, before the device number in ASCII code and after it in binary code.
function writer:device_1e(device)
  if self.ascii then return self:number(device.kind.e1, 2):number(device.head, 4) end
  return self:number(device.head, 4):number(device.kind.e1, 2)
end

function writer:done() return table.concat(self.parts) end

return code
