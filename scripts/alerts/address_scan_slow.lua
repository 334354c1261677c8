-- A host tries many addresses, slowly.
require "rule" {
  name = "address_scan_slow", severity = "medium", category = "scan", attack = "T0846 T0842",
  on = "conn", where = "conn_state in {S0, REJ, RSTOS0, RSTRH, SH} and proto in {tcp, udp}",
  per = { "orig_h" }, distinct = "resp_h", many = 50, within = "1h",
  unless = { require "answered", "orig_h", "resp_h" },
  en = { "Slow address scan",
    "{source} tried {value} addresses within {within} that did not answer.",
    "A scan that takes its time in order not to be noticed.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "低速アドレススキャン",
    "{source} が {within} の間に応答のない {value} アドレスへ接続を試みました。",
    "検知を避けるための低速スキャンの可能性があります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
