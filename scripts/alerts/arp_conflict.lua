-- Two stations claim one address.
require "rule" {
  name = "arp_conflict", severity = "high", category = "man in the middle", attack = "T0830",
  on = "arp.conflict", per = { "ip", "mac", "other_mac" }, source = "mac", target = "ip",
  en = { "Two stations with one address",
    "{mac} claims {ip}, which {other_mac} claimed {since} before.",
    "Somebody redirects traffic to himself, a device was replaced, or an address was given "
      .. "out twice.",
    "Find both stations at the switch. If one was replaced, learn the alert." },
  ja = { "アドレスの競合", "{mac} が {other_mac} の使用していたアドレス {ip} を名乗っています。",
    "なりすましによる通信の横取り、機器の交換、またはアドレスの重複です。",
    "両方の機器をスイッチで特定してください。交換であれば学習してください。" },
}
