-- A device asks for an address and nobody gives it one.
require "rule" {
  name = "address_missing", severity = "low", category = "operational issues", attack = "T0814",
  on = "dhcp.conversation", where = "mac and not assigned_addr", per = { "mac" }, many = 3,
  within = "10m", source = false, target = false,
  when = function(e) return table.concat(e.msg_types:copy(), " "):find "DISCOVER" ~= nil end,
  en = { "No address", "{mac} asked {value} times for an address within {within}; nobody answered.",
    "The device stays without network: the DHCP server is off, cannot be reached or is exhausted.",
    "Look at the DHCP server, its range and the VLAN of the device." },
  ja = { "アドレス未取得",
    "{mac} が {within} の間に {value} 回アドレスを要求しましたが応答がありません。",
    "DHCPサーバの停止、到達不能、または枯渇により機器が通信できません。",
    "DHCPサーバ、アドレス範囲、VLANを確認してください。" },
}
