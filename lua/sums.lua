-- sums.lua - several numbers measured together, again and again: their means, spreads and principal components, from sums that add up.
--
-- sums.new(k) is the text of nothing measured; sums.add(text, x) one more measurement x of k numbers; sums.merge(a, b) those of two sites.
-- Who measures often keeps a list: sums.list(text), sums.put(list, x), sums.text(list).
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

-- n, sums, sums of products (upper triangle, row by row), least, most
function sums.new(k)
  local t = { 0 }
  for _ = 1, k + k * (k + 1) // 2 do t[#t + 1] = 0 end
  for _ = 1, k do t[#t + 1] = math.huge end
  for _ = 1, k do t[#t + 1] = -math.huge end
  return string.pack(format_of(k), table.unpack(t))
end

function sums.list(text, k)
  local t = { string.unpack(format_of(k), text) }
  t[#t], t.k = nil, k
  return t
end

function sums.text(t)
  return string.pack(format_of(t.k), table.unpack(t))
end

function sums.put(t, x)
  local k = t.k
  t[1] = t[1] + 1
  local at = 1 + k
  for i = 1, k do
    local a = x[i]
    t[1 + i] = t[1 + i] + a
    for j = i, k do
      at = at + 1
      t[at] = t[at] + a * x[j]
    end
  end
  for i = 1, k do
    local a, low, high = x[i], at + i, at + k + i
    if a < t[low] then t[low] = a end
    if a > t[high] then t[high] = a end
  end
end

function sums.add(text, x)
  local t = sums.list(text, #x)
  sums.put(t, x)
  return sums.text(t)
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

-- Eigenvalues and eigenvectors (as columns) of a symmetric matrix: Jacobi's rotations.
local function eigen(a, k)
  local v = {}
  for i = 1, k do
    v[i] = {}
    for j = 1, k do v[i][j] = i == j and 1 or 0 end
  end
  local function rotate(p, q)
    if math.abs(a[p][q]) < 1e-12 then return end
    local theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
    local t = (theta >= 0 and 1 or -1) / (math.abs(theta) + math.sqrt(theta * theta + 1))
    local c = 1 / math.sqrt(t * t + 1)
    local s = t * c
    for i = 1, k do
      local x, y = a[i][p], a[i][q]
      a[i][p], a[i][q] = c * x - s * y, s * x + c * y
    end
    for i = 1, k do
      local x, y = a[p][i], a[q][i]
      a[p][i], a[q][i] = c * x - s * y, s * x + c * y
      x, y = v[i][p], v[i][q]
      v[i][p], v[i][q] = c * x - s * y, s * x + c * y
    end
  end
  for _ = 1, 12 do
    for p = 1, k - 1 do
      for q = p + 1, k do rotate(p, q) end
    end
  end
  return a, v
end

-- { n, mean, dev, low, high, value (of each component), vector }; `least` is a spread that nothing is below: in what never changed
-- every change would be endless.
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
  m.cov = cov
  local diagonal, vectors = eigen(cov, k)
  m.value, m.vector = {}, vectors
  for i = 1, k do m.value[i] = math.max(diagonal[i][i], least * least) end
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

-- True where judge() is sure to find less than `far`: no component is further than the whole, along the one with the least spread.
function sums.is_near(m, x, far)
  local whole, least = 0, math.huge
  for i = 1, m.k do
    local d = x[i] - m.mean[i]
    if math.abs(d) >= far * m.dev[i] then return false end
    whole, least = whole + d * d, math.min(least, m.value[i])
  end
  return whole < far * far * least * 0.999
end

-- interval: the largest distance of one number from its mean in spreads, where it is also beyond all that was seen; component: the same
-- along the principal components; each with the number (1 to k) that shows it.
function sums.judge(m, x)
  local d, beyond = {}, {}
  for i = 1, m.k do
    d[i] = x[i] - m.mean[i]
    local margin = (m.high[i] - m.low[i]) / 4
    local is_beyond = x[i] > m.high[i] + margin or x[i] < m.low[i] - margin
    beyond[i] = is_beyond and math.abs(d[i]) / m.dev[i] or 0
  end
  local by, interval = first_telling(beyond)
  local component, which = 0, nil
  for c = 1, m.k do
    local score = 0
    for i = 1, m.k do score = score + m.vector[i][c] * d[i] end
    local far = math.abs(score) / math.sqrt(m.value[c])
    if far > component then component, which = far, c end
  end
  local along
  if which then
    local parts = {}
    for i = 1, m.k do parts[i] = math.abs(m.vector[i][which] * d[i]) end
    along = first_telling(parts)
  end
  return interval, by, component, along
end

return sums
