-- One client writes to many controllers in a short time.
require "rule" {
  name = "write_many", severity = "high", category = "illegal commands", attack = "T0855",
  on = "ot.operation", where = { category = { "change", "control" } }, off = true,
  per = { "client" }, distinct = "server", many = 10, within = "1m",
  en = { "Writes to many controllers", "{source} changed {value} controllers within {within}.",
    "A central system may do that; otherwise somebody changes all that can be reached.",
    "If {source} is meant to do this, learn the alert; otherwise take it off the network." },
  ja = { "多数のコントローラへの書込み",
    "{source} が {within} の間に {value} 台のコントローラを変更しました。",
    "中央システム以外であれば、到達可能な機器が一斉に変更されている可能性があります。",
    "正当な端末であれば学習し、そうでなければ切り離してください。" },
}
