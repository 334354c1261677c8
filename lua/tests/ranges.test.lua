-- ranges.new: what scripts learn of numbers, are told of, take and put back, and what is refused.

-- Responses of a device to a reading of two registers at 10, one a second.
local function responses(pairs_of)
	local turns = {}
	for i, two in ipairs(pairs_of) do
		turns[2 * i - 1] = { ">", string.pack(">I2I2I2BBI2I2", i, 0, 6, 1, 3, 10, 2) }
		turns[2 * i] = { "<", string.pack(">I2I2I2BBBI2I2", i, 0, 7, 1, 3, 4, two[1], two[2]) }
	end
	local packets = tcp("10.0.0.1:1025", "10.0.0.2:502", table.unpack(turns))
	for i, frame in ipairs(packets) do packets[i] = { frame, at = i } end
	return packets
end

local function run(code)
	return replay { packets = {}, events = "none", code = "local known = ranges.new {}\n" .. code }
end

it("learns of the values of an event, and tells which are outside", function()
	local r = replay { packets = responses { { 5, 100 }, { 7, 300 }, { 6, 301 }, { 8, 200 } }, events = "none", code = [[
local known = ranges.new {}
local n = 0
on("modbus.response", function(e)
	n = n + 1
	if n <= 2 then return known:add(1, e.address, e.values) end
	local i = known:outside(1, e.address, e.values)
	while i do
		print(n, i, e.values[i])
		i = known:outside(1, e.address, e.values, i + 1)
	end
end)
on("finish", function()
	local r = known:get(1, 11)
	print(#known, r.low, r.high, r.n, r.writes, r.rises, r.falls, r.swings, r.at_top, r.hand, r.ups, known:get(2, 11))
end)]] }
	assert.same({ "3\t2\t301", "4\t1\t8", "2\t100\t300\t2\t0\t1\t0\t1.0\ttrue\tnil\tnil\tnil" }, r.lines)
	assert.same({}, r.errors)
end)

it("learns of the values of events by itself, tells of what is outside, and asks for a group once, until it may be another", function()
	local r = replay { packets = responses { { 5, 100 }, { 7, 300 }, { 8, 200 }, { 6, 9 }, { 6, 201 } }, events = "none", code = [[
local known = ranges.new {}
known:count {
	on = "modbus.response", where = "values and address", key = { "resp_h", "unit" }, place = "address", values = "values",
	group = function(e) print("group", e.unit) return 3 end,
	outside = function(e) print("outside", e.values[1], e.values[2], known:outside(3, e.address, e.values)) end,
}
known:count { on = "modbus.response", key = { "unit" }, values = "values", group = function() end, outside = print }
local n = 0
on("modbus.response", function(e)
	n = n + 1
	if n == 2 then
		print(e.ts == known:news(), known:news(), known:get(3, 11).high)
		known:mode "detecting"
	elseif n == 4 then
		known:mode "off"
	end
end)
on("finish", function() print(#known, known:get(3, 10).n, known:get(3, 11).n, known:get(3, 11).writes) end)]] }
	assert.same({ "group\t1", "true\tnil\t300", "group\t1", "outside\t8\t200\t1", "outside\t6\t9\t2", "2\t2\t2\t0" }, r.lines)
	assert.same({}, r.errors)
end)

it("looks at one event of a key in each span, of what is read all the time", function()
	local r = replay { packets = responses { { 1, 9 }, { 2, 9 }, { 3, 9 }, { 4, 9 }, { 5, 9 }, { 6, 9 } }, events = "none", code = [[
local known = ranges.new {}
known:count {
	on = "modbus.response", where = "values and address", key = { "resp_h" }, place = "address", values = "values", once = "4s",
	group = function() return 1 end, outside = function(e) print("outside", e.values[1]) end,
}
on("modbus.response", function(e)
	print(e.values[1], known:get(1, 10).n)
	if e.values[1] == 4 then known:mode "detecting" end
end)]] }
	assert.same({ "1\t1", "2\t1", "3\t2", "4\t2", "outside\t5", "5\t2", "6\t2" }, r.lines)
	assert.same({}, r.errors)
end)

it("passes over what it was told to until something is learned there, or anew", function()
	local r = run [[
known:add(1, 0, 5)
local function look() print(known:outside(1, 0, 6)) end
look() known:pass(1, 0) known:pass(9, 9) look() known:anew() look() known:pass(1, 0) look() known:add(1, 0, 4.5) look()
local low = known:get(1, 0)
print(low.low, low.high)]]
	assert.same({ "1", "nil", "1", "nil", "1", "4.5\t5" }, r.lines)
end)

it("gives what has news, and at the end all that was seen again", function()
	local r = run [[
local function take(all)
	local got = {}
	for group, place, r in known:take(all) do got[#got + 1] = group .. "/" .. place .. "=" .. r.n end
	print(table.concat(got, " "))
end
for i = 1, 64 do known:add(1, 3, 7, true) known:add(2, 4, 7) end
take() take()
known:add(2, 4, 7) known:add(1, 3, 8, true)
take() take(true) take(true)
print(known:get(1, 3).ups, known:get(1, 3).downs, known:get(1, 3).writes)]]
	assert.same({ "1/3=64 2/4=64", "", "1/3=65", "2/4=65", "", "1\tnil\t65" }, r.lines)
end)

it("takes back what it gave, and whatever else a row holds", function()
	local r = run [[
local given = { low = 1, high = 2.5, n = 40, writes = 3, rises = 1, falls = 2, swings = 4.5, at_top = false, hand = true, ups = 2,
	downs = 1 }
known:put(1, 3, given)
local got = known:get(1, 3)
local same = true
for name, value in sorted(given) do same = same and got[name] == value and math.type(got[name]) == math.type(value) end
print(same, #known)
known:put(1, 3, { low = 0 / 0, high = 1 / 0, n = -3, writes = 1e300, swings = "2" })
got = known:get(1, 3)
print(got.n, got.writes, got.swings, got.hand, known:add(1, 3, 2))]]
	assert.same({ "true\t1", "0\t9007199254740992\t2.0\tnil\ttrue" }, r.lines)
end)

it("is bounded, and says so in stats", function()
	local r = replay { packets = { udp("10.0.0.1:1", "10.0.0.2:9", "x") }, events = "none", code = [[
local known = ranges.new { max = 3 }
for i = 1, 5 do known:add(1, i, i) end
print(#known, known:get(1, 4))
on("stats", function(e) print(e.store_evicted) end)]] }
	assert.same({ "3\tnil", "2" }, r.lines)
end)

it("refuses what makes no sense", function()
	for code, message in pairs {
		["known:add(-1, 0, 1)"] = "a group is 0 to", ["known:add(1, -1, 1)"] = "a place is no less than 0",
		["known:add(1, 0, {})"] = "oto.numbers expected", ["known:outside(1, 0, 1, 0)"] = "positions count from 1",
		["known:put(1, 0, 5)"] = "table expected", ["known:put(1, 0, { low = {} })"] = "number expected",
		["ranges.new { max = 0 }"] = "max is a whole number from 1 to", ["ranges.new { mast = 1 }"] = "did you mean",
		["known:mode 'on'"] = "invalid option",
		["known:count { on = 'conn', key = {}, values = 'orig_p' }"] = "needs key = a list",
		["known:count { on = 'conn', key = { 'uid' }, values = 'orig_p', once = -1 }"] = "once is a time span",
		["known:count { on = 'conn', key = { 'uid' } }"] = "needs values = a field",
		["known:count { on = 'conn', key = { 'uid' }, values = 'orig_p' }"] = "needs group = function",
		["known:count { on = 'conn', key = { 'uid' }, values = 'orig_q', group = print, outside = print }"] = "has no field orig_q",
	} do
		assert.has_error(function() run(code) end, message)
	end
end)

it("does not hold values beyond their event", function()
	local r = replay { packets = responses { { 1, 2 }, { 3, 4 } }, events = "none", code = [[
local known, kept = ranges.new {}, nil
on("modbus.response", function(e)
	if kept then known:add(1, 0, kept) end
	kept = e.values
end)]] }
	assert.contains("this event is over", r.errors[1])
end)
