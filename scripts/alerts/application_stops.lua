-- One client stops several controllers.
require "rule" {
  name = "application_stops", severity = "high", category = "restart/stop", attack = "T0881 T0858",
  on = "ot.operation", where = { op = "stop" },
  per = { "client" }, distinct = "server", many = 3, within = "3h",
  en = { "Several controllers stopped", "{source} stopped {value} controllers within {within}.",
    "Somebody shuts down a part of the plant over the network.",
    "Take {source} off the network unless the shutdown was planned." },
  ja = { "複数コントローラの停止",
    "{source} が {within} の間に {value} 台のコントローラを停止しました。",
    "ネットワーク経由で設備の一部が停止されています。",
    "計画停止でなければ {source} を切り離してください。" },
}
