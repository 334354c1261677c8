-- Many points of a station become invalid at once.
require "rule" {
  name = "iec104_invalid", severity = "medium", category = "operational issues",
  attack = "T0815 T0829",
  on = "iec104.object", where = "direction == monitor and invalid and cause_tx == spontaneous",
  per = { "server", "common_address" }, distinct = "info_obj_addr", many = 20, within = "1m",
  settings = { quiet = "1h" }, source = false, target = "server",
  en = { "IEC 104 points become invalid",
    "{value} points of {target}, common address {common_address}, became invalid within {within}.",
    "The station lost what is behind it: a field device, its bus or its supply, or somebody cut "
      .. "them off.",
    "Look at the station and what it is connected to; the process is not seen meanwhile." },
  ja = { "IEC 104 ポイントの無効化",
    "{target} (コモンアドレス {common_address}) の {value} 点が {within} の間に無効になりました。",
    "配下の機器、バス、電源の異常、または切断が考えられます。",
    "ステーションと配下の機器を確認してください。その間プロセスは監視できません。" },
}
