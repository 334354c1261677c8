-- A device says by MMS that it is not well.
require "rule" {
  name = "mms_state", severity = "high", category = "operational issues", attack = "T0814",
  on = "mms.pdu", where = "physical_status > operational", per = { "resp_h", "physical_status" },
  settings = { quiet = "1h" },
  source = false, target = "resp_h",
  en = { "Bad MMS device state",
    "{target} says of itself: {physical_status}.",
    "A relay or controller that is not fully operational may not act when it should.",
    "Look at the device's own diagnosis, and see whether somebody changed it." },
  ja = { "MMS機器の状態異常",
    "{target} が自身の状態を通知しました: {physical_status}。",
    "完全に動作していないリレーや制御装置は、必要なときに動作しないおそれがあります。",
    "機器の自己診断を確認し、変更の有無を調べてください。" },
}
