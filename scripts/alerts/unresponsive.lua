-- A device does not answer.
require "rule" {
  name = "unresponsive", severity = "medium", category = "unresponsive", attack = "T0814 T0804",
  on = "ot.outcome", where = { outcome = "no_answer" },
  per = { "client", "server" }, many = 8, within = "5m",
  en = { "Device does not answer",
    "{target} left {value} requests of {source} unanswered within {within} ({protocol}).",
    "The device is off, overloaded, defective, or cut off from the network.",
    "Look at the device and its connection." },
  ja = { "応答なし",
    "{target} が {source} の要求に {within} の間に {value} 回応答しませんでした ({protocol})。",
    "停止、過負荷、故障、またはネットワーク断の可能性があります。",
    "機器と接続を確認してください。" },
}
