-- A Lua dissector is an analyzer like any other: what the toy protocol of data/toy.lua says, whole, in pieces, broken and unanswered.

local TOY = { "data/toy.lua" }
local GET, REPLY = unhex "54 05 01" .. "ab", unhex "54 06 01" .. "val"

local function run(packets, code)
  return replay { packets = packets, scripts = TOY, code = code, logs = true }
end

local function datagrams(...)
  local out = {}
  for i, p in ipairs { ... } do out[i] = udp("10.0.0.1:1025", "10.0.0.2:7777", p) end
  return out
end

describe("a Lua dissector", function()
  it("emits events that handlers, logs and filters know", function()
    local r = run(datagrams(GET), [[on("toy.message", { command = "get", size = 2 }, function(e) print(e.command, e:raw "command",
      e.text, e.words[1], e) end)]])
    assert.same({ "get\t1\tab\t24930\ttoy.message{command=get size=2 text=ab words=24930}" }, r.lines)
    assert.equal("get", r.logs.toy[1].command)
    assert.equal("toy", r.logs.conn[1].service)
  end)
  it("speaks operations, outcomes and facts, paired by the engine", function()
    local r = run(tcp("10.0.0.1:1025", "10.0.0.2:7777", { ">", GET }, { "<", REPLY }))
    local op, out, fact = r.events["ot.operation"][1], r.events["ot.outcome"][1], r.events["asset.fact"][1]
    assert.equal("10.0.0.1 10.0.0.2 toy get read cell:5-6", table.concat({ op.client, op.server, op.protocol, op.func, op.op,
      op.target }, " "))
    assert.equal(4, op.unit)
    assert.equal(op.op_id, out.op_id)
    assert.equal("ok", out.outcome)
    assert.near(0.001, out.latency, 1e-6)
    assert.equal("model=val 10.0.0.2 slot 1 100", ("%s=%s %s %s %d"):format(fact.key, fact.value, fact.ip, fact.sub, fact.confidence))
    assert.equal("1 ab 1 0.5 true -1", r.events.weird[1].addl)
  end)
  it("speaks of transferred programs", function()
    local r = run(datagrams(unhex "54 03 0a", unhex "54 04 0a 78"))
    local p = r.events["program.transfer"][1]
    assert.equal("10.0.0.1 10.0.0.2 toy download complete cells A1 3", table.concat({ p.client, p.server, p.protocol, p.direction, p.result,
      p.kind, p.name, p.size }, " "))
    assert.contains("result is not 'x'", r.errors[1])
  end)
  it("gets whole messages however the stream was cut", function()
    local whole = run(tcp("10.0.0.1:1025", "10.0.0.2:7777", { ">", GET .. GET }, { "<", REPLY }))
    local bytes = {}
    for i = 1, #GET * 2 do bytes[i] = { ">", (GET .. GET):sub(i, i) } end
    bytes[#bytes + 1] = { "<", REPLY }
    local cut = run(tcp("10.0.0.1:1025", "10.0.0.2:7777", table.unpack(bytes)))
    assert.equal(3, #whole.events["toy.message"])
    assert.equal(3, #cut.events["toy.message"])
    assert.equal(3, cut.events["toy.count"][3].n)
  end)
  it("is truncated, not wrong, when the data is too short", function()
    local r = run(datagrams(GET, unhex "54 09 01 61"))
    assert.equal(1, #r.events["toy.message"])
    assert.same({ "toy.truncated" }, r.weirds)
    assert.same({}, r.errors)
  end)
  it("takes back what a failing message said", function()
    local r = run(datagrams(GET, unhex "54 03 09", GET))
    assert.equal(2, #r.events["toy.message"])
    assert.contains("as asked", r.errors[1])
    assert.equal("toy.script_error", r.weirds[1])
  end)
  it("is bounded in memory", function()
    local r = replay { packets = datagrams(unhex "54 03 08", GET, unhex "54 03 08"), scripts = TOY, memory = 8 << 20 }
    assert.contains("memory limit of 8388608 bytes is reached; the most is held by " , r.errors[1])
    assert(#r.errors >= 2)
  end)
  it("has no globals", function()
    local r = run(datagrams(GET, unhex "54 03 03"))
    assert.contains("a dissector has no global variables: write 'local kept_global'", r.errors[1])
  end)
  it("hears of requests without an answer", function()
    local packets = datagrams(GET, GET)
    packets[2] = { packets[2], at = 10 }
    local r = run(packets)
    assert.equal("ab", r.events["toy.lost"][1].text)
    assert.equal("no_answer", r.events["ot.outcome"][1].outcome)
  end)
end)

describe("a declaration", function()
  local function load(code) return replay { code = "local oto = require 'oto'\n" .. code, packets = {}, events = "none" } end
  it("is checked by name", function()
    assert.has_error(function() load "return oto.analyzer { name = 'x', doc = 'x', port = {} }" end, "did you mean ports")
    assert.has_error(function() load "return oto.analyzer { name = 'x', doc = 'x' }" end, "no function pdu")
    assert.has_error(function() load "return oto.analyzer { name = 'x', doc = 'x', events = { m = { { 'a', 'u9', '' } } } }" end,
      "unknown type 'u9'")
    assert.has_error(function()
      load "return oto.analyzer { name = 'x', doc = 'x', events = { m = { { 'a', 'u8', '', names = { { 'w', op = 'reed' } } } } } }"
    end,
      "did you mean read")
    for misspelt, told in pairs {
      ["pairing = { scop = 'pair' }"] = "pairing has no 'scop' (did you mean scope?)",
      ["ports = { tpc = 1 }"] = "ports has no 'tpc'",
      ["ports = { tcp = 70000 }"] = "the number is above 65535",
      ["ports = { tcp = { 7, 7 } }"] = "key tcp/7 is declared twice",
      ["ports = { tcp = 7 }, any_port = true"] = "any port needs a probe",
      ["events = { m = { dok = '', { 'a', 'u8', '' } } }"] = "event x.m has no 'dok' (did you mean doc?)",
      ["events = { m = { { 'a', 'u8', '', optinal = true } } }"] = "field 'a' has no 'optinal' (did you mean optional?)",
      ["events = { m = { { 'a', 'u8', '', names = 7 } } }"] = "names is a table",
      ["events = { m = { { 'a', 'u8', '' }, log = { colums = 'a' } } }"] = "log x has no 'colums' (did you mean columns?)",
      ["ports = { tcp = 7 }, events = { m = { { 'a', 'u8', '' }, log = { columns = 'aa' } } }"] = "there is no field aa",
      ["ports = { tcp = 7 }, events = { m = { { 'a', 'u8', '' }, log = { where = 'b > 1' } } }"] = "x.m has no field b",
    } do
      assert.has_error(function()
        load("local x = oto.analyzer { name = 'x', doc = 'x', " .. misspelt .. " }\nfunction x.pdu() end\nreturn x")
      end, told)
    end
    assert.has_error(function()
      load "local x = oto.analyzer { name = 'x', doc = 'x', ports = { tcp = 7 } } function x.pdu() end function x.pdu_ln() end return x"
    end,
      "analyzer x has no 'pdu_ln' (did you mean pdu_len")
    assert.has_error(function() load "oto.analyzer { name = 'x', doc = 'x' }" end, "ends with 'return'")
    assert.has_error(function() load "on('x', print) return oto.analyzer { name = 'x', doc = 'x' }" end, "a script handles them")
  end)
  it("holds for what is said", function()
    local function said(call)
      local r = replay { packets = datagrams(unhex "54 03 08"), events = "none", code = [[
local oto = require "oto"
local x = oto.analyzer { name = "x", doc = "x", ports = { udp = 7777 }, events = { message = { { "a", "u8", "" } } } }
function x.pdu(cx) ]] .. call .. [[ end
return x]] }
      return r.errors[1]
    end
    assert.contains("x declares no event 'mesage' (did you mean message?)", said 'cx:emit("mesage", { a = 1 })')
    assert.contains("x.message has no field 'b'", said 'cx:emit("message", { b = 1 })')
    assert.contains("field 'a' cannot hold 300 (0 to 255)", said 'cx:emit("message", { a = 300 })')
    assert.contains("an operation has no 'fnc' (did you mean func?)", said 'cx:operation { op = "read", fnc = "x" }')
    assert.contains("a target has no 'nme' (did you mean name?)", said 'cx:operation { op = "read", func = "x", target = { nme = "x" } }')
    assert.contains("a fact has no 'confidenc'", said 'cx:fact("model", "x", { confidenc = 1 })')
    assert.contains("declares no pairing, so nothing is paired: pairing = {", said "cx:request(1)")
  end)
end)
