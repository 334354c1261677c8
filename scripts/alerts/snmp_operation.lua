-- A station asks a device by SNMP in a way that it never did.
require "rule" {
  name = "snmp_operation", severity = "low", category = "abnormal communication",
  attack = "T0888 T0846", usual = "untold", once = "1h",
  on = "snmp.pdu", per = { "orig_h", "resp_h", "pdu_type" }, settings = { quiet = "1d" },
  where = "pdu_type in {get-request, get-next-request, get-bulk-request, set-request}",
  en = { "SNMP used as never before", "{source} sends {pdu_type} to {target} ({object}).",
    "By SNMP one reads what a network is made of, and changes it.",
    "Ask who manages {target} from {source}. If it is wanted, learn the alert." },
  ja = { "未学習の SNMP 操作", "{source} が {target} へ {pdu_type} ({object}) を送信しました。",
    "SNMP により構成の調査や変更が可能です。",
    "{source} から {target} を管理する者を確認し、正規であれば学習してください。" },
}
