-- A device that was heard before does not answer. A capture of one direction says nothing.
local heard = state.set { name = "rule.heard", key = "addr", expire = "1d" }
local talks, frames = tally.new { keys = 2 }, tally.new { keys = 2 }
talks:count {
  on = "conn_delta", where = "resp_pkts > 0", key = { "orig_h", "resp_h" },
  new = function(e) heard:add(e.orig_h) heard:add(e.resp_h) end,
}
frames:count {
  on = "eth.delta", where = "resp_pkts > 0", key = { "orig_mac", "resp_mac" },
  new = function(e) heard:add(e.orig_mac) heard:add(e.resp_mac) end,
}
every("1h", function() -- who never pauses is new again, and stays remembered
  talks:clear()
  frames:clear()
end)
require "rule" {
  name = "unresponsive", severity = "medium", category = "unresponsive", attack = "T0814 T0804",
  on = "ot.outcome", where = "outcome == no_answer and not unsure",
  among = { heard, "server" }, whole = true, per = { "client", "server" }, many = 8, within = "5m",
  en = { "Device does not answer",
    "{target} left {value} requests of {source} unanswered within {within} ({protocol}).",
    "The device is off, overloaded, defective, or cut off from the network.",
    "Look at the device and its connection." },
  ja = { "応答なし",
    "{target} が {source} の要求に {within} の間に {value} 回応答しませんでした ({protocol})。",
    "停止、過負荷、故障、またはネットワーク断の可能性があります。",
    "機器と接続を確認してください。" },
}
