-- A host pings many addresses that do not answer.
require "rule" {
  name = "ping_sweep", severity = "medium", category = "scan", attack = "T0846 T0842",
  on = "conn", where = "proto == icmp and resp_pkts == 0 and orig_p in {8, 128}",
  per = { "orig_h" }, distinct = "resp_h", many = 20, within = "5m",
  en = { "Ping sweep", "{source} pinged {value} addresses within {within} that did not answer.",
    "Somebody looks for devices.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "Pingスイープ",
    "{source} が {within} の間に応答のない {value} アドレスへPingを送信しました。",
    "機器が探索されています。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
