-- A web server refuses many logins.
require "rule" {
  name = "http_login_failed", severity = "medium", category = "authentication",
  attack = "T0859 T0812",
  on = "http.transaction", where = { status_code = { 401, 403 } },
  per = { "orig_h", "resp_h" }, many = 20, within = "5m",
  en = { "Web logins refused",
    "{target} refused {value} requests of {source} within {within} ({status_code}), the last "
      .. "for {uri}.",
    "Somebody guesses the password of a web page, as devices have for their settings.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "Webログインの拒否",
    "{target} が {source} の要求を {within} の間に {value} 回拒否しました ({status_code}、{uri})。",
    "機器の設定画面などのパスワードが推測されています。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
