-- A device tells that it has restarted.
require "rule" {
  name = "device_restarted", severity = "low", category = "restart/stop", attack = "T0816",
  on = "snmp.pdu", where = "generic_trap in {coldStart, warmStart}", per = { "agent" },
  also = { { on = "snmp.pdu", where = "trap_oid ~ coldStart" } },
  en = { "Device restarted", "{source} tells that it has started anew.",
    "A power failure, maintenance, or somebody who restarted it.", "Ask why it was restarted." },
  ja = { "機器の再起動", "{source} が再起動を通知しました。",
    "停電、保守、または遠隔からの再起動です。", "再起動の理由を確認してください。" },
}
