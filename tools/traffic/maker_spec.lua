-- The maker as a whole: order and times, TCP's arithmetic, names, the truth, and that the same recipe gives the same
-- bytes: those of another run, and those that are committed.
-- luacheck: std +busted

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
package.path = here .. "/?.lua;" .. package.path

local dns = require "dns"
local modbus = require "modbus"
local pcap = require "pcap"
local run = require "run"
local schedule = require "schedule"
local world = require "world"

local TESTDATA <const> = here .. "/../../testdata"
local START <const> = 1715587200 * 1000000000 -- 2024-05-13T08:00:00Z, as the command has it

local function make(name, seed, duration)
  local parts = {}
  local truth, w = run({ recipe = TESTDATA .. "/recipes/" .. name .. ".lua", seed = seed, start = START,
    duration = duration }, function(bytes) parts[#parts + 1] = bytes end)
  return table.concat(parts), truth, w
end

local function contents(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("a")
  file:close()
  return bytes
end

-- The records of a little-endian pcap file: { time in ns, length on the wire }.
local function records(file)
  local out, at = {}, 25
  while at <= #file do
    local second, micro, kept, length = string.unpack("<I4I4I4I4", file, at)
    out[#out + 1] = { time = second * 1000000000 + micro * 1000, length = length }
    at = at + 16 + kept
  end
  return out
end

describe("schedule", function()
  it("runs by time, and in the order of arrival at the same time", function()
    local s, seen = schedule.new(0), {}
    for i, time in ipairs { 5, 3, 5, 1, 3, 9, 1 } do s:put(time, function() seen[#seen + 1] = time .. ":" .. i end) end
    s:run()
    assert.same({ "1:4", "1:7", "3:2", "3:5", "5:1", "5:3", "9:6" }, seen)
  end)
end)

describe("world", function()
  it("reads durations", function()
    assert.equal(600, world.seconds "10m")
    assert.equal(1.5, world.seconds "1.5s")
    assert.equal(0.25, world.seconds "250ms")
    assert.equal(7, world.seconds(7))
    assert.has_error(function() world.seconds "soon" end)
  end)

  it("keeps a repetition on its grid", function()
    local w, times = world.new { start = 0, duration = 10 }, {}
    w:every("1s", { jitter = 0.2 }, function() times[#times + 1] = w.schedule.now / 1e9 end)
    w.schedule:run()
    assert.equal(10, #times)
    for i, time in ipairs(times) do assert.is_true(time >= i - 1 and time < i - 0.79) end
  end)

  it("tells where a process failed", function()
    local w = world.new { start = 0 }
    w:at(1, function()
      w:sleep(1)
      error "a broken recipe"
    end)
    assert.has_error(function() w.schedule:run() end)
  end)
end)

describe("pcap", function()
  it("writes headers of every kind", function()
    local function file(options)
      local parts = {}
      options.interfaces = { { name = "mirror0", linktype = "ethernet" } }
      local writer = pcap.writer(function(bytes) parts[#parts + 1] = bytes end, options)
      writer:packet(1, 1500000001, "frame")
      return table.concat(parts)
    end
    assert.equal("\xd4\xc3\xb2\xa1", file({}):sub(1, 4))
    assert.equal("\xa1\xb2\xc3\xd4", file({ big_endian = true }):sub(1, 4))
    assert.equal("\x4d\x3c\xb2\xa1", file({ nanoseconds = true }):sub(1, 4))
    assert.equal(500000001, (string.unpack("<I4", file({ nanoseconds = true }), 29)))
    assert.equal("\x0a\x0d\x0d\x0a", file({ format = "pcapng" }):sub(1, 4))
    local cut = file { snaplen = 2 }
    local kept, length = string.unpack("<I4I4", cut, 33)
    assert.same({ 2, 5 }, { kept, length })
  end)
end)

describe("dns", function()
  it("points back to a name said before", function()
    local message = dns.message { id = 1, questions = { { name = "a.plant.example", type = "A" } },
      answers = { { name = "a.plant.example", type = "CNAME", target = "b.plant.example" } } }
    -- 12 of header, 17 + 4 of question, then pointer, fixed part, and a label with a pointer to "plant.example".
    assert.equal("\xc0\x0c", message:sub(34, 35))
    assert.equal("\1b\xc0\x0e", message:sub(46, 49))
    assert.equal(49, #message)
  end)

  it("encodes NetBIOS names in half bytes", function()
    assert.equal("EGFCEFEEFFCACACACACACACACACACACA", dns.netbios_name("FREDU", 0x20):sub(1, 32))
  end)
end)

describe("modbus", function()
  local request = modbus.request
  local device = modbus.device { objects = { [0] = "V", [1] = "P", [2] = "R" } }

  -- The examples of the specification's sections 6.5, 6.12, 6.16 and 6.21.
  it("says what the specification's examples say", function()
    assert.equal("\x05\x00\xac\xff\x00", request.write_single_coil(172, true))
    assert.equal("\x0f\x00\x13\x00\x0a\x02\xcd\x01", request.write_multiple_coils(19, { 1, 0, 1, 1, 0, 0, 1, 1, 1, 0 }))
    assert.equal("\x16\x00\x04\x00\xf2\x00\x25", request.mask_write_register(4, 0x00f2, 0x0025))
    assert.equal("\x2b\x0e\x01\x00", request.read_device_identification(1))
  end)

  it("remembers what was written and masks it", function()
    device:answer(request.write_single_register(4, 0x12))
    device:answer(request.mask_write_register(4, 0xf2, 0x25))
    assert.equal("\x03\x02\x00\x17", device:answer(request.read_holding_registers(4, 1)))
    device:answer(request.write_multiple_coils(19, { 1, 0, 1, 1 }))
    assert.equal("\x01\x01\x0d", device:answer(request.read_coils(19, 4)))
  end)

  it("refuses what it must", function()
    assert.equal("\x83\x02", device:answer(request.read_holding_registers(999, 2)))
    assert.equal("\x83\x03", device:answer(request.read_holding_registers(0, 126)))
    assert.equal("\xe4\x01", device:answer "\x64")
    assert.is_nil(device:answer(request.diagnostics(4)))
  end)

  it("identifies itself", function()
    assert.equal("\x2b\x0e\x01\x83\x00\x00\x03\x00\x01V\x01\x01P\x02\x01R",
      device:answer(request.read_device_identification(1)))
  end)
end)

describe("a capture", function()
  it("has its frames in order and as many as the truth says", function()
    local file, truth, w = make("demo", 1, "60s")
    local list = records(file)
    assert.equal(w.packets, #list)
    assert.is_true(list[#list].time - list[1].time < 70 * 1000000000)
    for i = 2, #list do assert.is_true(list[i - 1].time <= list[i].time) end
    assert.truthy(truth:find('"recipe": "demo"', 1, true))
  end)

  it("is the same for the same seed and another for another", function()
    local one = make("modbus-all", 5)
    assert.is_true(one == make("modbus-all", 5))
    assert.is_false(one == make("modbus-all", 6))
  end)

  -- A recipe or the maker changed and make-testdata was not run: run it, and look at the difference.
  for _, name in ipairs { "arp-nd", "cotp", "demo", "dns", "fins", "modbus-all", "modbus-malformed", "tcp-hard" } do
    it(name .. " is what is committed", function()
      local file, truth = make(name, 1)
      assert.is_true(file == contents(TESTDATA .. "/captures/" .. name .. ".pcap"))
      assert.equal(contents(TESTDATA .. "/captures/" .. name .. ".truth.json"), truth)
    end)
  end
end)
