-- A host asks for many addresses that nobody has, or a stranger for many.
local terminals = require("learn").open("new_terminal").rows
require "rule" {
  name = "arp_scan", severity = "high", category = "scan", attack = "T0846 T0842",
  on = "arp.request", where = "who_has and sender_ip and not gratuitous and not probe",
  unless = { terminals, "who_has", "sender_ip" },
  per = { "sender_mac" }, distinct = "who_has", many = 25, within = "6m", source = "sender_ip",
  target = false,
  en = { "ARP scan",
    "{source} asked for {value} addresses within {within}, the last {who_has}.",
    "Somebody looks for devices in the own network segment.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "ARPスキャン",
    "{source} が {within} の間に {value} アドレスを問い合わせました (最新: {who_has})。",
    "同一セグメント内の機器が探索されています。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
