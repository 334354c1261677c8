-- Capture files: pcap (both byte orders, microseconds or nanoseconds) and pcapng (several interfaces, each with its
-- link type). https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html and draft-ietf-opsawg-pcapng-02.
--
-- Owns the layout only; the caller owns the file. Time is whole nanoseconds since the epoch.

local pcap = {}
pcap.__index = pcap

pcap.LINKTYPE = {
  null = 0, ethernet = 1, raw = 101, loop = 108, linux_sll = 113, radiotap = 127, ipv4 = 228, ipv6 = 229,
  linux_sll2 = 276,
}

-- options: format ("pcap" or "pcapng"), big_endian, nanoseconds, snaplen, interfaces { { name, linktype }, ... }.
-- A pcap file has one interface. WRITE is called with each piece of the file.
function pcap.writer(write, options)
  local self = setmetatable({
    write = write,
    order = options.big_endian and ">" or "<",
    nanoseconds = options.nanoseconds,
    snaplen = options.snaplen or 262144,
  }, pcap)
  if options.format == "pcapng" then
    self.packet = self.enhanced_packet
    self:section(options.interfaces)
  else
    assert(#options.interfaces == 1, "a pcap file has one interface: several need pcapng")
    self.packet = self.record
    local magic = self.nanoseconds and 0xa1b23c4d or 0xa1b2c3d4
    write(string.pack(self.order .. "I4I2I2i4I4I4I4", magic, 2, 4, 0, 0, self.snaplen,
      pcap.LINKTYPE[options.interfaces[1].linktype]))
  end
  return self
end

function pcap:record(_, time, bytes)
  local kept = bytes:sub(1, self.snaplen)
  local fraction = time % 1000000000
  if not self.nanoseconds then fraction = fraction // 1000 end
  self.write(string.pack(self.order .. "I4I4I4I4", time // 1000000000, fraction, #kept, #bytes) .. kept)
end

local function padded(bytes) return bytes .. ("\0"):rep(-#bytes % 4) end

function pcap:option(code, value) return string.pack(self.order .. "I2I2", code, #value) .. padded(value) end

function pcap:block(kind, body)
  local size = 12 + #body
  self.write(string.pack(self.order .. "I4I4", kind, size) .. body .. string.pack(self.order .. "I4", size))
end

function pcap:section(interfaces)
  self:block(0x0a0d0d0a, string.pack(self.order .. "I4I2I2i8", 0x1a2b3c4d, 1, 0, -1))
  local resolution = string.char(self.nanoseconds and 9 or 6)
  for _, interface in ipairs(interfaces) do
    self:block(1, string.pack(self.order .. "I2I2I4", pcap.LINKTYPE[interface.linktype], 0, self.snaplen)
      .. self:option(2, interface.name) .. self:option(9, resolution) .. self:option(0, ""))
  end
end

-- INTERFACE counts from 1, in the order of the interfaces given.
function pcap:enhanced_packet(interface, time, bytes)
  local kept = bytes:sub(1, self.snaplen)
  if not self.nanoseconds then time = time // 1000 end
  self:block(6, string.pack(self.order .. "I4I4I4I4I4", interface - 1, time >> 32, time & 0xffffffff, #kept, #bytes)
    .. padded(kept))
end

return pcap
