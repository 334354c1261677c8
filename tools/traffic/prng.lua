-- A random number generator that gives the same numbers on every machine and in every version of Lua.
--
-- PCG32 (M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random
-- Number Generation", 2014): 64 bits of state, 32 bits out. Each generator has a stream of its own, and fork(name)
-- starts one from a name: a conversation added to a recipe does not change the numbers of the others.

local prng = {}
prng.__index = prng

local MULTIPLIER <const> = 6364136223846793005

local function fnv1a(text)
  local h = 0xcbf29ce484222325
  for i = 1, #text do h = (h ~ text:byte(i)) * 0x100000001b3 end
  return h
end

function prng.new(seed, stream)
  local self = setmetatable({ seed = seed, state = 0, increment = ((stream or 0) << 1) | 1 }, prng)
  self:u32()
  self.state = self.state + seed
  self:u32()
  return self
end

function prng:fork(name) return prng.new(self.seed, fnv1a(name)) end

function prng:u32()
  local old = self.state
  self.state = old * MULTIPLIER + self.increment
  local word = ((((old >> 18) ~ old) >> 27)) & 0xffffffff
  local turn = old >> 59
  return ((word >> turn) | (word << ((32 - turn) & 31))) & 0xffffffff
end

-- A whole number in 0 .. n-1. The multiplication avoids the bias and the division of u32() % n.
function prng:below(n) return (self:u32() * n) >> 32 end

function prng:range(low, high) return low + self:below(high - low + 1) end

-- A float in [0, 1).
function prng:float() return self:u32() / 4294967296.0 end

function prng:chance(p) return self:float() < p end

-- VALUE, more or less by up to FRACTION of it.
function prng:about(value, fraction) return value * (1 + fraction * (2 * self:float() - 1)) end

function prng:pick(list) return list[self:below(#list) + 1] end

function prng:bytes(n)
  local out = {}
  for i = 1, n do out[i] = string.char(self:below(256)) end
  return table.concat(out)
end

return prng
