-- A host tries one IP protocol after another on a device.
require "rule" {
  name = "protocol_scan", severity = "high", category = "scan", attack = "T0846 T0842",
  on = "ip.flow", per = { "orig_h", "resp_h" }, distinct = "proto",
  many = 8, within = "2m",
  en = { "Protocol scan", "{source} tried {value} IP protocols on {target} within {within}.",
    "Somebody finds out what a device understands. Weak devices stop working under a scan.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "IP プロトコルスキャン",
    "{source} が {within} の間に {target} で {value} 種の IP プロトコルを試しました。",
    "機器の機能が探索されています。スキャンで停止する機器もあります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
