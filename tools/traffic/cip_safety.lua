-- CIP Safety messages (CIP Networks Library, volume 5, chapter 2): data in the base and extended format with their
-- checksums, the consumer's time coordination, the producer's time correction.

local safety = {}
local pack = string.pack

-- Bit by bit, highest first. WIDTH 8, 16 or 24.
local function crc(polynomial, width, seed, bytes)
  local value, top, mask = seed, 1 << width - 1, (1 << width) - 1
  for i = 1, #bytes do
    value = value ~ bytes:byte(i) << width - 8
    for _ = 1, 8 do value = (value & top ~= 0 and value << 1 ~ polynomial or value << 1) & mask end
  end
  return value
end
local function s1(seed, bytes) return crc(0x37, 8, seed, bytes) end
local function s2(seed, bytes) return crc(0x3b, 8, seed, bytes) end
local function s3(seed, bytes) return crc(0x080f, 16, seed, bytes) end
local function s5(seed, bytes) return crc(0x5d6dcb, 24, seed, bytes) end

local function complement(bytes) return (bytes:gsub(".", function(c) return string.char(~c:byte() & 0xff) end)) end

-- Vendor, serial number and the connection's serial number of who sends.
function safety.sender(vendor, serial, connection) return pack("<I2I4I2", vendor, serial, connection) end

-- What a target adds to the response of a Forward Open.
function safety.reply(sender, consumer, extended)
  return pack("<I2", consumer) .. sender .. (extended and pack("<I2I2", 0, 0) or "")
end

-- Each bit stands twice.
local function mode_byte(run, ping) return (run and 0x80 or 0x10) | 0x04 | ping & 3 end

local function base(sender, mode, data, time)
  local upper, stamp = string.char(mode & 0xe0), pack("<I2", time)
  local other, seed = string.char(~mode & 0xe0), s1(0, sender)
  local tail = stamp .. string.char(s1(seed, string.char(mode & 0x1f) .. stamp))
  if #data <= 2 then
    return data .. string.char(mode, s1(seed, upper .. data), s2(seed, other .. complement(data))) .. tail
  end
  local wide = s3(0, sender)
  return data .. pack("<BI2", mode, s3(wide, upper .. data)) .. complement(data)
    .. pack("<I2", s3(wide, other .. complement(data))) .. tail
end

local function extended(sender, mode, data, time, rollover)
  local stamp, seed = pack("<I2", time), s5(0, sender)
  local long = #data > 2
  local turn, lower, upper = pack("<I2", rollover), string.char(mode & 0x1f), string.char(mode & 0xe0)
  local sum = s5(seed, turn .. (long and lower .. complement(data) or upper .. data) .. stamp)
  local middle = long and pack("<I2", s3(s3(0, sender), turn .. upper .. data)) .. complement(data) or ""
  return data .. string.char(mode) .. middle .. string.char(sum & 0xff, sum >> 8 & 0xff) .. stamp .. string.char(sum >> 16)
end

-- options: sender, data, run, time, ping; extended, rollover; correction (of the time of consumer 1, in multicast data).
function safety.data(options)
  local mode = mode_byte(options.run, options.ping or 0)
  local message = options.extended and extended(options.sender, mode, options.data, options.time, options.rollover or 0)
    or base(options.sender, mode, options.data, options.time)
  if not options.correction then return message end
  local head = pack("<BI2", 0x21, options.correction)
  return message .. head .. pack("<BI2", 0x21 ~ 0xff, s3(s3(0, options.sender), head))
end

-- options: sender, ping, time; extended.
function safety.time(options)
  local ack = 0x08 | options.ping & 3
  local ones = 0
  for bit = 0, 6 do ones = ones + (ack >> bit & 1) end
  ack = ack | (ones % 2) << 7
  local said = pack("<BI2", ack, options.time)
  if options.extended then
    local sum = s5(s5(0, options.sender), said)
    return said .. string.char(sum & 0xff, sum >> 8 & 0xff, sum >> 16)
  end
  return said .. pack("<BI2", ack ~ 0xff, s3(s3(0, options.sender), said))
end

return safety
