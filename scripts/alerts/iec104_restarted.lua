-- A station tells that it has started.
require "rule" {
  name = "iec104_restarted", severity = "low", category = "restart/stop", attack = "T0816",
  on = "iec104.object", where = "type_id == M_EI_NA_1 and direction == monitor",
  per = { "server", "common_address" }, source = false, target = "server",
  en = { "IEC 104 station restarted",
    "{target}, common address {common_address}, has started anew: {qualifier_name}.",
    "A power failure, maintenance, or somebody who reset it.",
    "Ask why it was restarted; see who sent a reset before." },
  ja = { "IEC 104 ステーションの再起動",
    "{target} (コモンアドレス {common_address}) が再起動しました: {qualifier_name}。",
    "停電、保守、またはリセット操作が考えられます。",
    "再起動の理由と、直前のリセット操作を確認してください。" },
}
