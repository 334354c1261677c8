-- Two masters send by turns into one EtherCAT segment, which has one.
require "rule" {
  name = "ethercat_second_master", severity = "critical", category = "unauthorized devices",
  attack = "T0848 T0855",
  on = "ethercat.change", where = "what == second_master", per = { "src_mac", "other_mac" },
  settings = { quiet = "1h" }, source = "src_mac", target = "other_mac",
  en = { "Second EtherCAT master", "{source} sends commands by turns with {target}.",
    "Slaves obey whoever sends: outputs, states and settings can be changed beside the controller.",
    "Find the second one. A cable redundancy that closes the ring at two ports of one "
      .. "controller, or two segments seen by one sensor, explain it as well." },
  ja = { "第二のEtherCATマスタ", "{source} が {target} と交互にコマンドを送信しています。",
    "スレーブは送信元を区別しないため、出力や状態を変更されるおそれがあります。",
    "送信元を特定してください。ケーブル冗長構成でないかも確認してください。" },
}
