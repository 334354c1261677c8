-- Counting by key in C: what is new, what was counted, gaps, bounds, and what is refused.

local READ = unhex "0001 0000 0006 01 03 0000 0003"

-- One request a second.
-- A FINS memory area read (0101) of DM 0.
local FINS_READ = unhex "80 00 02 00 09 00 00 01 00 01 01 01 82 00 00 00 00 01"

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

it("goes on behind a key whose first part is absent", function()
	local r = replay { packets = polling(3), events = "none", code = [[
local t = tally.new { keys = 2 }
t:count { on = "ot.operation", key = { "unit", "func" } }
t:count { on = "ot.operation", key = { false, "func" } }
t:count { on = "ot.operation", key = { "op", false } }
on("finish", function() for first, func, row in t:take() do print(first, func, row.n) end end)]] }
	assert.same({ "1\tREAD_HOLDING_REGISTERS\t3", "false\tREAD_HOLDING_REGISTERS\t3", "read\tnil\t3" }, r.lines)
	assert.same({}, r.errors)
end)

it("passes over at once what cannot be as many as are asked for, and counts anew", function()
	local r = replay { packets = polling(10), events = "none", code = COUNT .. [[
after("6500ms", function() for _ in t:take { least = 20 } do print "never" end end)
on("finish", take)]] }
	assert.same({ "new\t10.0.0.1\tREAD_HOLDING_REGISTERS", "10.0.0.1\tREAD_HOLDING_REGISTERS\t6\t10\t3.0\t3.0\t6\t1.0" }, r.lines)
end)

