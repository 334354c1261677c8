-- Rhythms of what tallies count, in C: what scripts are told of them, and what they keep. What is learned and told: core/rhythm_test.c.

local READ = unhex "0001 0000 0006 01 03 0000 0003"

-- A request each so many seconds, for a minute or more; then the next { seconds, every }.
local function polling(phases)
	local turns, times, t = {}, {}, 1
	for _, phase in ipairs(phases) do
		for at = t, t + phase[1] - phase[2], phase[2] do turns[#turns + 1], times[#times + 1] = { ">", READ }, at end
		t = t + phase[1]
	end
	local packets = tcp("10.0.0.1:1025", "10.0.0.2:502", table.unpack(turns))
	for i, frame in ipairs(packets) do packets[i] = { frame, at = times[math.min(math.max(i - 3, 1), #times)] } end
	return packets
end

local RHYTHMS = [[
local t = tally.new { keys = 3, gaps = true }
t:count { on = "ot.operation", key = { "client", "func", "vlan" } }
local r = rhythms.new { of = t, least = 6, longest = 10 }
local function show(known, client, func, vlan)
	print(known.windows, known.least, known.most, known.dev, known.lost, known.late, known.longest, known.steady, client, func, vlan)
end
r:limits { windows = 1, factor = 1.5 }
local mode = "learning"
every("1m", function()
	for how, value, usual, client, func in r:turn(mode) do print(how, value, usual, client, func) end
	if r:news() then print "news" end
	for known, client, func, vlan in r:take() do show(known, client, func, vlan) end
end)
]]

local READS = "10.0.0.1\tREAD_HOLDING_REGISTERS"

it("learns how even the events of a key recur", function()
	local run = replay { packets = polling { { 200, 2 } }, code = RHYTHMS, events = "none" }
	assert.same({}, run.errors)
	assert.same({ "news", "1\t2.0\t2.0\t0\t0\t0\t0\tnil\t" .. READS .. "\tnil" }, { run.lines[1], run.lines[2] })
end)

it("tells what is not usual of what a script knew", function()
	local run = replay { packets = polling { { 200, 2 }, { 200, 5 } }, events = "none", code = RHYTHMS .. [[
mode = "detecting"
print(r:put({ addr "10.0.0.1", "READ_HOLDING_REGISTERS" }, { windows = 3, least = 2, most = 2, dev = 0, lost = 0, late = 0,
	longest = 0 }), #r)
show(r:get { addr "10.0.0.1", "READ_HOLDING_REGISTERS" })
print(r:get { addr "10.0.0.2", "READ_HOLDING_REGISTERS" })
print(r:put({ addr "10.0.0.1", "READ_HOLDING_REGISTERS" }, r:get { addr "10.0.0.1", "READ_HOLDING_REGISTERS" }), #r)]] }
	assert.same({}, run.errors)
	assert.same({ "true\t1", "3\t2.0\t2.0\t0\t0\t0\t0\tnil\tnil\tnil\tnil", "nil", "true\t1" }, { table.unpack(run.lines, 1, 4) })
	assert.equal("slower\t5.0\t2.0\t" .. READS, run.lines[#run.lines])
end)

it("takes nothing in while it is off", function()
	local run = replay { packets = polling { { 300, 2 } }, events = "none", code = RHYTHMS .. [[
mode = "off"
on("finish", function() print(#r, #t) end)]] }
	assert.same({ "0\t1" }, run.lines)
end)

it("refuses what is no rhythm", function()
	local run = replay { packets = {}, events = "none", code = [[
local function fails(f, ...) return (select(2, pcall(f, ...)):match "[^:]*$") end
local gaps, none, other = tally.new { keys = 1, gaps = true }, tally.new { keys = 1 }, tally.new { keys = 2 }
print(fails(rhythms.new, { least = 1, longest = 1 }))
print(fails(rhythms.new, { of = none }))
print(fails(rhythms.new, { of = gaps, lost = other }))
print(fails(rhythms.new, { of = gaps, lest = 1 }))
print(fails(rhythms.new, { of = gaps, least = 0 }))
local r = rhythms.new { of = gaps, lost = none }
print(fails(rhythms.new, { of = gaps }))
print(pcall(r.turn, r, "on"))
print(pcall(r.limits, r, { factors = 1 }))
print((pcall(r.put, r, { 1 })), (pcall(r.put, r, { {} }, {})), (pcall(r.turn, none, "off")))]] }
	assert.same({}, run.errors)
	assert.contains("gaps = true", run.lines[1])
	assert.contains("gaps = true", run.lines[2])
	assert.contains("same keys", run.lines[3])
	assert.contains("lest", run.lines[4])
	assert.contains("least", run.lines[5])
	assert.contains("alone", run.lines[6])
	assert.contains("false", run.lines[7])
	assert.contains("factors", run.lines[8])
	assert.equal("false\tfalse\tfalse", run.lines[9])
end)
