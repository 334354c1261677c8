-- Windows of gaps in C: what two in a row have in common is learned, and told while nothing is.

local function lines(code)
	return replay { code = code, packets = {}, events = "none" }.lines
end

local SHOW = [[
local function show(r)
	local l = r:learned()
	print(l.windows, l.least, l.most, l.dev, l.lost, l.late, l.longest, l.steady)
end
]]

it("learns what two windows in a row have in common", function()
	assert.same({
		"nil\tfalse\ttrue\ttrue", "2\t2.0\t2.0\t0.5\t0.25\t0.125\t3\t0",
	}, lines(SHOW .. [[
local r = rhythm.new { least = 6, longest = 10, steady = true }
print(r:learn(3, 1, 0), r:learn(3, 2, 0), r:learn(6, 2, 0.5, 8, 2, 2, 0.25), r:learn(6, 9, 1, 8, 4, 2, 0.5, 3))
show(r)]]))
end)

it("waits for gaps so many turns, and takes two for the least", function()
	assert.same({ "nil\tnil\tfalse\tnil\tnil\tnil\ttrue", "2\t5.0\t5.0\t0\t0\t0\t0\t2" }, lines(SHOW .. [[
local r = rhythm.new { least = 2, longest = 3, steady = true }
print(r:learn(1, 5, 0), r:learn(0, 0, 0), r:learn(1, 5, 0), r:learn(1, 5, 0), r:learn(0, 0, 0), r:learn(0, 0, 0), (function()
	r:learn(2, 5, 0)
	return r:learn(2, 5, 0)
end)())
show(r)]]))
end)

it("goes on from what was learned, and keeps it as it was", function()
	assert.same({ "0\tinf\t0\t0\t0\t0\t0\tnil", "7\t1.0\t2.5\t0\t0.5\t0\t4\t9", "8\t1.0\t2.5\t0.25\t0.5\t0\t4\t9" }, lines(SHOW .. [[
show(rhythm.new { least = 1, longest = 1 })
local known = { windows = 7, least = 1.0, most = 2.5, dev = 0, lost = 0.5, late = 0, longest = 4, steady = 9 }
local r = rhythm.new { least = 2, longest = 9, learned = known }
show(r)
r:learn(2, 2, 0.25) r:learn(2, 2, 0.5)
show(r)]]))
end)

it("tells of windows while nothing is learned", function()
	assert.same({ "0", "1.0\t0.0\t0.0", "1.0\t0.0\t2.0\t1.0\t1.0\t0.0\t0.0\t0.0", "0\tinf\t0\t0\t0\t0\t0\tnil" }, lines(SHOW .. [[
local r = rhythm.new { least = 4, longest = 9, steady = true }
print(select("#", r:watch(2, 1, 0)))
print(r:watch(2, 1, 0))
r:watch(2, 1, 0)
print(r:watch(2, 1, 0))
r = rhythm.new { least = 4, longest = 9 }
r:watch(4, 1, 0) r:watch(4, 1, 0)
show(r)]]))
end)

it("finds nothing in common over an interruption", function()
	assert.same({ "3\t3", "true", "false" }, lines [[
local r = rhythm.new { least = 2, longest = 9, steady = true }
local function common() return select("#", r:watch(2, 1, 0)) end
local first = common()
r:interrupt()
print(first, common())
local open = rhythm.new { least = 4, longest = 9 }
local function closes() return open:learn(2, 1, 0) ~= nil end
closes() open:interrupt()
print(closes())
closes() open:interrupt(true)
print(closes())]])
end)

it("refuses what is no rhythm", function()
	assert.same({ "false\tfalse\tfalse\tfalse" }, lines [[
print((pcall(rhythm.new, { least = 0, longest = 1 })), (pcall(rhythm.new, { least = 1 })), (pcall(rhythm.new, { lowest = 1 })),
	(pcall(rhythm.new { least = 1, longest = 1 }.learn, nil, 1, 1, 1)))]])
end)
