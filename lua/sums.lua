-- sums.lua - several numbers measured together, again and again: their means, spreads and principal components, from sums that add up.
--
-- sums.new(k) is the text of nothing measured; sums.add(text, x) one more measurement x of k numbers; sums.merge(a, b) those of two sites.
-- Who measures often keeps numbers.sums(k, text).
-- sums.model(text) is what they say; sums.judge(model, x) how far a new measurement is from it, and which number shows it most.

local sums = {}

local function layout(k)
  return "<" .. string.rep("d", 1 + k + k * (k + 1) // 2 + 2 * k)
end

local layouts = {}
local function format_of(k)
  layouts[k] = layouts[k] or layout(k)
  return layouts[k]
end

function sums.new(k)
  return numbers.sums(k):text()
end

function sums.add(text, x)
  local s = numbers.sums(#x, text)
  s:add(x)
  return s:text()
end

function sums.merge(a, b, k)
  local x, y = { string.unpack(format_of(k), a) }, { string.unpack(format_of(k), b) }
  local last = #x - 1
  for i = 1, last do
    if i <= last - 2 * k then
      x[i] = x[i] + y[i]
    else
      x[i] = (i <= last - k and math.min or math.max)(x[i], y[i])
    end
  end
  return string.pack(format_of(k), table.unpack(x, 1, last))
end

function sums.count(text)
  return (string.unpack("<d", text))
end

-- { n, mean, dev, low, high, and of each component value, vector, spread }; `least` is a spread that nothing is below: in what never
-- changed every change would be endless.
function sums.model(text, k, least)
  local t = { string.unpack(format_of(k), text) }
  local m = { n = t[1], k = k, mean = {}, dev = {}, low = {}, high = {} }
  local at, cov = 1 + k, {}
  for i = 1, k do m.mean[i], cov[i] = t[1 + i] / m.n, cov[i] or {} end
  for i = 1, k do
    for j = i, k do
      at = at + 1
      local c = t[at] / m.n - m.mean[i] * m.mean[j]
      cov[i][j], cov[j][i] = c, c
    end
  end
  for i = 1, k do
    cov[i][i] = math.max(cov[i][i], 0) + least * least
    m.dev[i], m.low[i], m.high[i] = math.sqrt(cov[i][i]), t[at + i], t[at + k + i]
  end
  m.value, m.vector = numbers.eigen(cov)
  m.spread = {}
  for i = 1, k do
    m.value[i] = math.max(m.value[i], least * least)
    m.spread[i] = math.sqrt(m.value[i])
  end
  m.reach = numbers.reach(m)
  return m
end

-- The first number that shows nearly as much as the one that shows most: numbers are given in the order in which people think of them.
local function first_telling(parts)
  local most = 0
  for i = 1, #parts do most = math.max(most, parts[i]) end
  for i = 1, #parts do
    if most > 0 and parts[i] >= 0.9 * most then return i, most end
  end
  return nil, 0
end

local function is_beyond(m, i, a)
  local high, low = m.high[i], m.low[i]
  local margin = (high - low) / 4
  return a > high + margin or a < low - margin
end

local function score(m, component, d)
  local vector, sum = m.vector[component], 0
  for i = 1, m.k do sum = sum + vector[i] * d[i] end
  return math.abs(sum) / m.spread[component]
end

-- Whether judge() finds `far` or more.
function sums.is_far(m, x, far)
  return m.reach:is_far(x, far)
end

-- interval: the largest distance of one number from its mean in spreads, where it is also beyond all that was seen; component: the same
-- along the principal components; each with the number (1 to k) that shows it.
function sums.judge(m, x)
  local d, beyond = {}, {}
  for i = 1, m.k do
    d[i] = x[i] - m.mean[i]
    beyond[i] = is_beyond(m, i, x[i]) and math.abs(d[i]) / m.dev[i] or 0
  end
  local by, interval = first_telling(beyond)
  local component, which = 0, nil
  for c = 1, m.k do
    local far = score(m, c, d)
    if far > component then component, which = far, c end
  end
  local along
  if which then
    local parts = {}
    for i = 1, m.k do parts[i] = math.abs(m.vector[which][i] * d[i]) end
    along = first_telling(parts)
  end
  return interval, by, component, along
end

return sums
