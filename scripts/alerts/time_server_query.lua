-- A time server is asked for what only its administrator needs.
require "rule" {
  name = "time_server_query", severity = "medium", category = "discovery", attack = "T0846 T0814",
  on = "ntp.private", where = "not response", per = { "orig_h", "resp_h" },
  en = { "Time server is questioned", "{source} sends {target} the private request {request}.",
    "Such requests tell who uses the server, and are used to flood others.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "時刻サーバへの照会", "{source} が {target} にプライベート要求 {request} を送信しました。",
    "利用者の情報取得や、他者への攻撃の踏み台に使われます。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
