-- A device that was heard before does not answer. A capture of one direction says nothing.
local heard = state.set { name = "rule.heard", key = "addr", expire = "1d" }
local HOURLY = { keys = 2, again = "1h" }
local talks, frames = tally.new(HOURLY), tally.new(HOURLY)
talks:count {
  on = "conn_delta", where = "resp_pkts > 0", key = { "orig_h", "resp_h" },
  new = { heard, "orig_h", "resp_h" },
}
frames:count {
  on = "eth.delta", where = "resp_pkts > 0", key = { "orig_mac", "resp_mac" },
  new = { heard, "orig_mac", "resp_mac" },
}
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
