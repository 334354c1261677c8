-- Bytes of the lower layers against known packets, and the checksums' own law: summed with itself a header gives zero.
-- luacheck: std +busted

package.path = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/?.lua;" .. package.path
local wire = require "wire"

local function bytes(hex)
  return (hex:gsub("%s", ""):gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end))
end

describe("wire", function()
  it("computes the checksum of RFC 1071's example", function()
    assert.equal(~0xddf2 & 0xffff, wire.checksum(bytes "0001 f203 f4f5 f6f7"))
  end)

  it("computes the checksum of odd and of long data", function()
    assert.equal(~0xfb01 & 0xffff, wire.checksum(bytes "0001 fb"))
    local long = ("\1\2\3\4"):rep(500)
    local sum = 0
    for at = 1, #long, 2 do sum = sum + string.unpack(">I2", long, at) end
    while sum > 0xffff do sum = (sum & 0xffff) + (sum >> 16) end
    assert.equal(~sum & 0xffff, wire.checksum(long))
  end)

  it("makes an IPv4 header whose checksum is zero when summed again", function()
    local packet = wire.ipv4({ src = wire.ip "192.168.0.1", dst = wire.ip "192.168.0.199", proto = 17, id = 0,
      dont_fragment = true }, ("\0"):rep(95))
    assert.equal(bytes "4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7", packet:sub(1, 20))
    assert.equal(0, wire.checksum(packet:sub(1, 20)))
  end)

  it("spoils a checksum when asked", function()
    local packet = wire.ipv4({ src = wire.ip "10.0.0.1", dst = wire.ip "10.0.0.2", proto = 6, bad_checksum = true }, "")
    assert.not_equal(0, wire.checksum(packet:sub(1, 20)))
  end)

  for _, pair in ipairs { { "10.0.0.1", "10.0.0.2" }, { "fe80::1", "ff02::fb" } } do
    it("makes UDP and TCP checksums that hold over the pseudo header of " .. pair[1], function()
      local src, dst = wire.ip(pair[1]), wire.ip(pair[2])
      local segment = wire.tcp(src, dst, { sport = 1, dport = 2, seq = 3, flags = 2, payload = "odd" })
      local datagram = wire.udp(src, dst, 5, 6, "seven c")
      for _, upper in ipairs { { 6, segment }, { 17, datagram } } do
        assert.equal(0, wire.checksum(src .. dst .. string.pack(">I4I4", #upper[2], upper[1]) .. upper[2]))
      end
    end)
  end

  it("reads and writes addresses", function()
    for _, text in ipairs { "10.0.0.1", "fe80::1", "::", "2001:db8::1:0:0:1", "fd00:2::2", "1:2:3:4:5:6:7:8" } do
      assert.equal(text, wire.ip_text(wire.ip(text)))
    end
    assert.equal("00:1b:1b:0a:0b:0c", wire.mac_text(wire.mac "00:1b:1b:0a:0b:0c"))
    assert.equal("01:00:5e:00:00:fb", wire.mac_text(wire.multicast_mac(wire.ip "224.0.0.251")))
  end)

  it("pads short frames and leaves long ones", function()
    assert.equal(60, #wire.ethernet(wire.BROADCAST, wire.BROADCAST, 0x0806, "short"))
    assert.equal(114, #wire.ethernet(wire.BROADCAST, wire.BROADCAST, 0x0800, ("x"):rep(100)))
  end)

  it("cuts a payload into fragments that carry it all", function()
    local payload = ("0123456789"):rep(100)
    local ip = { src = wire.ip "10.0.0.1", dst = wire.ip "10.0.0.2", proto = 17, id = 9 }
    local parts = wire.fragments(ip, payload, 256)
    local whole = {}
    for i, packet in ipairs(parts) do
      whole[i] = packet:sub(21)
      local field = string.unpack(">I2", packet, 7)
      assert.equal((i - 1) * 32, field & 0x1fff)
      assert.equal(i < #parts and 0x2000 or 0, field & 0x2000)
    end
    assert.equal(payload, table.concat(whole))
  end)
end)
