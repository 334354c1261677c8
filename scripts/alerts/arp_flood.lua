-- A station tells another one its address again and again.
require "rule" {
  name = "arp_flood", severity = "high", category = "man in the middle", attack = "T0830 T0814",
  on = "arp.reply", per = { "sender_mac", "target_mac" }, many = 60, within = "1m",
  source = "sender_mac", target = "target_ip",
  en = { "ARP flood",
    "{source} told {target} {value} times within {within} that it has {sender_ip}.",
    "Tables of others are overwritten until traffic goes through this station, or to nobody.",
    "Find the station by its MAC address at the switch." },
  ja = { "ARPフラッド",
    "{source} が {target} に {within} の間に {value} 回 {sender_ip} を名乗りました。",
    "他の機器のARPテーブルが上書きされ、通信の横取りや切断が起こります。",
    "MACアドレスからスイッチで機器を特定してください。" },
}
