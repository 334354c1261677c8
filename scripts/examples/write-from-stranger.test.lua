-- The demo plant has one stranger; the captures of other plants have none that is on the list, and dns.pcap has no controller at all.

local RULE = "write-from-stranger.lua"

describe("write-from-stranger", function()
  it("tells of the stranger, once", function()
    local r = replay { capture = "../../testdata/captures/demo.pcap", scripts = { RULE }, events = "none" }
    assert.same({ "08:07:10  stranger 192.168.10.99 changes 192.168.10.11: WRITE_SINGLE_COIL" }, r.lines)
    assert.same({}, r.errors)
  end)
  it("is silent where nobody changes anything", function()
    local r = replay { capture = "../../testdata/captures/dns.pcap", scripts = { RULE }, events = "none" }
    assert.same({}, r.lines)
  end)
  it("is silent about a host that is on the list", function()
    local write = tcp("192.168.10.20:1025", "192.168.10.11:502", { ">", unhex "0002 0000 0006 01 05 0010 ff00" })
    assert.same({}, replay({ packets = write, scripts = { RULE }, events = "none" }).lines)
  end)
end)
