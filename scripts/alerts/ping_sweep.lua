-- A host pings many addresses, which it did not while the lists learned.
require "rule" {
  name = "ping_sweep", severity = "medium", category = "scan", attack = "T0846 T0842",
  on = "conn", where = "proto == icmp and orig_p in {8, 128}",
  per = { "orig_h" }, distinct = "resp_h", many = 20, within = "5m", usual = true,
  en = { "Ping sweep", "{source} pinged {value} addresses within {within}.",
    "Somebody looks for devices.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "Pingスイープ",
    "{source} が {within} の間に {value} アドレスへPingを送信しました。",
    "機器が探索されています。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
