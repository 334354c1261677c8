-- The order of things: a queue of calls by time. Two calls for the same moment run in the order they were put in,
-- so a run depends on nothing but its input.
--
-- Owns the clock. Time is whole nanoseconds since the epoch: floats would make the order depend on rounding.

local schedule = {}
schedule.__index = schedule

function schedule.new(start) return setmetatable({ now = start, heap = {}, size = 0, number = 0 }, schedule) end

local function earlier(a, b)
  if a.time ~= b.time then return a.time < b.time end
  return a.number < b.number
end

function schedule:put(time, call)
  assert(time >= self.now, "a call into the past")
  self.number = self.number + 1
  self.size = self.size + 1
  local heap, i, entry = self.heap, self.size, { time = time, number = self.number, call = call }
  while i > 1 and earlier(entry, heap[i // 2]) do
    heap[i] = heap[i // 2]
    i = i // 2
  end
  heap[i] = entry
end

local function take(self)
  local heap, first, last = self.heap, self.heap[1], self.heap[self.size]
  heap[self.size] = nil
  self.size = self.size - 1
  if self.size == 0 then return first end
  local i = 1
  while true do
    local child = 2 * i
    if child > self.size then break end
    if child < self.size and earlier(heap[child + 1], heap[child]) then child = child + 1 end
    if not earlier(heap[child], last) then break end
    heap[i] = heap[child]
    i = child
  end
  heap[i] = last
  return first
end

-- The next call.
function schedule:step()
  local entry = take(self)
  self.now = entry.time
  entry.call()
end

-- Runs until nothing is left.
function schedule:run()
  while self.size > 0 do self:step() end
end

return schedule
