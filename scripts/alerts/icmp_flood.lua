-- A flood of ICMP packets.
require "rule" {
  name = "icmp_flood", severity = "medium", category = "denial of service", attack = "T0814",
  on = "conn_delta", where = "proto == icmp and orig_pkts >= {packets}",
  per = { "orig_h", "resp_h" },
  settings = { packets = 600 },
  when = function(e, k) return { value = e.orig_pkts, threshold = k.packets } end,
  en = { "ICMP flood", "{source} sent {value} ICMP packets to {target} in a minute.",
    "Many devices in plants lose their connection under such a load.",
    "Stop the sender. Its address may be forged: follow its MAC address." },
  ja = { "ICMPフラッド", "{source} が {target} に1分間で {value} 個のICMPパケットを送信しました。",
    "負荷により通信が途絶える機器があります。",
    "送信元を停止してください。アドレスが詐称されている場合はMACアドレスで追跡してください。" },
}
