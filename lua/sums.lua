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

-- Turns a symmetric matrix a, and the vectors v (its rows), in the plane of p and q so that nothing is left between these. True where there
-- was something.
local function rotate(a, v, k, p, q)
  local ap, aq = a[p], a[q]
  local between = ap[q]
  if between < 1e-12 and between > -1e-12 then return false end
  local theta = (aq[q] - ap[p]) / (2 * between)
  local t = (theta >= 0 and 1 or -1) / (math.abs(theta) + math.sqrt(theta * theta + 1))
  local c = 1 / math.sqrt(t * t + 1)
  local s = t * c
  for i = 1, k do
    local row = a[i]
    local x, y = row[p], row[q]
    row[p], row[q] = c * x - s * y, s * x + c * y
  end
  local vp, vq = v[p], v[q]
  for i = 1, k do
    local x, y = ap[i], aq[i]
    ap[i], aq[i] = c * x - s * y, s * x + c * y
    x, y = vp[i], vq[i]
    vp[i], vq[i] = c * x - s * y, s * x + c * y
  end
  return true
end

-- Eigenvalues (the diagonal) and eigenvectors of a symmetric matrix: Jacobi's rotations.
local MOST_SWEEPS = 12

local function eigen(a, k)
  local v = {}
  for i = 1, k do
    v[i] = {}
    for j = 1, k do v[i][j] = i == j and 1 or 0 end
  end
  for _ = 1, MOST_SWEEPS do
    local turned = false
    for p = 1, k - 1 do
      for q = p + 1, k do turned = rotate(a, v, k, p, q) or turned end
    end
    if not turned then break end
  end
  return a, v
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
  m.cov = cov
  local diagonal, vectors = eigen(cov, k)
  m.value, m.vector, m.spread = {}, vectors, {}
  for i = 1, k do
    m.value[i] = math.max(diagonal[i][i], least * least)
    m.spread[i] = math.sqrt(m.value[i])
  end
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

-- Whether judge() finds `far` or more. A component with a wide spread needs no look: it is no further than the whole.
local distance = {}

function sums.is_far(m, x, far)
  local d, whole, k = distance, 0, m.k
  local mean, dev = m.mean, m.dev
  for i = 1, k do
    local a = x[i] - mean[i]
    d[i], whole = a, whole + a * a
    if (a >= 0 and a or -a) / dev[i] >= far and is_beyond(m, i, x[i]) then return true end
  end
  local narrow, value = 1.001 * whole / (far * far), m.value
  for c = 1, k do
    if value[c] <= narrow and score(m, c, d) >= far then return true end
  end
  return false
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
