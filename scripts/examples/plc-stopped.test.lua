-- A stop comes by FINS in the demo; reads and writes are none of this rule's business.

local RULE = "plc-stopped.lua"

describe("plc-stopped", function()
  it("tells who stopped which controller", function()
    local r = replay { capture = "../../testdata/captures/demo.pcap", scripts = { "../../plugins/fins.lua", RULE }, events = "none" }
    assert.same({ "08:08:32  192.168.10.99 sends stop to 192.168.10.13: fins stop" }, r.lines)
    assert.same({}, r.errors)
  end)
  it("is silent about reading and writing", function()
    local write = tcp("192.168.10.20:1025", "192.168.10.11:502", { ">", unhex "0002 0000 0006 01 05 0010 ff00" })
    assert.same({}, replay({ packets = write, scripts = { RULE }, events = "none" }).lines)
  end)
end)
