-- Ledgers, in C: what a tally counts goes to the accounts of whose it is, and a script hears of those who are not as usual.

-- Calls of a to b, with bytes sent and received, second by second.
local LEDGER = [[
event.new { name = "t.call", doc = "A call.", { "a", "string", "who calls" }, { "b", "string", "who is called" },
	{ "sent", "count", "bytes" }, { "back", "count", "bytes" } }
local t = tally.new { keys = 2, sum = { "sent", "back" } }
t:count { on = "t.call", key = { "a", "b" }, sum = { "sent", "back" } }
local known, asked = {}, 0
local function of(name)
	if name == "nobody" then return nil end
	known[name] = known[name] or { name = name }
	return known[name]
end
local function ledger(more)
	local options = {
		of = t, whose = function(a, b) asked = asked + 1 return of(a), of(b) end,
		one = { "n", 2, "sent", { "sent", "back" } }, other = { "n", 1, "back", { "sent", "back" } }, other_if = "back",
	}
	for name, value in pairs(more or {}) do options[name] = value end
	return ledgers.new(options)
end
local function call(a, b, sent, back) raise("t.call", { a = a, b = b, sent = sent, back = back }) end
local at = 0
local function second(calls, f)
	at = at + 1
	after(at, function() for _, c in ipairs(calls) do call(table.unpack(c)) end end)
	after(at + 0.5, f)
end
local function show(next)
	local out = {}
	for account, n, others, sent, both in next do
		out[#out + 1] = account.name .. string.format(" %d %d %d %d", n, others, sent, both)
	end
	print(table.concat(out, ", "))
end
]]

-- What a timer raises is counted when the next packet comes.
local function run(code)
	local packets = {}
	for i = 1, 80 do packets[i] = { udp("10.0.0.1:1", "10.0.0.2:9", "x"), at = i / 4 } end
	local r = replay { packets = packets, events = "none", code = LEDGER .. code }
	assert.same({}, r.errors)
	return r.lines
end

it("post what is counted to both, until the window is closed", function()
	assert.same({
		"a 2 2 15 22, b 1 1 7 17, c 0 0 0 0", "a 3 2 18 25, b 1 1 7 17, c 0 0 0 0, d 1 1 1 1", "", "a 1 1 2 6, b 1 1 4 6", "4\t4",
	}, run [[
local l = ledger()
second({ { "a", "b", 10, 7 }, { "a", "c", 5, 0 }, { "nobody", "nobody", 1, 1 } }, function() l:take() show(l:each()) end)
second({ { "a", "c", 3, 0 }, { "d", "nobody", 1, 0 } }, function() l:take() show(l:each()) l:close() end)
second({}, function() l:take() show(l:each()) end)
second({ { "a", "b", 2, 4 } }, function() l:take() show(l:each()) print(asked, #l) end)]])
end)

it("ask again whose it is when a script says so", function()
	assert.same({ "1\t1", "1\t1", "2\t1", "3\t1", "a 1 1 1 1" }, run [[
local l = ledger()
for i = 1, 4 do
	second({ { "a", "nobody", 1, 0 } }, function()
		l:take()
		print(asked, #l)
		if i == 2 then l:anew() elseif i == 3 then l:clear() known = {} elseif i == 4 then show(l:each()) end
	end)
end]])
end)

it("tell who is over a limit, of those who got something", function()
	assert.same({ "a 2 1 20 20, b 2 1 20 20", "", "b 3 1 21 21", "b 4 1 22 22", "a 15 1 23 23", "a 15 1 23 23, b 4 1 22 22", "" }, run [[
local l = ledger()
local inf = math.huge
l:limits(1, inf, inf, inf)
second({ { "a", "nobody", 10, 0 }, { "a", "nobody", 10, 0 }, { "b", "nobody", 10, 0 }, { "b", "nobody", 10, 0 }, { "c", "nobody", 9, 0 } },
	function() l:take() show(l:over()) end)
second({}, function() l:take() show(l:over()) end)
second({ { "a", "nobody", 1, 0 }, { "b", "nobody", 1, 0 } }, function()
	l:limit(of "a", 10, inf, inf, inf)
	l:take()
	show(l:over())
end)
second({ { "b", "nobody", 1, 0 } }, function() l:take() show(l:over()) end)
second({ { "a", "nobody", 1, 0 } }, function()
	l:limits(4, inf, inf, inf)
	l:add(of "a", { 11, 0, 1, 1 })
	l:take()
	show(l:over())
	l:limits(3, inf, inf, inf)
	l:add(of "b", { 0, 0, 0, 0 })
	show(l:over())
	for _ in l:changed() do end
	show(l:changed())
end)]])
end)

local LEARN = [[
local l = ledger { learn = "log", one = { "n", "sent" }, other = { "n", "back" } }
l:habits { least = 4, renew = 4, spread = 0.1, notable = 4, margin = { 0.4, 0.4 }, more = { 3, 10 } }
local function turn(mode, calls, expect)
	local list = {}
	for i = 1, calls do list[i] = { "a", "nobody", 10, 0 } end
	second(list, function()
		for account, x, unusual in l:turn(mode) do
			print(account.name, string.format("%.2f", x[1]), unusual and table.concat({ unusual.column, unusual.windows, unusual.value,
				string.format("%.1f %.0f %s", unusual.mean, unusual.far, unusual.component > 6) }, " "))
		end
	end)
end
]]

it("tell what is beyond all that was learned, and for how long", function()
	assert.same({ "a\t3.04\t1 1 20.0 5.1 8 true", "a\t3.04\t1 2 20.0 5.1 8 true", "a\t3.04\t1 1 20.0 5.1 8 true" }, run(LEARN .. [[
for i = 1, 8 do turn("learning", 4 + i % 3) end
for _, n in ipairs { 5, 20, 20, 8, 20 } do turn("detecting", n) end
turn("off", 50)]]))
end)

it("tell what is notable while they learn, and learn it", function()
	assert.same({ "a\t3.71\tnil", "a\t3.83\t1 1 45.0 5.1 12 true", "9" }, run(LEARN .. [[
for i = 1, 8 do turn("learning", 4 + i % 3) end
turn("learning", 40)
turn("detecting", 45)
second({}, function() for _, text in l:changed() do print(math.tointeger(numbers.sums(2, text):count())) end end)]]))
end)

it("go on from the sums that they told", function()
	assert.same({ "false\ttrue", "a\t3.04\t2 1 200.0 50.0 14 true", "0", "" }, run(LEARN .. [[
local s = numbers.sums(2)
for i = 1, 8 do s:add { math.log(6), math.log(1 + 50) } end
print(l:put(of "a", "short"), l:put(of "a", s:text()))
turn("detecting", 20)
second({}, function()
	local n = 0
	for _ in l:changed() do n = n + 1 end
	print(n)
	l:forget(of "a")
end)
turn("detecting", 20)
second({}, function() print "" end)]]))
end)

it("refuse what is no ledger", function()
	local lines = run [[
local function fails(f, ...) return (select(2, pcall(f, ...))) end
print(fails(ledger, { of = 1 }))
print(fails(ledger, { one = {} }))
print(fails(ledger, { other = { "n" } }))
print(fails(ledger, { other_if = "sunk" }))
print(fails(ledger, { one = { 3, "n", "n", "n" } }))
print(fails(ledger, { whose = 1 }))
print(fails(ledger, { learn = "much" }))
print(fails(ledger, { lern = "log" }))
local l = ledger()
print(fails(ledger))
print((pcall(l.turn, l, "off")), (pcall(l.put, l, {}, "text")), (pcall(l.add, l, {}, { 1 })), (pcall(l.limits, l, 1)),
	(pcall(l.limit, l, 1)))]]
	for i, what in ipairs { "tally", "1 to 16", "as long", "sunk", "no part 3", "function", "much", "lern", "alone" } do
		assert.contains(what, lines[i])
	end
	assert.equal("false\tfalse\tfalse\tfalse\tfalse", lines[10])
end)
