-- fins.test.lua - what the tables of fins.lua do not show: framing, addresses and pairing, clocks, forms of one command, damage.

local CLIENT, PLC = "10.0.0.1:9600", "10.0.0.2:9600"

-- A FINS message: ICF, service ID, then command and what follows. Requests go from node 1 to node 2, responses back.
local function fins(icf, sid, rest)
  local nodes = icf & 0x40 == 0 and "00 02 00 00 01 00" or "00 01 00 00 02 00"
  return unhex(("%02x 00 02 %s %02x %s"):format(icf, nodes, sid, rest))
end

local function ask(sid, rest) return udp(CLIENT, PLC, fins(0x80, sid, rest)) end
local function answer(sid, rest) return udp(PLC, CLIENT, fins(0xc0, sid, rest)) end

local function run(...)
  return replay { scripts = { "fins.lua" }, packets = { ... } }
end

local function only(r)
  assert.same({}, r.errors)
  assert.equal(1, #r.events["fins.message"])
  return r.events["fins.message"][1]
end

describe("FINS", function()
  it("pairs a response with its command, and says how it went", function()
    local r = run(ask(5, "0101 82 0064 00 0002"), answer(5, "0101 0000 1234 5678"), ask(6, "0402"), answer(6, "0402 2201"))
    local read, stop = r.events["ot.operation"][1], r.events["ot.operation"][2]
    assert.equal("read DM:100-101 2", read.op .. " " .. read.target .. " " .. read.unit)
    assert.equal("stop", stop.op)
    assert.equal("ok", r.events["ot.outcome"][1].outcome)
    assert.equal("not_executable_while_running", r.events["ot.outcome"][2].error)
    assert.near(0.001, r.events["fins.message"][2].latency, 1e-6)
  end)

  it("does not wait for a response that is not wanted", function()
    local r = run(udp(CLIENT, PLC, fins(0x81, 1, "0102 82 0000 00 0001 0007")))
    assert.is_false(only(r).response_required)
    assert.equal(0, #r.events["ot.outcome"])
  end)

  it("tells model and version, but not from a list of units", function()
    local identity = "0501 0000" .. ("CP1L"):gsub(".", function(c) return (" %02x"):format(c:byte()) end) .. (" 00"):rep(16)
      .. " 30 31 2e 30 30" .. (" 00"):rep(15 + 52)
    local facts = {}
    for _, f in ipairs(run(answer(1, identity), answer(2, "0501 0000" .. (" 81"):rep(67))).events["asset.fact"]) do
      facts[#facts + 1] = f.key .. "=" .. f.value
    end
    assert.same({ "vendor=Omron", "model=CP1L", "firmware=01.00" }, facts)
  end)

  it("names a device behind a relay by its network", function()
    local r = run(udp(PLC, CLIENT, unhex("c0 00 02 00 01 00 03 02 00 01 0501 0000" .. (" 41"):rep(92))))
    assert.equal("network 3 node 2 unit 0", r.events["asset.fact"][1].sub)
  end)

  it("reads clocks, with and without seconds, and no nonsense", function()
    local r = run(answer(1, "0701 0000 24 05 13 08 00 01 01"), ask(2, "0702 24 05 13 08 00"), answer(3, "0701 0000 24 15 13 08 00 01 01"))
    local m = r.events["fins.message"]
    assert.equal(1715587201, m[1].clock)
    assert.equal(1715587200, m[2].clock)
    assert.is_nil(m[3].clock)
  end)

  it("keeps what it does not know as data", function()
    local r = run(ask(1, "7f01 aabb"))
    assert.equal("fins.unknown_command", r.weirds[1])
    assert.equal("unknown", r.events["ot.operation"][1].func)
  end)

  it("counts a command that lacks its end, and drops one that lacks its header", function()
    local r = run(ask(1, "0101 82"), udp(CLIENT, PLC, fins(0xc0, 1, "0101")))
    assert.same({ "fins.short_message", "fins.truncated" }, r.weirds)
    assert.equal("memory_area_read", only(r).command_code)
  end)

  it("finds messages in a stream however it was cut", function()
    local hello = unhex "46494e53 0000000c 00000000 00000000 00000000"
    local body = fins(0x80, 9, "0402")
    local frame = unhex "46494e53 00000014 00000002 00000000" .. body
    local bytes = hello .. frame .. frame
    local pieces = {}
    for i = 1, #bytes do pieces[i] = { ">", bytes:sub(i, i) } end
    for _, packets in ipairs { tcp(CLIENT, PLC, { ">", bytes }), tcp(CLIENT, PLC, table.unpack(pieces)) } do
      local r = replay { scripts = { "fins.lua" }, packets = packets }
      assert.equal(2, #r.events["fins.message"])
      assert.equal("client_node_address", r.events["fins.tcp"][1].command)
      assert.same({}, r.weirds)
    end
  end)

  it("is found on another port by its form, and nothing else is", function()
    local r = run(udp("10.0.0.1:1234", "10.0.0.2:5678", fins(0x80, 1, "0402")),
      udp("10.0.0.1:1235", "10.0.0.2:5678", fins(0x80, 1, "7f01")),
      udp("10.0.0.1:1236", "10.0.0.2:5678", ("\0"):rep(40)))
    assert.equal("stop", only(r).command_code)
  end)
end)
