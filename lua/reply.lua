-- reply.lua - is_reply(e): an ot.operation that only a response told of, between two whose requests are seen, too: its request was lost.
--
-- Who asks pays: what requires this counts the operations of all.

local asks = state.set { name = "coverage.asks", key = { "string", "string", "string" }, max = 20000 }
local asked = tally.new { keys = 3, max = 20000 }
asked:count {
  on = "ot.operation", where = "not unmatched", key = { "client", "server", "protocol" },
  new = { asks, "client", "server", "protocol" },
}

return function(e)
  return e.unmatched and asks:has { tostring(e.client), tostring(e.server), e.protocol } or false
end
