-- cotp_child.lua - a toy that tests what a parent gives its children: a Lua dissector behind COTP. See cotp_child.c, its twin in C.
local oto = require "oto"

local child = oto.analyzer {
  name = "cotp_child_lua", doc = "A toy behind COTP, in Lua", keys = "cotp",
  events = {
    message = { doc = "A message of the toy.",
      { "text", "string", "all of it" },
      { "depth", "u16", "below the transport" },
      log = { name = "cotp_child_lua", form = "detail" },
    },
  },
}

function child.probe(data)
  return data == "on another port" or data == "seen all the same"
end

function child.pdu(cx, data)
  cx:emit("message", { text = data, depth = cx.depth })
end

return child
