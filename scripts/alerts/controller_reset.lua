-- Somebody restarts a controller or takes its state away.
require "rule" {
  name = "controller_reset", severity = "high", category = "restart/stop", attack = "T0816 T0814",
  on = "ot.operation", where = { op = "reset" },
  settings = { quiet = "10m" },
  en = { "Controller reset", "{client} resets {server}: {func} ({protocol}).",
    "The controller starts anew: for that time nothing is controlled, and values and "
      .. "outputs may be lost.",
    "Ask who did it. A device that is reset again and again is under attack or defective." },
  ja = { "コントローラのリセット", "{client} が {server} をリセットしました: {func} ({protocol})。",
    "再起動の間は制御が行われず、値や出力が失われることがあります。",
    "実施者を確認してください。繰り返す場合は攻撃または故障が疑われます。" },
}
