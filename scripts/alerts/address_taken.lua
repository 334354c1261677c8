-- An address is another device's than before, which was silent for a while, and no DHCP server
-- gave it to it. While both use it, arp_conflict and address_conflict tell.
local virtual_mac = require "inventory".virtual_mac
require "rule" {
  name = "address_taken", severity = "medium", category = "man in the middle", attack = "T0830",
  on = "asset.moved",
  where = "what == owner and evidence ~ 'taken over' and not evidence ~ dhcp and was != internet",
  when = function(e) return not virtual_mac(e.mac) end,
  per = { "ip", "mac" }, once = "1d", source = "mac", target = "ip",
  en = { "Address taken over", "{mac} has the address {target}, which was that of {was}.",
    "A device was replaced, an address was given out twice, or somebody takes the place of a "
      .. "device that is off.",
    "Ask whether {was} was replaced. If not, find {mac} at the switch." },
  ja = { "アドレスの引継ぎ", "{mac} が {was} のアドレス {target} を使用しています。",
    "機器の交換、アドレスの重複、または停止中の機器へのなりすましの可能性があります。",
    "{was} を交換したか確認し、そうでなければ {mac} をスイッチで特定してください。" },
}
