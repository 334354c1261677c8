-- week.lua - sums for each hour of a plant's week (zone of the machine), as one text: small in a store, and two of them add up.
--
-- A cell has the number of hours counted, the sum of what was counted, and the largest of them. Cells: Monday 0 h is 1, Sunday 23 h is 168.

local week = {}

local CELL, SIZE = "<I2ff", 10
week.CELLS = 168
week.empty = string.rep("\0", week.CELLS * SIZE)

function week.cell(ts)
  local day, hour = ts:clock()
  return (day - 1) * 24 + hour + 1
end

function week.get(text, cell)
  local n, sum, most = string.unpack(CELL, text, (cell - 1) * SIZE + 1)
  return { n = n, sum = sum, most = most }
end

local function put(text, cell, c)
  local at = (cell - 1) * SIZE
  return text:sub(1, at) .. string.pack(CELL, math.min(c.n, 65535), c.sum, c.most) .. text:sub(at + SIZE + 1)
end

function week.add(text, cell, value)
  local c = week.get(text, cell)
  return put(text, cell, { n = c.n + 1, sum = c.sum + value, most = math.max(c.most, value) })
end

-- The same of a text in a store, of which but this hour is read and written.
function week.add_in(store, key, cell, value)
  if store:fold_bytes(key, (cell - 1) * SIZE + 1, CELL, "++>", 1, value, value) then return end
  store:set(key, week.add(week.empty, cell, value))
end

-- Of two sites or sensors.
function week.merge(a, b)
  local parts = {}
  for cell = 1, week.CELLS do
    local x, y = week.get(a, cell), week.get(b, cell)
    parts[cell] = string.pack(CELL, math.min(x.n + y.n, 65535), x.sum + y.sum, math.max(x.most, y.most))
  end
  return table.concat(parts)
end

-- What this hour of the week knows: itself and the hours beside it, because people are not punctual; nil where it was never seen.
function week.around(text, cell)
  local n, sum, most = 0, 0, 0
  for shift = -1, 1 do
    local c = week.get(text, (cell - 1 + shift) % week.CELLS + 1)
    if shift == 0 and c.n == 0 then return nil end
    n, sum, most = n + c.n, sum + c.sum, math.max(most, c.most)
  end
  return { n = n, mean = sum / n, most = most }
end

-- The busiest hour of the whole week.
function week.most(text)
  local most = 0
  for cell = 1, week.CELLS do most = math.max(most, week.get(text, cell).most) end
  return most
end

return week
