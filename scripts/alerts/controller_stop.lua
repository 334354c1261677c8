-- Somebody stops a controller, its program or a part of it.
require "rule" {
  name = "controller_stop", severity = "critical", category = "restart/stop",
  attack = "T0858 T0814 T0881",
  on = "ot.operation", where = { op = "stop" }, settings = { quiet = "10m" },
  en = { "Controller stopped", "{client} stops {server}: {func} ({protocol}).",
    "What the controller runs is no longer controlled: machines stand still or go on blindly.",
    "Make the process safe, then ask who did it. Start it again only when that is clear." },
  ja = { "コントローラの停止", "{client} が {server} を停止しました: {func} ({protocol})。",
    "制御対象が制御されなくなります。",
    "プロセスの安全を確保し、実施者を確認してから再起動してください。" },
}
