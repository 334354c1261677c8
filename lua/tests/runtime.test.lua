-- What scripts rely on, seen from outside: a script goes in, its lines and events come out.

local MODBUS = tcp("10.0.0.1:1025", "10.0.0.2:502",
  { ">", unhex "0001 0000 0006 01 03 0000 0003" }, { "<", unhex "0001 0000 0009 01 03 06 0001 0002 0003" },
  { ">", unhex "0002 0000 0006 01 05 0010 ff00" }, { "<", unhex "0002 0000 0006 01 05 0010 ff00" })

local function run(code, more)
  local options = { packets = MODBUS, code = code, events = "none" }
  for k, v in pairs(more or {}) do options[k] = v end
  return replay(options)
end

describe("handlers", function()
  it("get events in order, filtered by a table", function()
    local r = run [[on("modbus.request", { func = 5 }, function(e) print(e.func, e.address, e.orig_h, e.resp_p) end)]]
    assert.same({ "WRITE_SINGLE_COIL\t16\t10.0.0.1\t502" }, r.lines)
  end)
  it("take lists, comparisons and expressions as filters", function()
    assert.equal(2, #run([[on("modbus.request", { func = { 3, "WRITE_SINGLE_COIL" } }, function(e) print(1) end)]]).lines)
    assert.equal(1, #run([[on("modbus.request", { address = { ">", 5 } }, function(e) print(1) end)]]).lines)
    assert.equal(1, #run([[on("modbus.request", "func == 3 and orig_h in 10.0.0.0/8", function(e) print(1) end)]]).lines)
    assert.equal(0, #run([[on("modbus.request", { orig_h = "10.9.0.0/16" }, function(e) print(1) end)]]).lines)
  end)
  it("that hear wildcards ask each event for the fields of all", function()
    local r = replay { packets = MODBUS, events = "none", code = [[
      local with, without = 0, 0
      on("modbus.*", function(e)
        if e.address then with = with + 1 else without = without + 1 end
        if e:event_name() == "modbus.response" then assert(e:raw "address" == nil) end
      end)
      on("finish", function() print(with > 0, without > 0) end)
      on("ot.*", function(e) return e.latncy end)
      on("modbus.request", function(e) return e.exception end)]] }
    assert.same({ "true\ttrue" }, r.lines)
    assert.contains("event ot.operation has no field 'latncy'", r.errors[1])
    assert.contains("event modbus.request has no field 'exception'", r.errors[2])
  end)
  it("are told that somebody asks, before the answer", function()
    local r = run([[
      local heard, written = 0, nil
      on("modbus.request", function() heard = heard + 1 end)
      on("question", function() written = heard end)
      command.new { name = "heard", doc = "How many.", columns = { { "n", "count", "" } },
        run = function() return { { n = written } } end }]], { ask = { { "heard" } } })
    assert.same({}, r.errors)
    assert.equal(2, r.answers[1][1].n)
    assert.contains("takes no filter", run([[print(pcall(on, "question", { func = 3 }, print))]]).lines[1])
  end)
  it("hear wildcards, and can be switched off", function()
    local r = run [[local h h = on("modbus.re*", function(e) print(e:event_name()) h:off() end)]]
    assert.same({ "modbus.request" }, r.lines)
  end)
  it("frame the run", function()
    assert.same({ "first", "last" }, run([[on("finish", function() print "last" end) on("start", function() print "first" end)]]).lines)
  end)
  it("name what is misspelt, with the line of the script", function()
    assert.has_error(function() run '\non("modbus.reqest", print)' end,
      'code:2: on("modbus.reqest"): there is no such event (did you mean modbus.request')
    assert.has_error(function() run 'on("s7comm.function_of", print)' end, "there is no such event; there are s7comm.message, ")
    assert.has_error(function() run [[on("modbus.request", { fun = 5 }, print)]] end, "did you mean func")
    assert.has_error(function() run [[on("modbus.request", { func = "READ_COIL" }, print)]] end, "READ_COILS")
    assert.has_error(function() run [[on("modbus.*", { fun = 5 }, print)]] end, "has no field fun")
    assert.has_error(function() run [[on("mudbos.*", print)]] end, "no event type matches")
    assert.has_error(function() run [[on("modbus.request", nil, print, { "func" }, 1)]] end, "at most four")
    assert.has_error(function() run [[on("modbus.request", print, print)]] end, "what makes events alike is a list of 1 to 8 fields")
    assert.has_error(function() run [[on("modbus.request", print, { "fun" })]] end, "has no field fun (did you mean func")
    assert.has_error(function() run [[echo.write("1m", state.map { name = "m", key = "addr" }, "10.0.0.1")]] end, "a map has no :add()")
    local among = [[state.window { name = "w", key = "string", span = "1m" }:count { on = "conn", key = { "orig_h" }, many = 1,
      reached = print, among = ]]
    assert.has_error(function() run(among .. [[{ state.set { name = "s", key = { "addr", "addr" } }, "orig_h" } }]]) end, "has 2 fields")
    assert.has_error(function() run(among .. [[{ state.set { name = "s", key = "addr" }, "orig_j" } }]]) end, "has no field orig_j")
    assert.has_error(function() run(among .. [[{ "orig_h" } }]]) end, "among = { store, field, ... }")
    assert.has_error(function() run [[echo.write()]] end, "is no time span")
    assert.has_error(function() run [[on("modbus.request", { func = 5 })]] end, "the handler is missing")
  end)
end)

describe("an event", function()
  it("has fields, lists and numbers behind words", function()
    local r = run [[
      on("modbus.request", { func = 3 }, function(e) print(e:raw "func", e.quantity, tostring(e):match "^[%w.]+") end)
      on("modbus.response", { func = 3 }, function(e)
        print(#e.values, e.values[1], e.values[3], e.values[4])
        for i, v in ipairs(e.values) do print(i, v) end
        print(table.concat(e.values:copy(), " "))
      end)]]
    assert.same({ "3\t3\tmodbus.request", "3\t1\t3\tnil", "1\t1", "2\t2", "3\t3", "1 2 3" }, r.lines)
  end)
  it("says which field is meant", function()
    local r = run [[on("modbus.request", function(e) return e.adress end)]]
    assert.equal(2, #r.errors)
    assert.contains("code:1: event modbus.request has no field 'adress' (did you mean address", r.errors[1])
    r = run [[on("modbus.request", function(e) return e.colour end)]]
    assert.contains("has no field 'colour'; it has tid, unit, func, address", r.errors[1])
  end)
  it("has values that name what they do not have", function()
    assert.contains("code:1: an addr has no 'foo'", run([[on("modbus.request", function(e) return e.orig_h.foo end)]]).errors[1])
    assert.contains("code:1: a time has no 'year'", run([[on("modbus.request", function(e) return e.ts:year() end)]]).errors[1])
  end)
  it("tells the line of an error that arose in C", function()
    assert.contains("code:1: unfinished capture", run([[on("modbus.request", function(e) return ("x"):match "(" end)]]).errors[1])
  end)
  it("is over when its handler returns", function()
    local r = run [[local kept, list
      on("modbus.response", { func = 3 }, function(e) kept, list = e, e.values end)
      on("modbus.request", { func = 5 }, function(e) print(pcall(function() return kept.func end))
        print(pcall(function() return list[1] end)) end)]]
    assert.contains("this event is over", r.lines[1])
    assert.contains("this event is over", r.lines[2])
  end)
  it("can be copied, and not changed", function()
    local r = run [[local kept
      on("modbus.response", { func = 3 }, function(e) kept = e:copy() end)
      on("modbus.request", { func = 5 }, function(e) print(kept.func, kept.values[2], kept.orig_h)
        print(pcall(function() e.func = 1 end)) end)]]
    assert.equal("READ_HOLDING_REGISTERS\t2\t10.0.0.1", r.lines[1])
    assert.contains("cannot be changed", r.lines[2])
  end)
  it("can be read in a coroutine", function()
    local r = run [[on("modbus.response", { func = 3 }, function(e) print(coroutine.wrap(function() return e.func,
      e:copy().values[3] end)()) end)]]
    assert.same({ "READ_HOLDING_REGISTERS\t3" }, r.lines)
  end)
end)

describe("values", function()
  local function value(expression) return run("print(" .. expression .. ")").lines[1] end
  it("are addresses that are keys", function()
    assert.equal("true\ttrue\tfalse", value [[addr "10.0.0.1" == addr "10.0.0.1", ({ [addr "::1"] = true })[addr "0:0::1"],
      addr "10.0.0.1" == addr "10.0.0.2"]])
    assert.equal("true\ttrue\tfalse\tipv6\tmac", value [[addr "10.2.0.1":within "10.0.0.0/8", subnet "10.0.0.0/9":contains "10.127.0.1",
      addr "::1":within "10.0.0.0/8",
      addr "::1":family(), mac "00-11-22-AA-bb-cc":family()]])
    assert.equal("10.0.0.2\t10.0.0.10", value [[(function() local t = { addr "10.0.0.10", addr "10.0.0.2" } table.sort(t) return t[1],
      t[2] end)()]])
  end)
  it("are times and intervals", function()
    assert.equal("5400.000000\ttrue\t2.000000", value [[interval "1h30m", interval "10s" > 9.5, time(5) - time(3)]])
    assert.equal("1500000000\ttrue", value [[time(1, 500000000):ns(), time(0, 1) > time(0)]])
    assert.equal("2026-01-31T12:00:01Z\t12:00", value [[(time "2026-01-31T12:00:00Z" + interval "1s"):format(),
      time "2026-01-31 12:00:00":format "%H:%M"]])
    assert.equal("true\tfalse\t0.25", value [[interval(1) == interval "1s", interval(1) == time(1), interval "250ms":seconds()]])
    assert.has_error(function() value [[interval "10 parsecs"]] end, "no time span")
    assert.has_error(function() value [[addr "10.0.0"]] end, "no address")
  end)
end)

describe("timers", function()
  local later = { packets = { MODBUS[1], { MODBUS[2], at = 3 }, { MODBUS[3], at = 3600 } } }
  it("run on packet time and are coalesced over a jump", function()
    local r = run([[every("1s", function(now, missed) print(missed) end)]], later)
    assert.same({ "1", "3596" }, r.lines)
  end)
  it("fire once, or not when cancelled", function()
    assert.same({ "once" }, run([[after("1s", function() print "once" end) after("1s", function() print "never" end):cancel()]],
      later).lines)
  end)
  it("are not called before the time they return, unless they are woken", function()
    local each = { packets = {} }
    for i = 1, 11 do each.packets[i] = { MODBUS[1], at = i - 0.5 } end
    local code = [[local timer = every("1s", function(t) print(t:format "%S") return t + interval "3100ms" end) ]]
    local woken = [[after("6200ms", function() timer:wake() end)]]
    assert.same({ "01", "05", "09" }, run(code, each).lines)
    assert.same({ "01", "05", "07" }, run(code .. woken, each).lines)
  end)
  it("can be made by timers", function()
    assert.same({ "a", "b" }, run([[after("1s", function() print "a" after("1s", function() print "b" end) end)]], later).lines)
  end)
end)

describe("stores", function()
  it("keep sets, maps, counts and windows", function()
    local r = run [[
      local seen, last = state.set { name = "seen", key = { "addr", "port" } }, state.map { name = "last", key = "addr" }
      local n, recent = state.count { name = "n", key = "string" }, state.window { name = "recent", key = "addr", span = "1m" }
      on("modbus.request", function(e)
        print(seen:add { e.orig_h, e.resp_p }, n:add("all"), recent:add(e.orig_h), last:get(e.orig_h))
        last:set(e.orig_h, e.func)
      end)
      on("finish", function() for h, p in seen:pairs() do print(h, p) end print(#seen, n:get "none", seen:remove { "10.0.0.1", 502 },
        #seen) end)]]
    assert.same({ "true\t1\t1\tnil", "false\t2\t2\tREAD_HOLDING_REGISTERS", "10.0.0.1\t502", "1\t0\ttrue\t0" }, r.lines)
  end)
  it("are bounded and expire", function()
    local r = run([[
      local s = state.set { name = "s", key = "int", max = 2, expire = "10s" }
      on("start", function() s:add(1) s:add(2) s:add(3) print(#s, s:evicted(), s:has(1)) end)
      on("finish", function() print(#s) end)]], { packets = { MODBUS[1], { MODBUS[2], at = 100 } } })
    assert.same({ "2\t1\tfalse", "0" }, r.lines)
  end)
  it("keep keys and values of every kind", function()
    local r = run [[local s = state.map { name = "s", key = { "any", "any" } }
      local keys = { true, 5, -1, 0.5, "", "a\0b", addr "10.0.0.1", addr "::1", mac "00:11:22:33:44:55", time(5), interval "1s" }
      for i, k in ipairs(keys) do s:set({ k, i }, { k = k, list = { k, { k } } }) end
      local n = 0
      for k, i, v in s:pairs() do if k == keys[i] and v.k == k and v.list[2][1] == k and s:has { k, i } then n = n + 1 end end
      print(n, #keys, s:has { 5.5, 1 }, pcall(s.set, s, { ("x"):rep(2000), 1 }, 1))]]
    assert.equal("11\t11\tfalse\tfalse\tstore 's': a key has at most 1024 bytes", (r.lines[1]))
  end)
  it("refuse keys of another shape", function()
    local r = run [[local s = state.set { name = "s", key = { "addr", "port" } } print(pcall(s.add, s, { "10.0.0.1" }))
      print(pcall(s.add, s, { 5, 5 }))]]
    assert.contains("has the key (addr, port)", r.lines[1])
    assert.contains("has the key (addr, port)", r.lines[2])
  end)
end)

describe("logs and events of a script", function()
  it("are declared, filtered and raised", function()
    local r = run([[
      local writes = log.new { name = "writes", columns = { { "ts", "time" }, { "client", "addr" }, { "address", "count" }, { "note",
        "string" } } }
      event.new { name = "site.write", doc = "A write.", { "client", "addr", "who" }, { "size", "u16", "how much", optional = true } }
      on("modbus.request", { func = 5 }, function(e)
        writes:write { client = e.orig_h, address = e.address }
        raise("site.write", { client = e.orig_h })
      end)
      on("site.write", function(e) print(e.client, e.size, e.uid) end)
      log.off "conn"]], { logs = true, events = "site.*" })
    assert.equal("10.0.0.1\tnil\t" .. r.events["site.write"][1].uid, r.lines[1])
    assert.equal(1, #r.logs.writes)
    assert.equal("10.0.0.1", r.logs.writes[1].client)
    assert.equal(16, r.logs.writes[1].address)
    assert.same({}, r.logs.conn or {})
  end)
  it("are checked by name", function()
    assert.has_error(function() run [[event.new { name = "x.y", { "a", "u17", "" } }]] end, "unknown type 'u17'")
    local r = run [[event.new { name = "x.y", { "size", "u8", "" } }
      print(pcall(raise, "x.y", { sise = 1 })) print(pcall(raise, "x.y", {})) print(pcall(raise, "x.y", { size = 300 })) print(pcall(raise,
        "x.z", {}))]]
    assert.contains("has no field 'sise' (did you mean size", r.lines[1])
    assert.contains("lacks field 'size'", r.lines[2])
    assert.contains("cannot hold 300", r.lines[3])
    assert.contains("did you mean x.y", r.lines[4])
  end)
  it("may be declared again as they are, and not otherwise", function()
    local again = [[for _ = 1, 3 do
        event.new { name = "x.y", doc = "x", { "a", "u8", "", hex = true }, { "b", "bool", "", optional = true } }
      end
      print(pcall(event.new, { name = "x.y", doc = "x", { "a", "u8", "" } }))
      print(pcall(event.new, { name = "x.z", doc = "x", { "a", "u8", "", [true] = 1 } }))
      on("x.y", function(e) print(e.a, e:shown "a", e.b) end) on("start", function() raise("x.y", { a = 10 }) end)]]
    local r = run(again, { packets = {} })
    assert.contains("x.y", r.lines[1])
    assert.contains("field 'a' has no '(not a word)'", r.lines[2])
    assert.equal("10\t0x0a\tnil", r.lines[3])
  end)
  it("joins fields of an event to a text, as tostring makes them, or lists them", function()
    local r = replay { packets = { udp("10.0.0.1:1025", "10.0.0.2:9", "x") }, events = "none", code = [[
      event.new { name = "x.y", doc = "An event.", { "a", "double", "a" }, { "b", "string", "b", optional = true }, { "m", "mac", "m" } }
      on("x.y", function(e)
        print(e:joined { "a", "b", "m", "orig_h", "orig_p" }, e:joined {})
        for _, wrong in ipairs { { "c" }, { "raw" }, { 1 }, "a" } do
          print((select(2, pcall(e.joined, e, wrong)):match "no field%w*" or "refused"))
          assert(not pcall(e.listed, e, wrong))
        end
        local list = e:listed { "a", "b", false, "orig_h", "orig_p" }
        print(list[1], list[2], list[3], list[4], list[5], #e:listed {})
      end)
      on("flow.new", function() raise("x.y", { a = 10, m = "00:00:5e:00:53:01" }) end)]] }
    assert.same({
      "10.0 - 00:00:5e:00:53:01 10.0.0.1 1025\t", "no field", "no field", "refused", "refused", "10.0\tnil\tnil\t10.0.0.1\t1025\t0",
    }, r.lines)
  end)

  it("give fields that they may have, before and after these were asked for", function()
    local r = replay { packets = { udp("10.0.0.1:1025", "10.0.0.2:9", "x") }, events = "none", code = [[
      event.new { name = "x.y", doc = "An event.", { "a", "interval", "a" }, { "b", "string", "b", optional = true } }
      on("x.y", function(e)
        for _ = 1, 2 do print(e:value_of "a", e:value_of "b", e:value_of "c", e:value_of "raw", e:value_of "orig_h", e.a, e.b) end
        print(e:shown():match "^a=%S+ ", e:shown():match " orig_h=%S+", e:shown():find("b=", 1, true))
        print(type_of(e.a), type_of(e), type_of(e.orig_h), type_of(e.ts), type_of(e.b), type_of "x")
      end)
      on("flow.new", function() raise("x.y", { a = interval "2s" }) end)]] }
    local values = "2.000000\tnil\tnil\tnil\t10.0.0.1\t2.000000\tnil"
    assert.same({ values, values, "a=2.000000 \t orig_h=10.0.0.1\tnil", "interval\tevent\taddr\ttime\tnil\tstring" }, r.lines)
  end)

  it("are wanted while somebody listens", function()
    local r = run([[event.new { name = "x.y", doc = "x", { "a", "u8", "" } } event.new { name = "x.z", doc = "x", { "a", "u8", "" } }
      on("x.z", function() end)
      on("start", function() print(event.wanted "x.y", event.wanted "x.z", pcall(event.wanted, "x.zz")) end)]], { packets = {} })
    assert.contains("false\ttrue\tfalse", r.lines[1])
    assert.contains("there is no such event (did you mean x.z", r.lines[1])
  end)

  it("cannot raise each other without end", function()
    local r = run [[local n = 0 event.new { name = "x.y", { "a", "u8", "" } }
      on("x.y", function(e) n = n + 1 raise("x.y", { a = 1 }) end) on("modbus.request", function() raise("x.y", { a = 1 }) end)
      on("finish", function() print(n) end)]]
    assert.equal("14", r.lines[1])
  end)
end)

describe("isolation", function()
  it("ends a handler that runs away, whatever it catches", function()
    local r = run([[on("modbus.request", function(e) while true do pcall(function() while true do end end) end end)
      on("modbus.request", function(e) print(e.func) end)]], { instructions = 100000 })
    assert.equal(2, #r.lines)
    assert.contains("budget of 100000 instructions", r.errors[1])
    assert.equal(2, r.stats.over_budget)
  end)
  it("ends a loop in a coroutine", function()
    local r = run([[on("modbus.request", function() coroutine.wrap(function() while true do end end)() end)
      on("modbus.request", function() coroutine.resume(coroutine.create(function() while true do end end)) end)]],
      { instructions = 100000 })
    assert.equal(4, r.stats.over_budget)
  end)
  it("ends what makes things without end at the same place in every run", function()
    local code = [[local n = 0 on("modbus.request", function() while true do n = n + #{ n } end end)
      on("finish", function() print(n) end)]]
    local once = run(code, { instructions = 200000 })
    assert.equal(2, once.stats.over_budget)
    assert.same(once.lines, run(code, { instructions = 200000 }).lines)
  end)
  it("ends a pattern that tries too many ways, and takes the others as they are", function()
    for _, call in ipairs { "find(text, p)", "match(text, p)", "gmatch(text, p)()", "gsub(text, p, '')" } do
      local r = run([[local text, p = ("a"):rep(3000), ".-.-.-.-.-b"
        on("modbus.request", function() string.]] .. call .. [[ end)
        on("modbus.request", function() pcall(string.rep, "") pcall(string.find, text, p) print "caught" end)]])
      assert.same({}, r.lines)
      assert.contains("budget of 10000000 instructions for one call is spent by string." .. call:match "%a+", r.errors[1])
    end
    local r = run [[local text = ("key = value; "):rep(900)
      on("modbus.request", function() print(select(2, text:gsub("(%w+)%s*=%s*(%w+);%s?", "%2")), text:find "%f[%w]value%f[%W]",
        text:match "^(%w+).-%1", text:match "^%s*(.-)%s*$" == text:sub(1, -2), (text:gsub("%b=;", "")):len()) end)]]
    assert.same({}, r.errors)
    assert.equal("900\t7\tkey\ttrue\t4500", (r.lines[1]:gsub("%s+", "\t")))
  end)
  it("ends an LPeg match that tries too many ways", function()
    for _, pattern in ipairs {
      [[lpeg.P { "S", S = "a" * lpeg.V "S" * "b" + "a" * lpeg.V "S" * "c" + "a" }]], -- each depth twice
      [[re.compile "S <- 'a' S 'b' / 'a' S 'c' / 'a'"]],
      [[lpeg.P { ("a" * lpeg.V(1)) ^ 0 * "b" + "a" * lpeg.V(1) }]],
      [[(#(#(lpeg.P "a" ^ 0) * lpeg.P(1)) ^ 0 * lpeg.P(1)) ^ 0]], -- looks ahead to the end from everywhere
      [[(#((lpeg.P(1) - "b") ^ 0 * "b") * 1 + 1) ^ 0]], -- so does a loop over a set
    } do
      local r = run([[local lpeg, re = require "lpeg", require "re"
        local p = ]] .. pattern .. [[
        on("modbus.request", function() p:match(("a"):rep(150)) p:match(("a"):rep(60000)) end)
        on("modbus.request", function() pcall(p.match, p, ("a"):rep(150)) pcall(p.match, p, ("a"):rep(60000)) print "caught" end)]])
      assert.same({}, r.lines)
      assert.contains("budget of 10000000 instructions for one call is spent by LPeg", r.errors[1])
    end
    local r = run [[local re = require "re" -- alone
      on("modbus.request", function() re.match(("a"):rep(150), "S <- 'a' S 'b' / 'a' S 'c' / 'a'") end)]]
    assert.contains("is spent by LPeg", r.errors[1])
  end)
  it("takes other LPeg patterns as they are", function()
    local r = run [[local lpeg, re = require "lpeg", require "re"
      local P, S, R, V, C, Cc, Cf, Cg, Ct, Cs, Cb, Cmt, Cp = lpeg.P, lpeg.S, lpeg.R, lpeg.V, lpeg.C, lpeg.Cc, lpeg.Cf, lpeg.Cg, lpeg.Ct,
        lpeg.Cs, lpeg.Cb, lpeg.Cmt, lpeg.Cp
      local space, number = S " \t" ^ 0, R "09" ^ 1 / tonumber
      local function op(a, o, b) return o == "+" and a + b or a * b end
      local sum = P { "Sum",
        Sum = Cf(V "Product" * Cg(space * C "+" * V "Product") ^ 0, op),
        Product = Cf(V "Value" * Cg(space * C "*" * V "Value") ^ 0, op),
        Value = space * (number + "(" * V "Sum" * space * ")"),
      }
      local word = C((1 - S " ,") ^ 1)
      local again = Cg(P "=" ^ 0, "open") * "[" * Cmt(C "==" * Cb "open", function(_, i, a, b) return a == b end) * Cp()
      on("modbus.request", function()
        print(sum:match "2 * (3 + 4) + 5", table.concat(Ct(word * ("," * word) ^ 0):match "a,bc,d", "-"), again:match "==[==",
          Cs((P "x" / "yy" + 1) ^ 0):match "axbx", lpeg.match({ "(" * V(1) * ")" + C "x" }, "((x))"), P(-1):match "",
          (P "a" ^ -3 * Cp()):match "aaaa", (R "09" ^ 2):match "1", re.match("k = v", "{%w+} ' '* '=' ' '* {%w+}"),
          re.gsub("a1b22", "[0-9]+", "#"), (P(1) ^ 0):match(("x"):rep(60000)),
          (pcall(function() return P "" ^ 0 end)), (pcall(P, { V(1) * "a" })))
      end)]]
    assert.same({}, r.errors)
    assert.equal("19 a-bc-d 6 ayybyy x 1 4 nil k a#b# 60001 false false", (r.lines[1]:gsub("%s+", " ")))
  end)
  it("bounds memory and names who holds it", function()
    local r = run([[local t = {} on("modbus.request", function(e) for i = 1, 1e6 do t[i] = ("x"):rep(10000) .. i end end)]],
      { memory = 16 << 20 })
    assert.contains("memory limit of 16777216 bytes is reached; the most is held by code", r.errors[1])
  end)
  it("ends the script that holds the most, and the others go on", function()
    local r = replay { packets = MODBUS, scripts = { "data/hoards.lua" }, memory = 8 << 20, events = "none",
      code = [[local n = 0 on("modbus.*", function(e) n = n + 1 end) on("finish", function() print(n) end)]] }
    assert.equal(1, #r.errors)
    assert.matches("the most is held by .*hoards.lua %(%d+ bytes%), which is ended", r.errors[1])
    assert(tonumber(r.lines[1]) >= 8)
  end)
  it("keeps the machine out of reach and globals strict", function()
    for _, code in ipairs { "os.time()", "io.open('x')", "debug.getinfo(1)", "load('x')", "math.random()", "string.dump(print)",
      "setmetatable({}, { __gc = print })",
      "require '../x'", "('x'):rep(1e9)", "undefined_thing()", "getmetatable('').__index.x = 1" } do
      assert.has_error(function() run(code) end, "code:1:")
    end
    assert.has_error(function() run "prnt(1)" end, "did you mean print")
  end)
  it("gives each script its own globals", function()
    local r = replay { packets = {}, code = "print(pcall(function() return shared end))", scripts = { "data/sets_global.lua" },
      events = "none" }
    assert.contains("undefined global 'shared'", r.lines[1])
  end)
  it("gives each script its own libraries and modules", function()
    local r = replay { packets = {}, scripts = { "data/spoils.lua" }, events = "spoils.*", code = [[
      local counts = require "tests.data.counts"
      print(string.upper "x", utf8.char(65), counts.upper "x", counts.spoilt, counts.add())
      print(rawget(_G, "count"), rawget(_G, "utf8") == utf8, rawget(_G, "_G") == _G, require "tests.data.counts" == counts,
        type(require "oto".analyzer))
      print(pcall(string.upper))]] }
    assert.same({ "X\tA\tX\tnil\t1", "nil\ttrue\ttrue\ttrue\tfunction" }, { r.lines[1], r.lines[2] })
    assert.matches("bad argument #1", r.lines[3])
    assert.equal(2, r.events["spoils.said"][1].n)
  end)
  it("lets no script change what things of all can do", function()
    local r = run [[local things = { state.set { name = "a", key = "addr" }, tally.new { keys = 1 }, every("1s", print), on("start", print),
        log.new { name = "l", columns = { { "a", "string" } } }, addr "10.0.0.1", time(5), interval(5), subnet "10.0.0.0/8", "text" }
      for _, thing in ipairs(things) do print(getmetatable(thing)) end]]
    assert.equal(("false "):rep(10), table.concat(r.lines, " ", 1, 10) .. " ")
  end)
  it("shows in _G all that a script was given, and forgets what it gives away", function()
    local r = run [[print = print tostring = nil
      local names, all = {}, _G
      for name in pairs(all) do names[#names + 1] = name end
      print(#names > 40, all.string == string, rawget(all, "tostring"), pcall(function() return tostring end))
      own = 1
      print(own, all.own, getmetatable(all), pcall(setmetatable, all, {}))]]
    assert.matches("^true\ttrue\tnil\tfalse\tcode:%d+: undefined global 'tostring'", r.lines[1])
    assert.matches("^1\t1\tfalse\tfalse\tcannot change a protected metatable", r.lines[2])
  end)
  it("says when a module needs itself, and where a module is wrong", function()
    assert.has_error(function() run [[require "tests.data.requires_itself"]] end,
      'requires_itself.lua:1: require "tests.data.requires_itself": it is still being loaded')
    assert.contains("tests/data/counts.lua:8:",
      run [[local c = require "tests.data.counts" c.spoil() print(pcall(c.upper, {}))]].lines[1])
  end)
  it("caps what patterns may chew", function()
    assert.has_error(function() run [[(("x"):rep(100000)):find("x-y")]] end, "at most 65536 bytes")
    assert.has_error(function() run [[local lpeg = require "lpeg" lpeg.match(lpeg.P "x", ("x"):rep(100000))]] end, "at most 65536 bytes")
  end)
  it("has pairs in order and texts without addresses", function()
    assert.same({ "true", "1", "3", "a", "b" }, run([[for k in pairs { b = 1, [3] = 1, a = 1, [1] = 1, [true] = 1 } do
      print(k) end]]).lines)
    assert.equal("table\tfunction", run([[print({}, print)]]).lines[1])
  end)
end)
