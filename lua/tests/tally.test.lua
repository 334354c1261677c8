-- Counting by key in C: what is new, what was counted, gaps, bounds, and what is refused.

local READ = unhex "0001 0000 0006 01 03 0000 0003"

-- One request a second.
local function polling(n)
	local turns = {}
	for i = 1, n do turns[i] = { ">", READ } end
	local packets = tcp("10.0.0.1:1025", "10.0.0.2:502", table.unpack(turns))
	for i, frame in ipairs(packets) do packets[i] = { frame, at = i } end
	return packets
end

local COUNT = [[
local t = tally.new { keys = 2, sum = { "code" }, gaps = true }
t:count { on = "ot.operation", where = { op = "read" }, key = { "client", "func" }, sum = { "func_code" },
	new = function(e) print("new", e.client, e.func) end }
local function take()
	for client, func, row in t:take() do
		print(client, func, row.n, row.total, row.code.min, row.code.max, row.gap.n, row.gap.mean)
	end
end
]]

it("tells what is new once, and counts the rest", function()
	local r = replay { packets = polling(10), code = COUNT .. 'on("finish", take)', events = "none" }
	assert.same({ "new\t10.0.0.1\tREAD_HOLDING_REGISTERS", "10.0.0.1\tREAD_HOLDING_REGISTERS\t10\t10\t3.0\t3.0\t9\t1.0" }, r.lines)
	assert.same({}, r.errors)
end)

it("tells what was counted once", function()
	local r = replay { packets = polling(10), code = COUNT .. 'every("6500ms", take) on("finish", take)', events = "none" }
	assert.equal("10.0.0.1\tREAD_HOLDING_REGISTERS\t4\t4\t3.0\t3.0\t3\t1.0", r.lines[2])
	assert.equal("10.0.0.1\tREAD_HOLDING_REGISTERS\t6\t10\t3.0\t3.0\t6\t1.0", r.lines[3])
end)

it("forgets and pauses", function()
	local r = replay { packets = polling(10), code = COUNT .. 'after("6500ms", function() t:clear() end)', events = "none" }
	assert.equal(2, #r.lines)
	r = replay { packets = polling(10), code = COUNT .. 'after("6500ms", function() t:pause() end) on("finish", take)', events = "none" }
	assert.equal("10.0.0.1\tREAD_HOLDING_REGISTERS\t10\t10\t3.0\t3.0\t8\t1.0", r.lines[2])
end)

it("is bounded", function()
	local packets = {}
	for i = 1, 50 do packets[i] = udp("10.0.0.1:" .. 1000 + i, "10.0.0.2:9", "x") end
	local r = replay { packets = packets, events = "none", code = [[
local t = tally.new { keys = 1, max = 10 }
t:count { on = "flow.new", key = { "orig_p" } }
on("finish", function() print(#t) end)]] }
	assert.same({ "10" }, r.lines)
end)

it("refuses fields that the event does not have, with its line", function()
	assert.has_error(function()
		replay { packets = {}, code = 'tally.new({ keys = 1 }):count { on = "ot.operation", key = { "clint" } }' }
	end, "did you mean client")
	assert.has_error(function() replay { packets = {}, code = "tally.new { keys = 11 }" } end, "keys = 1 to 10")
	assert.has_error(function()
		replay { packets = {}, code = 'tally.new({ keys = 2 }):count { on = "ot.operation", key = { "client" } }' }
	end, "a list of 2 fields")
end)

it("lets several scripts declare the same event", function()
	local again = 'event.new { name = "told", doc = "x", { "a", "count", "y" } }\n'
	local r = replay { packets = polling(1), code = again .. again .. 'on("start", function() raise("told", { a = 1 }) end)' }
	assert.equal(1, #r.events.told)
	assert.has_error(function()
		replay { packets = {}, code = again .. 'event.new { name = "told", doc = "x", { "b", "count", "y" } }' }
	end, "registered twice")
end)
