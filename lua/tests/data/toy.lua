-- toy.lua - a protocol for tests: 'T', length, command, then data; over UDP and TCP port 7777.
local oto = require "oto"

local COMMANDS = {
  [1] = { "get", op = "read" }, [2] = { "put", op = "write", doc = "changes a value" }, [3] = "noop", [8] = "hoard", [9] = "crash",
  [10] = "load",
}

local toy = oto.analyzer {
  name = "toy", doc = "A toy protocol.", ports = { udp = { 7777 }, tcp = 7777 }, pairing = { expire = "2s" },
  events = {
    message = {
      doc = "One message.", log = { name = "toy", columns = { "command", "size" } },
      { "command", "u8", "what", names = COMMANDS },
      { "size", "u16", "bytes of data" },
      { "text", "string", "data", optional = true },
      { "words", "u16[]", "data as words", optional = true },
    },
    count = { doc = "How many so far on this flow.", { "n", "u32", "messages" } },
    lost = { doc = "A request that nobody answered.", { "text", "string", "its data" } },
  },
}

function toy.probe(data)
  if #data < 1 then return nil end
  return data:byte() == 0x54
end

function toy.pdu_len(data)
  if #data < 2 then return 0 end
  return data:byte() == 0x54 and data:byte(2) >= 3 and data:byte(2) or false
end

function toy.pdu(cx, data)
  local length, command, pos = (">x B B"):unpack(data)
  local text = (">c" .. length - 3):unpack(data, pos)
  if command == 8 then for i = 1, 1e7 do cx.flow[i] = {} end end
  if command == 9 then error "as asked" end
  if command == 10 then
    cx:program { direction = "download", result = text == "" and "complete" or text, kind = "cells", name = "A1", size = 3 }
  end
  if command == 3 then kept_global = 1 end
  cx.flow.n = (cx.flow.n or 0) + 1
  if cx.is_orig then
    cx:request(7, { command = command, text = text, n = cx.flow.n, f = 0.5, ok = true, [1] = -1 })
    cx:operation { command = COMMANDS[command], func_code = command, target = { space = "cell", first = 5, count = 2 }, unit = 4 }
  else
    local m = cx:response(7)
    local note = m.note
    cx:outcome(m, text == "bad" and "refused" or nil, { command = COMMANDS[command] })
    if m.found then cx:weird("note", table.concat({ note.command, note.text, note.n, note.f, tostring(note.ok), note[1] }, " ")) end
    cx:fact("model", text, { confidence = 100, sub = "slot 1" })
  end
  cx:emit("message", { command = command, size = #text, text = text, words = #text % 2 == 0 and text or nil })
  if cx:wanted "count" then cx:emit("count", { n = cx.flow.n }) end
end

function toy.unanswered(cx, note)
  cx:emit("lost", { text = note.text })
end

return toy
