-- A device answers to a community that all the world knows.
require "rule" {
  name = "snmp_default_community", severity = "low", category = "authentication", attack = "T0812",
  on = "snmp.pdu", where = "default_community and pdu_type == response", per = { "resp_h" },
  settings = { quiet = "30d" },
  en = { "Default SNMP community", "{target} answers {source} by SNMP with a default community.",
    "Everybody can read the device, and often change it.",
    "Set a community of your own, or better SNMPv3." },
  ja = { "SNMP初期コミュニティ",
    "{target} が既定のコミュニティで {source} のSNMPに応答しています。",
    "誰でも機器の情報を読み取れ、変更できる場合もあります。",
    "独自のコミュニティ、できればSNMPv3を設定してください。" },
}
