-- A device gets no address.
require "rule" {
  name = "address_refused", severity = "low", category = "operational issues", attack = "T0814",
  on = "dhcp.message", where = { msg_type = "NAK" }, per = { "client_mac" }, many = 3,
  within = "10m",
  source = "client_mac", target = false,
  en = { "No address", "{source} was refused an address {value} times within {within}.",
    "The device stays without network: a wrong range, or a second DHCP server.",
    "Look at the DHCP server and its range." },
  ja = { "アドレス取得失敗", "{source} が {within} の間に {value} 回アドレスを拒否されました。",
    "機器が通信できません。範囲設定の誤りまたは不正なDHCPサーバの可能性があります。",
    "DHCPサーバと範囲を確認してください。" },
}