it("says the earliest time as the first, in whatever order copies came", function()
	local packets = polling(3)
	packets[#packets - 1].at = packets[#packets - 2].at - 0.5
	packets[4].at = packets[5].at + 0.25
	local r = replay { packets = packets, events = "none", code = [[
local t = tally.new { keys = 1 }
t:count { on = "ot.operation", key = { "client" } }
local least
on("ot.operation", function(e) least = least and least < e.ts and least or e.ts end)
on("finish", function() for _, row in t:take() do print(row.n, row.first == least) end end)]] }
	assert.same({ "3\ttrue" }, r.lines)
end)

it("counts among those that a store knows", function()
	local function heard(known)
		return replay { packets = polling(2), events = "none", code = [[
local known, t = state.map { name = "known", key = "addr" }, tally.new { keys = 1 }
on("start", function() known:set("]] .. known .. [[", { why = "?" }) end)
t:count { on = "ot.operation", key = { "client" }, among = { known, "server" }, new = function(e) print(e.client) end }
on("finish", function() print(#t) end)]] }.lines
	end
	assert.same({ "10.0.0.1", "1" }, heard "10.0.0.2")
	assert.same({ "0" }, heard "10.0.0.3")
end)

it("counts unless a store knows, by several keys, and by the text of an address", function()
	local function counted(how, ...)
		local known = { ... }
		for i, a in ipairs(known) do known[i] = ("known:add '%s' "):format(a) end
		return replay { packets = polling(2), events = "none", code = [[
local known, t = state.set { name = "known", key = "string" }, tally.new { keys = 1 }
on("start", function() ]] .. table.concat(known) .. [[ end)
t:count { on = "ot.operation", key = { "client" }, ]] .. how .. [[ = { known, "client", "server" } }
on("finish", function() print(#t) end)]] }.lines[1]
	end
	assert.equal("1", counted("among", "10.0.0.1", "10.0.0.2"))
	assert.equal("0", counted("among", "10.0.0.2"))
	assert.equal("0", counted("unless", "10.0.0.1", "10.0.0.2"))
	assert.equal("1", counted("unless", "10.0.0.1"))
end)

it("adds the first of each key to a set, and again", function()
	local function added(again)
		return replay { packets = polling(10), events = "none", code = [[
local seen, pairs_seen = state.set { name = "seen", key = "addr" }, state.set { name = "pairs", key = { "string", "addr" } }
local t = tally.new { keys = 2]] .. again .. [[ }
t:count { on = "ot.operation", key = { "client", "server" }, new = { seen, "client", "server" } }
t:count { on = "ot.operation", key = { "client", false }, new = { pairs_seen, "protocol", "server" } }
local first
on("ot.operation", function(e) first = first or e.ts end)
on("finish", function()
	for a in seen:pairs() do print(a, seen:when(a) == first) end
	for protocol, a in pairs_seen:pairs() do print(protocol, a) end
end)]] }.lines
	end
	assert.same({ "10.0.0.1\ttrue", "10.0.0.2\ttrue", "modbus\t10.0.0.2" }, added "")
	assert.same({ "10.0.0.1\tfalse", "10.0.0.2\tfalse", "modbus\t10.0.0.2" }, added ', again = "2s"')
end)

it("names the fields that a key of its store has", function()
	local function mistake(options)
		return select(2, pcall(replay, { packets = polling(1), events = "none", code = [[
local set, map = state.set { name = "s", key = { "addr", "addr" } }, state.map { name = "m", key = "addr" }
tally.new({ keys = 1 }):count { on = "ot.operation", key = { "client" }, ]] .. options .. " }" }))
	end
	assert.contains("unless = { store, field, ... } has 2 fields for each key", mistake 'unless = { set, "client" }')
	assert.contains("has no field sever (did you mean server", mistake 'new = { set, "client", "sever" }')
	assert.contains("new = function(e), or { set, field, ... }", mistake 'new = { map, "client" }')
end)

describe("every with tallies", function()
	local function spans(options, more)
		return replay { packets = polling(10), events = "none", code = [[
local counted, other = tally.new { keys = 1 }, tally.new { keys = 1 }
counted:count { on = "ot.operation", key = { "client" } }
other:count { on = "ot.operation", key = { "server" } }
local timer = every("2500ms", function()
	for client, row in counted:take() do print(client, row.n) end
	for server, row in other:take() do print(server, row.n) end
end, ]] .. options .. ")\n" .. (more or "") }.lines
	end
	it("is called where enough was counted", function()
		assert.same({ "10.0.0.1\t3", "10.0.0.2\t3", "10.0.0.1\t3", "10.0.0.2\t3" }, spans "{ counted, other, least = 3 }")
		assert.same({ "10.0.0.1\t2", "10.0.0.2\t2" }, { table.unpack(spans "{ counted, other }", 1, 2) })
	end)
	it("else passes over all of them", function()
		assert.same({ "10.0.0.1\t2", "10.0.0.2\t2" }, spans("{ counted, other, least = 9 }", [[
after("7s", function() for client, row in counted:take() do print(client, row.n) end end)
after("7s", function() for server, row in other:take() do print(server, row.n) end end)]]))
	end)
	it("asks for as many as it is told", function()
		assert.same({ "10.0.0.1\t3", "10.0.0.2\t5" }, spans("{ counted, least = 9 }", [[
after("6s", function() timer:least(3) end)
after("8s", function() timer:least(9) end)]]))
	end)
	it("refuses what is none", function()
		assert.has_error(function() replay { packets = polling(1), code = 'every("1s", print, {})' } end, "a list of 1 to 4 tallies")
	end)
end)

it("gives the totals instead of a row", function()
	local r = replay { packets = polling(10), events = "none", code = [[
local t = tally.new { keys = 1, sum = { "code", "none", "unit" } }
t:count { on = "ot.operation", key = { "client" }, sum = { "func_code", false, "func_code" } }
local function take() for client, n, code, none, unit in t:take { totals = true } do print(client, n, code, none, unit) end end
every("6500ms", take)
on("finish", take)]] }
	assert.same({ "10.0.0.1\t4\t12.0\t0.0\t12.0", "10.0.0.1\t6\t18.0\t0.0\t18.0" }, r.lines)
end)

it("passes over what has fewer gaps, which count anew", function()
	local r = replay { packets = polling(10), events = "none", code = [[
local t = tally.new { keys = 1, gaps = true }
t:count { on = "ot.operation", key = { "client" } }
local function take(gaps) for client, row in t:take { gaps = gaps } do print(client, row.n, (row:spread_of "gap")) end end
after("6500ms", function() take(4) end)
after("8500ms", function() take(2) end)
on("finish", function() take(1) end)
print((pcall(take, "x")), (pcall(tally.new { keys = 1 }.take, tally.new { keys = 1 }, { gaps = 1 })))]] }
	assert.same({ "false\tfalse", "10.0.0.1\t2\t2", "10.0.0.1\t4\t4" }, r.lines)
end)

it("has the labels made that rows do not have, once", function()
	local r = replay { packets = polling(10), events = "none", code = [[
local t = tally.new { keys = 2 }
t:count { on = "ot.operation", key = { "client", "func" } }
local function label(client, func) print("made", client, func) return { n = 0 } end
local function take()
	for about, n in t:take { labels = label, totals = true } do
		about.n = about.n + n
		print(about.n)
	end
end
every("6500ms", take)
on("finish", take)]] }
	assert.same({ "made\t10.0.0.1\tREAD_HOLDING_REGISTERS", "4", "10" }, r.lines)
end)

it("takes nothing more of a tally that is cleared meanwhile", function()
	local r = replay { packets = polling(10), events = "none", code = [[
local t = tally.new { keys = 1 }
t:count { on = "ot.operation", key = { "client" } }
t:count { on = "ot.operation", key = { "server" } }
local function label() t:clear() return {} end
on("finish", function()
	for about in t:take { labels = label, totals = true } do print(about) end
	print(#t, pcall(t:take { labels = label }))
end)]] }
	assert.same({ "0\ttrue\tnil" }, r.lines)
	assert.same({}, r.errors)
end)

it("does not tell of what differs in the loose part only, once a script said so, until it is unsettled", function()
	local packets = {}
	for i, port in ipairs { 1, 1, 2, 1, 2, 1, 1 } do packets[i] = { udp("10.0.0.1:" .. 1000 + i, "10.0.0.2:" .. port, "x"), at = i } end
	local r = replay { packets = packets, events = "none", code = [[
local t = tally.new { keys = 3 }
t:count { on = "flow.new", key = { "orig_h", "orig_p", "resp_p" }, loose = "orig_p", new = function(e)
	print(e.orig_p, e.resp_p)
	if e.orig_p == 1006 then t:unsettle() return "again", false end
	return "port " .. e.resp_p, e.resp_p == 1 and e.orig_p < 1006
end }
on("flow.new", { orig_p = 1005 }, function() t:unsettle() end)
on("finish", function() for _, orig_p, resp_p, row in t:take() do print(orig_p, resp_p, row.label, row.n) end end)]] }
	assert.same({}, r.errors)
	assert.same({
		"1001\t1", "1003\t2", "1005\t2", "1006\t1", "1007\t1", "nil\t1\tport 1\t3", "1003\t2\tport 2\t1",
		"1005\t2\tport 2\t1", "1006\t1\tagain\t1", "1007\t1\tport 1\t1",
	}, r.lines)
	local turns = {}
	for i = 1, 6 do turns[i] = { ">", string.pack(">I2I2I2BBI2I2", i, 0, 6, 1, 3, 10, 2) } end
	r = replay { packets = tcp("10.0.0.1:1025", "10.0.0.2:502", table.unpack(turns)), events = "none", code = [[
local t, other = tally.new { keys = 2 }, tally.new { keys = 1 }
other:count { on = "modbus.request", key = { "unit" } }
t:count { on = "modbus.request", key = { "resp_h", "orig_p" }, loose = "orig_p", new = function(e)
	print(e.tid)
	return "a label", true
end }
on("modbus.request", function(e) if e.tid == 5 then t:unsettle() end end)]] }
	assert.same({ "1", "6" }, r.lines) -- the very same key, too
	assert.has_error(function()
		replay { packets = {}, code = 'tally.new { keys = 1 }:count { on = "flow.new", key = { "orig_h" }, loose = "orig_p" }' }
	end, "loose is a field of its key, or that and a character, as target/: is, and orig_p is none")
end)

it("takes what is before a character of the loose part, once a script said so", function()
	local turns = {}
	for i, read in ipairs { { 3, 10 }, { 3, 20 }, { 3, 30 }, { 1, 10 }, { 3, 40 }, { 1, 20 }, { 3, 10 } } do
		turns[i] = { ">", string.pack(">I2I2I2BBI2I2", i, 0, 6, 1, read[1], read[2], 1) }
	end
	local r = replay { packets = tcp("10.0.0.1:1025", "10.0.0.2:502", table.unpack(turns)), events = "none", code = [[
local t = tally.new { keys = 3 }
t:count { on = "ot.operation", key = { "client", "target", "category" }, loose = "target/:", new = function(e)
	print(e.target)
	return "label of " .. e.target, e.target == "holding_register:20"
end }
local whole = tally.new { keys = 1 }
whole:count { on = "ot.operation", key = { "client" }, loose = "client/:", new = function(e) return "whole", true end }
on("finish", function()
	for _, target, _, row in t:take() do print(target, row.label, row.n) end
	for client, row in whole:take() do print(client, row.label, row.n) end
end)]] }
	assert.same({}, r.errors)
	assert.same({
		"holding_register:10", "holding_register:20", "coil:10", "coil:20", "holding_register:10\tlabel of holding_register:10\t1",
		"holding_register:\tlabel of holding_register:20\t4", "coil:10\tlabel of coil:10\t1", "coil:20\tlabel of coil:20\t1",
		"10.0.0.1\twhole\t7",
	}, r.lines)
end)

it("tells again of what has rivals, and of what is not done", function()
	local packets = {}
	for i, talk in ipairs { { 1, 0 }, { 1, 20 }, { 2, 21 }, { 1, 22 }, { 1, 33 }, { 1, 44 }, { 2, 45 }, { 2, 46 } } do
		packets[i] = { udp("10.0.0.1:" .. 1000 + i, "10.0.0.2:" .. talk[1], "x"), at = talk[2] }
	end
	local function told(answer, more)
		return replay { packets = packets, events = "none", code = [[
local t, first = tally.new { keys = 2, again = "10s", rivals = 1 }, nil
t:count { on = "flow.new", key = { "orig_h", "resp_p" }, new = function(e)
	first = first or e.ts
	print(e.resp_p .. " at " .. (e.ts - first):seconds())
	return ]] .. answer .. [[

end }
]] .. (more or "") }.lines
	end
	assert.same({ "1 at 0.0", "2 at 21.0", "1 at 33.0", "2 at 45.0" }, told "nil")
	assert.same({ "1 at 0.0", "1 at 20.0", "2 at 21.0", "1 at 33.0", "1 at 44.0", "2 at 45.0" }, told "false")
	assert.same({ "1 at 0.0", "2 at 21.0", "1 at 33.0", "1 at 44.0", "2 at 45.0" }, told("nil", [[
on("flow.new", "resp_p == 1", function(e)
	if (e.ts - first):seconds() == 33 then t:renew(e.orig_h) end
end)]]))
end)

it("has rivals that are one where they differ in nothing that counts", function()
	local packets = {}
	for i = 1, 6 do packets[i] = { udp("10.0.0.1:" .. 1000 + i % 2, "10.0.0.2:9", "x"), at = 100 * i } end
	packets[7] = { udp("10.0.0.1:1000", "10.0.0.3:9", "x"), at = 700 }
	packets[8] = { udp("10.0.0.1:1000", "10.0.0.2:9", "x"), at = 800 }
	local function told(apart)
		return replay { packets = packets, events = "none", code = [[
local t = tally.new { keys = 3, again = "10s", rivals = 1, apart = ]] .. apart .. [[ }
t:count { on = "flow.new", key = { "orig_h", "resp_h", "orig_p" }, new = function(e) print(e.resp_h .. " from " .. e.orig_p) end }]] }.lines
	end
	assert.equal(8, #told(3))
	assert.same({ "10.0.0.2 from 1001", "10.0.0.2 from 1000", "10.0.0.3 from 1000", "10.0.0.2 from 1000" }, told(2))
end)

it("has the hour of a time in its key", function()
	local packets = {}
	for i, at in ipairs { 0, 10, 3600, 3650, 7300 } do packets[i] = { udp("10.0.0.1:" .. 1000 + i, "10.0.0.2:9", "x"), at = at } end
	local r = replay { packets = packets, events = "none", code = [[
local t, first = tally.new { keys = 2 }, nil
t:count { on = "flow.new", key = { "ts/1h", "orig_h" }, new = function(e) first = first or e.ts:ns() // 3600000000000 end }
on("finish", function() for hour, host, row in t:take() do print(hour - first, host, row.n) end end)]] }
	assert.same({ "0\t10.0.0.1\t2", "1\t10.0.0.1\t2", "2\t10.0.0.1\t1" }, r.lines)
	for _, wrong in ipairs { "ts/often", "orig_h/1h", "ts/0s", "nothing/1h" } do
		assert.has_error(function()
			replay { packets = packets, code = 'tally.new { keys = 1 }:count { on = "flow.new", key = { "' .. wrong .. '" } }' }
		end, "flow.new")
	end
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
on("finish", function() print(#t) end)
on("stats", function(e) print(e.store_evicted) end)]] }
	assert.same({ "40", "10" }, r.lines)
end)

it("takes no more than is asked for, the oldest first, and passes over what is little", function()
	local packets = {}
	for i = 1, 6 do packets[i] = { udp("10.0.0.1:" .. 1000 + i, "10.0.0.2:9", "x"), at = i } end
	local code = [[
local t = tally.new { keys = 1 }
t:count { on = "flow.new", key = { "orig_p" } }
on("finish", function()
	for port in t:take { most = 4 } do print(port) end
	for port in t:take { most = 2 } do print("then", port) end
	for port in t:take { least = 2 } do print("never", port) end
	for port in t:take() do print("never", port) end
end)]]
	local r = replay { packets = packets, events = "none", code = code }
	assert.same({ "1001", "1002", "1003", "1004", "then\t1005", "then\t1006" }, r.lines)
end)

it("gives back the label that the script gave to a key", function()
	local r = replay { packets = polling(3), events = "none", code = [[
local t = tally.new { keys = 2 }
t:count { on = "ot.operation", key = { "client", false }, new = function(e) return "row of " .. tostring(e.client) end }
local function take() for client, nothing, row in t:take() do print(client, nothing, row.n, row.label) end end
every("1500ms", take)
on("finish", take)]] }
	assert.equal("10.0.0.1\tnil\t2\trow of 10.0.0.1", r.lines[1])
	assert.equal("10.0.0.1\tnil\t1\trow of 10.0.0.1", r.lines[#r.lines])
end)

it("gives the table that the script made of a key instead of the key", function()
	local r = replay { packets = polling(3), events = "none", code = [[
local t, made = tally.new { keys = 1, gaps = true }, 0
t:count { on = "ot.operation", key = { "client" }, new = function(e) made = made + 1 return { client = e.client } end }
local function take()
	for about, n, gaps, mean, dev, longest in t:take { labels = true, totals = true } do
		about.all = (about.all or 0) + n
		print(tostring(about.client), made, about.all, n, gaps, mean, dev, longest)
	end
	for client, row in t:take { least = 0 } do print(row.label.all) end
end
every("1500ms", take)
on("finish", take)]] }
	assert.same({ "10.0.0.1\t1\t2\t2\t1\t1.0\t0.0\t1.0", "10.0.0.1\t1\t3\t1\t1\t1.0\t0.0\t1.0" }, r.lines)
end)

it("forgets the table of a key that is gone, and has false where none was made", function()
	local packets = {}
	for i = 1, 300 do packets[i] = udp("10.0.0.1:" .. 1000 + i, "10.0.0.2:9", "x") end
	local r = replay { packets = packets, events = "none", code = [[
local kept = setmetatable({}, { __mode = "k" })
local t = tally.new { keys = 1, max = 10 }
t:count { on = "flow.new", key = { "orig_p" }, new = function(e)
	if e.orig_p % 2 == 0 then return nil end
	local about = { port = e.orig_p }
	kept[about] = true
	return about
end }
on("finish", function()
	for about, row in t:take { labels = true } do print(about and about.port, row.label == (about or nil)) end
	for _ = 1, 300000 do local _ = {} end -- makes Lua look for garbage
	local n = 0
	for _ in pairs(kept) do n = n + 1 end
	print(n < 120)
end)]] }
	assert.same({}, r.errors)
	assert.equal("1291\ttrue", r.lines[1])
	assert.equal("false\ttrue", r.lines[2])
	assert.equal("true", r.lines[#r.lines])
end)

it("adds what is known by its label to a store, and leaves the rest", function()
	local packets = {}
	for i = 1, 6 do packets[i] = { udp("10.0.0.1:7", "10.0.0.2:" .. 100 + i % 3, "x"), at = i } end
	local r = replay { packets = packets, events = "none", code = [[
local seen, rows = state.count { name = "seen", key = "string" }, state.map { name = "rows", key = "string" }
local t = tally.new { keys = 1 }
t:count { on = "flow.new", key = { "resp_p" }, new = function(e) return e.resp_p ~= 102 and "to " .. e.resp_p or nil end }
on("finish", function()
	rows:set("to 100", true)
	for port, row in t:take { add_to = seen, known = rows } do print(port, row.n, row.label) end
	print(#seen, seen:get "to 100", seen:get "to 101")
	for port, row in t:take() do print("no more", port) end
	print(pcall(t.take, t, { add_to = rows, known = seen }))
end)]] }
	assert.same({ "101\t1\tto 101", "1\t1\t0" }, { r.lines[1], r.lines[2] })
	assert.contains("wanted are a count and a map", r.lines[3])
end)

it("tells of a key again after a while", function()
	local r = replay { packets = polling(10), events = "none", code = [[
local t = tally.new { keys = 1, again = "3s" }
t:count { on = "ot.operation", key = { "client" }, new = function(e) print(e.ts:format "%S") end }]] }
	assert.same({ "04", "07", "10", "13" }, r.lines)
end)

it("adds up each number of a list, and knows the latest", function()
	local answer = unhex "0001 0000 0009 01 03 06 0007 0002 0005"
	local r = replay { packets = tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", READ }, { "<", answer }), events = "none", code = [[
local t = tally.new { keys = 1, sum = { "value" } }
t:count { on = "modbus.response", key = { "unit" }, sum = { "values" } }
on("finish", function()
	for _, row in t:take() do print(row.n, row.value.n, row.value.min, row.value.max, row.value.latest, row.value.sum) end
end)]] }
	assert.same({ "1\t3\t2.0\t7.0\t5.0\t14.0" }, r.lines)
end)

it("refuses what a row has not", function()
	local r = replay { packets = polling(1), events = "none", code = [[
local t = tally.new { keys = 1 }
t:count { on = "ot.operation", key = { "client" } }
on("finish", function() for _, row in t:take() do print(row.label, row.m) end end)]] }
	assert.equal(1, #r.errors)
	assert(r.errors[1]:find("no 'm'", 1, true), r.errors[1])
end)

it("keeps a row for the time it is to be kept, also when it is the only one", function()
	local packets = {}
	for i, at in ipairs { 1, 2, 3, 20, 21 } do packets[i] = { udp("10.0.0.1:7", "10.0.0.2:" .. 100 + i, "x"), at = at } end
	local r = replay { packets = packets, events = "none", code = [[
tally.new({ keys = 1, expire = "5s" }):count { on = "flow.new", key = { "orig_h" }, new = function(e) print(e.ts:format "%S") end }]] }
	assert.same({ "01", "20" }, r.lines)
end)

it("counts in a window, and tells from many on", function()
	local r = replay { packets = polling(10), events = "none", code = [[
local w = state.window { name = "reads", key = "string", span = "5s" }
local counts = w:count { on = "ot.operation", where = { op = "read" }, key = { "client", "func", "unit" }, many = 3,
	reached = function(e, n) print(e.func, n) end }
after("6500ms", function() counts:many(6) end)
on("finish", function() for key in w:pairs() do print(key) end end)]] }
	assert.same({ "READ_HOLDING_REGISTERS\t3", "READ_HOLDING_REGISTERS\t4", "10.0.0.1 READ_HOLDING_REGISTERS 1" }, r.lines)
end)

it("counts only the first of equal ones", function()
	local packets = {}
	for i = 1, 12 do packets[i] = { udp("10.0.0.1:" .. 1000 + i, "10.0.0.2:" .. 9 + i % 3, "x"), at = i } end
	local r = replay { packets = packets, events = "none", code = [[
local w, ports = state.window { name = "ports", key = "string", span = "1m" }, tally.new { keys = 2 }
w:count { on = "flow.new", key = { "resp_h" }, many = 2, first = ports, first_key = { "resp_h", "resp_p" },
	reached = function(e, n) print(e.resp_p, n) end }]] }
	assert.same({ "11\t2", "9\t3" }, r.lines)
end)

it("counts in no window with another key", function()
	assert.has_error(function()
		replay { packets = {}, code = [[state.window({ name = "x", key = "addr", span = "1s" }):count { on = "flow.new", key = { "orig_h" },
			many = 1, reached = print }]] }
	end, "whose key is one string")
end)

it("refuses fields that the event does not have, with its line", function()
	assert.has_error(function()
		replay { packets = {}, code = 'tally.new({ keys = 1 }):count { on = "ot.operation", key = { "clint" } }' }
	end, "did you mean client")
	assert.has_error(function() replay { packets = {}, code = "tally.new { keys = 11 }" } end, "keys is a whole number from 1 to 10, not 11")
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

-- What many hooks read of an event is looked up at once; hooks behind the sixty-fourth ask by themselves. Both count the same.
local LIKE = [[
local FIELDS = { client = { "client", "func" }, server = { "server", "protocol", "unit" }, target = { "client", "server", "target" } }
local WHERE = { client = "op == read", server = "func_code in 1..4 and not unmatched", target = "target" }
local function count(who)
	for _, name in ipairs { "client", "server", "target" } do
		local key = FIELDS[name]
		local t = tally.new { keys = #key, expire = name == "server" and "40s" or nil }
		local w = state.window { name = name .. who, key = "string", span = "9s" }
		t:count { on = "ot.operation", where = WHERE[name], key = key, new = function(e) print(who, "new", name, e.client) end }
		w:count { on = "ot.operation", where = WHERE[name], key = key, many = 4, reached = function(e, n) print(who, name, n) end }
		on("finish", function() for a, b, c, d in t:take() do print(who, a, b, c, (d or c).n) end end)
		if name == "client" then every("17s", function() t:clear() end) end
	end
end
]]

it("counts the same whether it knew an event like it or not", function()
	local code = { LIKE, 'count("known")\n' }
	for i = 1, 70 do code[#code + 1] = ('on("ot.operation", { func_code = %d }, function() end)\n'):format(200 + i) end
	local packets = polling(60)
	for _, more in ipairs { polling(30), polling(20) } do
		for _, p in ipairs(more) do packets[#packets + 1] = p end
	end
	code[#code + 1] = 'count("asked")\n'
	local r = replay { packets = packets, code = table.concat(code), events = "none" }
	local known, asked = {}, {}
	for _, line in ipairs(r.lines) do
		local which, rest = line:match "^(%a+)\t(.*)$"
		table.insert(which == "known" and known or asked, rest)
	end
	assert.same({}, r.errors)
	assert.is_true(#known > 60)
	assert.same(known, asked)
end)

it("hears handlers that come and go at an event like earlier ones", function()
	local r = replay { packets = polling(6), events = "none", code = [[
local a, b, n = tally.new { keys = 1 }, tally.new { keys = 2 }, 0
a:count { on = "ot.operation", key = { "client" } }
b:count { on = "ot.operation", key = { "client", "server" } }
local first
first = on("ot.operation", function()
	n = n + 1
	print("first", n)
	if n == 3 then on("ot.operation", function() print("second", n) end) end
	if n == 4 then first:off() end
end)]] }
	assert.same({ "first\t1", "first\t2", "first\t3", "second\t3", "first\t4", "second\t4", "second\t4", "second\t4" }, r.lines)
end)

it("tells one number of a sum without a table of all", function()
	local r = replay { packets = polling(4), events = "none", code = [[
local t = tally.new { keys = 1, sum = { "code", "seen" }, gaps = true }
t:count { on = "ot.operation", key = { "client" }, sum = { "func_code", "ts" } }
on("finish", function()
	for _, row in t:take() do
		print(row:total_of "code", row:latest_time_of "seen" == row.seen.max, row:spread_of "gap")
		print(pcall(row.total_of, row, "codes"))
	end
end)
]] }
	assert.equal("12.0\ttrue\t3\t1.0\t0.0", r.lines[1])
	assert.contains("this tally has no sum 'codes'", r.lines[2])
end)

it("gives the first and the last of times instead of their total", function()
	local r = replay { packets = polling(4), events = "none", code = [[
local t = tally.new { keys = 1, sum = { "seen", "code" } }
t:count { on = "ot.operation", key = { "client" }, sum = { "ts", "func_code" } }
on("finish", function()
	for _, n, first, last, code in t:take { totals = true } do print(n, last - first, code) end
end)
]] }
	assert.same({ "4\t3.000000\t12.0" }, r.lines)
end)

it("counts anew what comes back after all of it was forgotten", function()
	local packets = {}
	for i, at in ipairs { 1, 2, 3, 200, 201 } do
		local from = ("10.0.0.%d:1025"):format(i % 2 + 1)
		packets[#packets + 1] = { udp(from, "10.0.0.9:9600", FINS_READ), at = at }
	end
	local r = replay { packets = packets, events = "none", code = [[
local a, b = tally.new { keys = 1, expire = "1m" }, tally.new { keys = 2, expire = "1m" }
a:count { on = "ot.operation", key = { "client" }, new = function(e) print("a", e.client) end }
b:count { on = "ot.operation", key = { "client", "server" }, new = function(e) print("b", e.client) end }]] }
	assert.same({}, r.errors)
	assert.equal(8, #r.lines)
end)

-- Operations that are like an earlier one are counted without being built, as long as nothing but tallies takes them.
it("counts what is said again as what is told", function()
	local answer, write = unhex "0001 0000 0009 01 03 06 0001 0002 0003", unhex "0001 0000 0006 01 06 0000 0001"
	local turns = {}
	for i = 1, 60 do
		turns[#turns + 1] = { ">", i % 17 == 0 and write or READ }
		turns[#turns + 1] = { "<", i % 17 == 0 and write or answer }
	end
	local packets = tcp("10.0.0.1:1025", "10.0.0.2:502", table.unpack(turns))
	for i, frame in ipairs(packets) do packets[i] = { frame, at = i // 2 + (i > 80 and 30 or 0) + (i % 3) / 64 } end
	local code = [[
local all = tally.new { keys = 2, gaps = true }
all:count { on = "ot.operation", key = { "client", "func" } }
local brief = tally.new { keys = 1, expire = "10s" }
brief:count { on = "ot.operation", key = { "func" }, new = function(e) print("new", e.func) end }
local again = tally.new { keys = 1, again = "7s" }
again:count { on = "ot.operation", where = "category == observe", key = { "server" }, new = function(e) print("again", e.packet) end }
local answers = tally.new { keys = 2, sum = { "latency" } }
answers:count { on = "ot.outcome", where = "latency", key = { "func", "outcome" }, sum = { "latency" } }
local faults = tally.new { keys = 1 }
faults:count { on = "ot.outcome", where = "outcome != ok", key = { "func" } }
local function take()
	for client, func, row in all:take() do print(client, func, row.n, row.first, row.last, row.gap.n, row.gap.dev, row.gap.max) end
	for func, row in brief:take() do print(func, row.n, row.total) end
	for server, row in again:take() do print(server, row.n) end
	for func, outcome, row in answers:take() do
		print(func, outcome, row.n, row.latency.sum, row.latency.squares, row.latency.min, row.latency.max, row.latency.latest)
	end
end
every("9s", take)
on("finish", take)
]]
	local counted = replay { packets = packets, code = code, events = "none" }
	local looked_at = replay { packets = packets, events = "none",
		code = code .. 'on("ot.operation", function() end) on("ot.outcome", function() end)' }
	assert.same({}, counted.errors)
	assert.is_true(#counted.lines > 20)
	assert.same(looked_at.lines, counted.lines)
	assert.is_true(counted.stats.calls + 100 < looked_at.stats.calls)
end)

describe("what was counted is folded into rows of a map", function()
	local BEGIN = [[
local t = tally.new { keys = 3, sum = { "code", "unit", "last" } }
t:count { on = "ot.operation", key = { "client", "vlan", "func" }, sum = { "func_code", "unit", "ts" } }
local rows = state.map { name = "rows", key = { "int", "addr", "int", "string" } }
]]
	it("as it is said, and again", function()
		local r = replay { packets = polling(10), events = "none", code = BEGIN .. [[
local asked = 0
local function named(func, minute, nothing) asked = asked + 1 return func:lower() .. minute .. tostring(nothing) end
local function fold()
	t:fold(rows, {
		key = { "last/1d", 1, { 2, 0 }, { 3, "last/1m", 2, named } },
		list = { "first", "last", "hours", "n", "code", { "code", "unit" }, { false, 0.5 }, 3 }, how = "<>|++++=",
	})
	t:clear()
end
every("6500ms", fold)
on("finish", function()
	fold()
	fold()
	for day, client, vlan, name, row in rows:pairs() do
		print(day, client, vlan, name)
		print(row[1]:seconds() // 1, row[2]:seconds() // 1, table.unpack(row, 3))
	end
	print(asked)
end)]] }
		assert.same({}, r.errors)
		local minute = tonumber(r.lines[1]:match("registers(%d+)nil"))
		assert.same({ ("%d\t10.0.0.1\t0\tread_holding_registers%dnil"):format(minute // 1440, minute),
			("%.1f\t%.1f\t%d\t10\t30\t40\t1.0\tREAD_HOLDING_REGISTERS"):format(minute * 60 + 4, minute * 60 + 13,
				1 << minute // 60 % 24),
			"2" }, r.lines)
	end)

	it("unless that cannot be", function()
		local function refused(key, list, why)
			local r = replay { packets = polling(1), events = "none", code = BEGIN .. ([[
on("finish", function()
	t:fold(rows, { key = { %s }, list = { %s }, how = "+" })
end)]]):format(key, list) }
			assert.contains(why, table.concat(r.errors))
		end
		refused("1, 1, 2, 3", "'n'", "part 2 of the key is nil, and nothing is said to stand there")
		refused("'n', 1, {2, 0}", "'n'", "into a key that has other parts")
		refused("'n', 1, {2, ''}, 3", "'n'", "into a key that has other parts")
		refused("'n', 4, {2, 0}, 3", "'n'", "the key of this tally has no part 4")
		refused("'n', 1, {2, 0}, 3", "'codes'", "this tally has no sum 'codes'")
		refused("'n', 1, {2, 0}, 3", "'last/x'", "'x' is no span of time")
		refused("'n', 1, {2, 0}, {3, print}", "'n'", "a key or a list cannot have nil there")
		refused("'n', 1, {2, 0}, {3, function(f) return f:rep(999) end}", "'n'", "has at most 4096 bytes")
	end)

	it("also where a function clears the tally meanwhile", function()
		local r = replay { packets = polling(2), events = "none", code = BEGIN .. [[
on("finish", function()
	t:fold(rows, { key = { "n", 1, { 2, 0 }, { 3, function(f) t:clear() return f end } }, list = { "n" }, how = "+" })
	print(#rows, #t)
end)]] }
		assert.same({}, r.errors)
		assert.same({ "1\t0" }, r.lines)
	end)
end)
