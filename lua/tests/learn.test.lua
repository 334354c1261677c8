-- The library of learning lists and alerts: rows with wildcards, lists as text, sums that add up, alerts and their life.

local function lines(code)
	local r = replay { packets = {}, code = code, events = "none" }
	assert.same({}, r.errors)
	return r.lines
end

describe("rows", function()
	it("cover with wildcards, networks, ranges and prefixes", function()
		assert.same({ "true", "false", "false", "false", "true", "true", "false", "false" }, lines [[
local rows = require "rows"
local wide = rows.wide()
wide:add "10.0.0.0/8\t*\tREAD_*\t100-200"
local function covers(values) return wide:covering(values, rows.text(values, 4)) ~= nil end
print(covers { addr "10.1.1.1", "x", "READ_COILS", 150 })
print(covers { addr "11.1.1.1", "x", "READ_COILS", 150 })
print(covers { addr "10.1.1.1", "x", "WRITE_COILS", 150 })
print(covers { addr "10.1.1.1", "x", "READ_COILS", 201 })
print(covers { addr "10.1.1.1", nil, "READ_", 100 })
print(rows.covers("10.0.0.5-10.0.0.9\ta", "10.0.0.7\ta"))
print(rows.covers("10.0.0.5-10.0.0.9\ta", "10.0.0.10\ta"))
print(wide:add "10.0.0.1\tREAD-DEVICE-IDENTIFICATION\t502")]])
	end)
	it("keep a line a row whatever the values are", function()
		assert.same({ "10.0.0.1\t-\ta b\\x09c\\x0a\t5" }, lines [[
print(require "rows".text({ addr "10.0.0.1", nil, "a b\tc\n", 5 }, 4))]])
		assert.same({ '"" | \\x5c\\x7f | true | 1.5', "false\tfalse\tfalse" }, lines [[
print((tabbed.text({ "", "\\\127", true, 1.5 }, 4):gsub("\t", " | ")))
print((pcall(tabbed.text, "x", 1)), (pcall(tabbed.text, {}, 33)), (pcall(tabbed.text, {}, -1)))]])
	end)
	it("are parsed for stars alone, and get them", function()
		assert.same({ "10", "1", "1", "0", "2", "nil", "nil", "nil", "nil", "*\tb\t*", "*", "a\t*", "\t", "b", "\tc", "", "false" }, lines [[
for _, line in ipairs {
	"a\t*\tc\t*", "*\t", "*", "a\tb", "S:1-20\t*", "*\tb*", "1-20\t*", "10.0.0.0/8", ("\t"):rep(32),
} do
	print(tabbed.stars(line))
end
for _, of in ipairs { { "a\tb\tc", 5 }, { "a", 1 }, { "a\tb", 2 }, { "\t", 4 } } do print(tabbed.starred(of[1], of[2])) end
for _, of in ipairs { { "a\tb\tc", 2 }, { "\tb\tc", 5 }, { "a", 2 } } do print(tabbed.part(of[1], of[2])) end
print((pcall(tabbed.starred, "a")))]])
	end)
	it("cover whichever wildcards they have, and no longer once they are taken out", function()
		assert.same({ "x\t*\tz\tnil", "x\t*\t1-9\tnil", "x\t*\t1-9\tnil", "*\t*\t*\t*\t*\t*" }, lines [[
local rows = require "rows"
local wide, values = rows.wide(), { "x", "y", "z" }
local function covering(v) return wide:covering(v, rows.text(v, 3)) end
wide:add "x\t*\tz"
print(covering(values), covering { "w", "y", "z" })
wide:add "x\t*\t1-9"
print(covering { "x", "y", 5 }, covering { "x", "y", 10 })
wide:remove "x\t*\tz"
print(covering { "x", "q", 9 }, covering(values))
wide:add "*\t*\t*"
print(covering(values), covering { 1, 2, 3 })]])
	end)
end)

