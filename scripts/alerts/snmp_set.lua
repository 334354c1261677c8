-- A device is changed by SNMP.
require "rule" {
  name = "snmp_set", severity = "medium", category = "configuration changes", attack = "T0836",
  on = "snmp.pdu", where = { pdu_type = "set-request" }, per = { "orig_h", "resp_h" },
  en = { "Changed by SNMP", "{source} changes {target} by SNMP: {object}.",
    "Ports may be switched off, settings changed, devices restarted.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "SNMPによる変更", "{source} が {target} をSNMPで変更: {object}。",
    "ポートの無効化、設定変更、再起動などが行われる可能性があります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
