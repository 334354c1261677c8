-- A controller takes no more connections of clients that work with it.
local takes = state.set { name = "rule.takes", key = { "addr", "addr", "int" }, expire = "7d" }
local served = tally.new { keys = 3, again = "1d" }
served:count {
  on = "ot.operation", where = "transport == tcp and resp_h",
  key = { "orig_h", "resp_h", "resp_p" },
  new = { takes, "orig_h", "resp_h", "resp_p" },
}
require "rule" {
  name = "unreachable", severity = "medium", category = "unresponsive", attack = "T0814 T0816",
  on = "conn", where = "proto == tcp and conn_state in {S0, REJ} and resp_p > 0",
  among = { takes, "orig_h", "resp_h", "resp_p" }, whole = true,
  per = { "resp_h", "resp_p" }, many = 3, within = "2m", usual = true,
  en = { "Controller takes no connections",
    "{target} left {value} connections unanswered within {within}, the last of {source} to port "
      .. "{resp_p}, which it served before.",
    "The controller restarts, is off, overloaded, defective, or cut off from the network.",
    "Look at the controller and its connection, and ask whether somebody restarted it." },
  ja = { "コントローラ接続不可",
    "{target} が {within} の間に {value} 回の接続に応答しませんでした (最新: {source} から"
      .. "ポート {resp_p}、以前は応答あり)。",
    "コントローラの再起動、停止、過負荷、故障、またはネットワーク断の可能性があります。",
    "コントローラと接続を確認し、再起動した人がいないか確認してください。" },
}