describe("lists as text", function()
	it("come back as they went", function()
		assert.same({ "true", "ann", "true" }, lines [[
local rowfile = require "rowfile"
local text = rowfile.write { { name = "l", columns = { "a", "b" }, rows = {
	["1\t2"] = { who = "ann", when = "2026-01-01T00:00:00Z", why = "new" }, ["3\t4"] = { gone = true, when = "2026-01-02T00:00:00Z" } } } }
local back = rowfile.read(text)
print(rowfile.write(back) == text) print(back[1].rows["1\t2"].who) print(back[1].rows["3\t4"].gone)]])
	end)
	it("merge with the later statement, whichever comes first", function()
		local code = [[
local rowfile = require "rowfile"
local function list(sign, when) return rowfile.read("#list\tl\n#columns\ta\n" .. sign .. "\t1\t# x\t" .. when .. "\t-\n") end
local old, new = list("+", "2026-01-01T00:00:00Z"), list("-", "2026-01-02T00:00:00Z")
local a, b = rowfile.merge(old, new), rowfile.merge(new, old)
print(rowfile.write(a) == rowfile.write(b), a[1].rows["1"].gone)
print(rowfile.merge(list("-", "2026-01-01T00:00:00Z"), old)[1].rows["1"].gone)]]
		assert.same({ "true\ttrue", "nil" }, lines(code))
	end)
	it("of any length", function()
		assert.same({ "4000\ttrue" }, lines [[
local rowfile, rows = require "rowfile", {}
for i = 1, 4000 do rows[string.format("10.0.%d.%d\tx", i // 250, i % 250)] = { who = "ann", when = "2026-01-01T00:00:00Z" } end
local text = rowfile.write { { name = "l", columns = { "a", "b" }, rows = rows } }
local back, n = rowfile.read(text), 0
for _ in sorted(back[1].rows) do n = n + 1 end
print(n, rowfile.write(back) == text)]])
	end)
	it("say which line is wrong", function()
		assert.same({ "false\tline 2: a row begins with + or - and a tab: 10.0.0.1" }, lines [[
print(pcall(require("rowfile").read, "#list\tl\n10.0.0.1\n"))]])
	end)
end)

describe("sums", function()
	it("of two sites are those of one", function()
		assert.same({ "true", "true" }, lines [[
local week = require "week"
local all, one, other = numbers.sums(2), numbers.sums(2), numbers.sums(2)
for i = 1, 40 do
	local x, half = { i % 7, i % 5 }, i % 2 == 0 and one or other
	all:add(x)
	half:add(x)
end
one:merge(other)
print(one:text() == all:text())
local a, b = week.add(week.empty, 9, 100), week.add(week.empty, 9, 300)
local both = week.get(week.merge(a, b), 9)
print(both.n == 2 and both.sum == 400 and both.most == 300)]])
	end)
	it("of an hour are added where they stand in a store", function()
		assert.same({ "true\ttrue", "true\ttrue", "65535\t7\t1.25\t3.5\t19", "false\tfalse\tfalse", "false\tfalse\tfalse\tfalse" }, lines [[
local week = require "week"
local text, store = week.empty, state.map { name = "weeks", key = "string" }
for _, part in ipairs { { 1, 5.5 }, { 168, 7 }, { 1, 2 }, { 9, 100 }, { 9, 300 } } do
	text = week.add(text, part[1], part[2])
	week.add_in(store, "a", part[1], part[2])
end
print(store:get "a" == text, week.get(store:get "a", 9).most == 300)
store:set("s", string.pack("<I2I4fd", 65000, 7, 1.5, 2))
print(store:fold_bytes("s", 1, "<I2I4", "+=", 1000, 9), store:fold_bytes("s", 7, "<fd", "<>", 1.25, 3.5))
print(string.unpack("<I2I4fd", store:get "s"))
store:set("n", 5)
print(store:fold_bytes("s", 12, "<d", "+", 1), store:fold_bytes("n", 1, "<I2", "+", 1), store:fold_bytes("none", 1, "<I2", "+", 1))
print((pcall(store.fold_bytes, store, "s", 0, "<I2", "+", 1)), (pcall(store.fold_bytes, store, "s", 1, "I2", "+", 1)),
	(pcall(store.fold_bytes, store, "s", 1, "<I3", "+", 1)), (pcall(store.fold_bytes, store, "s", 1, "<I2", "|", 1)))]])
	end)
	it("are folded into what a store keeps", function()
		assert.same({ "3.0\t5\t7\t11\tread\t2", "1\t2", "false\tfalse\tfalse", "5" }, lines [[
local store = state.map { name = "rows", key = { "string", "int" } }
store:fold({ "a", 1 }, { time(3), time(4), 6, 10, "read" }, "<>|+=")
store:fold({ "a", 1 }, { time(3.5), time(5), 3, 1, "write", 2 }, "<>|+=+")
local row = store:get { "a", 1 }
print(row[1]:seconds(), math.tointeger(row[2]:seconds()), table.unpack(row, 3))
store:set({ "b", 1 }, { 1 })
store:fold({ "b", 1 }, { 0, 2 }, "+-")
print(table.unpack(store:get { "b", 1 }))
store:set({ "c", 1 }, 5)
print(pcall(store.fold, store, { "c", 1 }, { 1 }, "+"), pcall(store.fold, store, { "b", 1 }, { "x" }, "+"),
	(pcall(store.fold, store, { "b", 1 }, { 1, 1, 1 }, "++")))
print(store:get { "c", 1 })]])
	end)
	it("say what goes together", function()
		assert.same({ "300.0\ttrue\ttrue", "1.00\t2.00\ttrue" }, lines [[
local s = numbers.sums(3)
for i = 1, 300 do local a = (i * 7919 % 101) / 101 s:add { a, 2 * a, (i * 31 % 17) / 17 } end
local m = numbers.sums(3, s:text()):model(0.01)
print(m.n, m.low[1] == 0, m.high[2] == 2 * m.high[1])
local most = 1
for i = 2, 3 do most = m.value[i] > m.value[most] and i or most end
local along = m.vector[most]
print(string.format("%.2f\t%.2f", 1, along[2] / along[1]), math.abs(m.spread[most] ^ 2 - m.value[most]) < 1e-9)]])
	end)
	it("take what is no list of numbers for none", function()
		assert.same({ "false\tfalse\tfalse", "false\tfalse\tfalse\tfalse" }, lines [[
local one = numbers.sums(1)
print((pcall(one.add, one, {})), (pcall(one.add, one, { 1, 2 })), (pcall(one.add, one, { "x" })))
print((pcall(numbers.sums, 17)), (pcall(numbers.sums, 1, "short")), (pcall(one.model, one)), (pcall(one.merge, one, numbers.sums(2))))]])
	end)
	it("know the hours of a plant's week", function()
		assert.same({ "1", "168", "nil\t300.0\t300.0" }, lines [[
local week = require "week"
print(week.cell(time "2026-01-05T00:30:00Z")) print(week.cell(time "2026-01-04T23:30:00Z"))
local text = week.add(week.add(week.empty, 10, 300), 11, 100)
print(week.around(text, 9), week.around(text, 10).most, week.around(text, 11).most)]])
	end)
end)

local READ = unhex "0001 0000 0006 01 03 0000 0003"
local function asks(client, at)
	return { tcp(client .. ":1025", "10.0.0.2:502", { ">", READ }), at = at }
end
local KIND = [[
local alert = require "alert"
local kind = alert.kind { name = "asked", severity = "low", settings = { quiet = "10m", least = 3, span = "2m" },
	en = { "Asked", "{client} asks {server}: {func} {what}", "means", "do" }, ja = { "a", "{client} b", "c", "d" } }
on("ot.operation", function(e) kind { event = e, what = "now" } end)
]]

describe("alerts", function()
	it("are one within their quiet time, and more after it", function()
		local packets = { asks("10.0.0.1", 1), asks("10.0.0.1", 300), asks("10.0.0.1", 800), asks("10.0.0.1", 2000), asks("10.0.0.3", 2001) }
		local r = replay { packets = packets, events = "alert", code = KIND .. [[
on("finish", function() for id in alert.store.alerts:pairs() do print(alert.store.counts:get(id)) end end)]] }
		assert.same({}, r.errors)
		assert.same({ "3", "1", "1" }, r.lines)
		assert.equal("10.0.0.1 asks 10.0.0.2: READ_HOLDING_REGISTERS now", r.events.alert[1].text)
		assert.equal("10.0.0.1", r.events.alert[1].source)
		assert.contains("func=READ_HOLDING_REGISTERS", r.events.alert[1].evidence)
		assert.matches("^code:%d+$", r.events.alert[1].script)
	end)
	it("are not told of what is excluded, switched off or muted", function()
		local function told(more, ...)
			return #replay({ packets = { asks("10.0.0.1", 1), asks("10.0.0.3", 2), ... }, code = KIND .. more, events = "alert" }).events.alert
		end
		assert.equal(1, told 'alert.store.excluded:set({ "asked", "10.0.0.1" }, {})')
		assert.equal(0, told 'alert.store.excluded:set({ "*", "10.0.0.0/24" }, {})')
		assert.equal(0, told('alert.store.settings:set({ "asked", "on" }, false)'
			.. 'on("start", function() raise("alert.changed", { kind = "asked" }) end)'))
		assert.equal(2, told([[after("1h", function() for id in alert.store.alerts:pairs() do
			alert.store.states:set(id, { state = "learned" }) end end)]], asks("10.0.0.1", 4000), asks("10.0.0.3", 9000)))
	end)
	it("of a kind that floods make way for each other, not others for them", function()
		local r = replay { packets = { asks("10.0.0.1", 1) }, events = "none", code = KIND .. [[
on("ot.operation", function()
	local flood = alert.kind { name = "flood", severity = "low", en = { "t", "{key}" } }
	for i = 1, 4002 do flood { key = i, source = false, target = false } end
end)
on("finish", function()
	local n, least, other = 0, math.huge, nil
	for _, a in alert.store.alerts:pairs() do
		if a.kind == "flood" then n, least = n + 1, math.min(least, tonumber(a.key)) else other = a.kind end
	end
	print(n, least, other, alert.store.given_up:get "flood", #alert.store.states, #alert.store.counts)
end)]] }
		assert.same({}, r.errors)
		assert.same({ "4000\t3\tasked\t2\t4001\t4001" }, r.lines)
	end)
	it("take their settings as people set them", function()
		assert.same({ "3\t120.000000", "5\t30.000000" }, lines(KIND .. [[
print(kind.least, kind.span)
alert.store.settings:set({ "asked", "least" }, 5) alert.store.settings:set({ "asked", "span" }, "30s")
local again = alert.kind { name = "asked", severity = "low", settings = { least = 3, span = "2m" }, en = kind.en, ja = kind.ja }
print(again.least, again.span)]]))
	end)
	it("say what is wrong with their declaration", function()
		assert.has_error(function() lines 'require("alert").kind { name = "x", severity = "grave" }' end, "severity is info, low")
		assert.has_error(function() lines 'require("alert").kind { name = "x", severity = "low", en = {} }' end, "the last two as you like")
	end)
end)

describe("words", function()
	it("say spans and amounts as people do", function()
		assert.same({ "2 min|2 min 10 s|10 s|1.5 s|250 ms|1 h|2 h 5 min|1 d 1 h|0 s|-2 min|59 s|1 min",
			"2分10秒|2日", "1.2 MB|999 bytes|12 kB|0 bytes" }, lines [[
local words = require "words"
local out = {}
for i, s in ipairs { 120, 130, 10, 1.5, 0.25, 3600, 7503, 90000, 0, -120, 59.2, 59.7 } do out[i] = words.span(s) end
print(table.concat(out, "|"))
print(words.span(interval "129.9998s", "ja") .. "|" .. words.span(interval "2d", "ja"))
print(words.bytes(1234567) .. "|" .. words.bytes(999) .. "|" .. words.bytes(12000) .. "|" .. words.bytes(0))]])
	end)
	it("of texts are in the language of the text", function()
		assert.same({ "within 2 min, often", "2分、頻繁" }, lines [[
local alert = require "alert"
local kind = alert.kind { name = "x", severity = "low", en = { "t", "within {span}, {how}", "m", "d" },
	ja = { "t", "{span}、{how}", "m", "d" } }
on("start", function() kind { key = "k", span = interval "2m", how = { en = "often", ja = "頻繁" } } end)
on("alert", function(e) print(e.text) print(e.text_ja) end)]])
	end)
end)

describe("rules", function()
	it("are silent about what is usual", function()
		local code = [[
require "rule" { name = "x", severity = "low", attack = "T0842", on = "ot.operation", per = { "client" }, usual = true,
	en = { "t", "x", "m", "d" }, ja = { "t", "x", "m", "d" } }
local learn = require "learn"
learn.set_mode("ot_behaviour", "learning")
after(%d, function() learn.set_mode("ot_behaviour", "detecting") end)]]
		local function told(till)
			local packets = { asks("10.0.0.1", 1), asks("10.0.0.1", 9000), asks("10.0.0.3", 9001) }
			return #replay({ packets = packets, code = code:format(till), events = "alert" }).events.alert
		end
		assert.equal(2, told(100))
		assert.equal(3, told(99999))
	end)
end)
