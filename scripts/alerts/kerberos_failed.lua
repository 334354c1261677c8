-- Kerberos refuses many requests.
require "rule" {
  name = "kerberos_failed", severity = "medium", category = "authentication", attack = "T0859",
  on = "kerberos.exchange", where = "success == false",
  per = { "orig_h", "error_msg" }, many = 20, within = "10m",
  en = { "Domain logins refused",
    "{target} refused {value} Kerberos requests of {source} within {within}: {error_msg}.",
    "Names or passwords of the domain are tried.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "ドメインログインの拒否",
    "{target} が {source} のKerberos要求を {within} の間に {value} 回拒否: {error_msg}。",
    "ドメインのユーザ名やパスワードが試されています。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
