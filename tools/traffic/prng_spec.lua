-- The generator against PCG32's published numbers, and the independence of its streams.
-- luacheck: std +busted

package.path = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/?.lua;" .. package.path
local prng = require "prng"

describe("prng", function()
  it("gives the numbers of the PCG reference program, seed 42 and stream 54", function()
    local rng = prng.new(42, 54)
    for _, expected in ipairs { 0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e } do
      assert.equal(expected, rng:u32())
    end
  end)

  it("keeps a fork's numbers whatever else is drawn", function()
    local one, two = prng.new(7), prng.new(7)
    two:u32()
    assert.equal(one:fork("poll"):u32(), two:fork("poll"):u32())
    assert.not_equal(one:fork("poll"):u32(), one:fork("other"):u32())
  end)

  it("stays within bounds", function()
    local rng = prng.new(1)
    for _ = 1, 1000 do
      local n = rng:range(3, 7)
      assert.is_true(n >= 3 and n <= 7)
      assert.is_true(rng:float() < 1)
      assert.is_true(math.abs(rng:about(10, 0.1) - 10) <= 1)
    end
  end)
end)
