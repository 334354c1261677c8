-- Who controls tells values as if it were a station. Some sites let both ends do both.
require "rule" {
  name = "iec104_reverse", severity = "high", category = "illegal commands", attack = "T0856 T0832",
  on = "iec104.apdu", where = "direction == control and type_id < C_SC_NA_1",
  per = { "client", "server", "type_id" }, source = "client", target = "server",
  usual = true, settings = { quiet = "1d" },
  en = { "IEC 104 values in the wrong direction",
    "{source} sends {type_id} ({cause_tx}) to {target}, which it should only control.",
    "Somebody feeds forged values into the station, or tries what it takes.",
    "Ask who set {source} up. If both ends are meant to tell values, learn the alert." },
  ja = { "IEC 104 逆方向の値",
    "{source} が制御対象の {target} に {type_id} ({cause_tx}) を送信しました。",
    "偽の値の注入、または受け入れられるデータの試行が疑われます。",
    "{source} の設定者を確認し、双方向の運用が正当であれば学習してください。" },
}
