-- Two stations use one address, and not both announced it by ARP, which arp_conflict tells: one
-- never did, or not where the capture reaches, or they speak IPv6.
local announced = state.set {
  name = "rule.announced_twice", key = "addr", expire = "1d", max = 2000,
}
on("arp.conflict", function(e) announced:add(e.ip) end)
require "rule" {
  name = "address_conflict", severity = "medium", category = "man in the middle", attack = "T0830",
  on = "asset.changed", where = "what == 'address conflict'", per = { "ip", "is" }, once = "1d",
  unless = { announced, "ip" }, source = false, target = "ip",
  en = { "An address in use twice", "{is} use {target} at a time.",
    "One of them redirects the other's traffic to himself, or an address was given out twice.",
    "Find both stations at the switch. If one was replaced, learn the alert." },
  ja = { "アドレスの二重使用", "{is} が同時に {target} を使用しています。",
    "なりすましによる通信の横取り、またはアドレスの重複です。",
    "両方の機器をスイッチで特定してください。交換であれば学習してください。" },
}
