-- answered.lua - who was answered by whom of late: nobody looks for what he works with, though it is silent today (a switch is off, the
-- mirror port loses the answers).
--
--   unless = { require "answered", "orig_h", "resp_h" }  -- of a rule

local answered = state.set { name = "rule.answered", key = { "addr", "addr" }, expire = "7d" }

tally.new { keys = 2, again = "1d" }:count {
  on = "conn", where = "proto in {tcp, udp} and conn_state in {SF, S1, S2, S3, RSTO, RSTR}", key = { "orig_h", "resp_h" },
  new = { answered, "orig_h", "resp_h" },
}

return answered
