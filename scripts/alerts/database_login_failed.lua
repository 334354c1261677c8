-- Logins to a database fail.
require "rule" {
  name = "database_login_failed", severity = "medium", category = "authentication",
  attack = "T0859",
  on = "tds.login", where = "success == false",
  per = { "orig_h", "resp_h" }, many = 2, within = "5m",
  en = { "Database logins failed",
    "{source} failed {value} times within {within} to log in at the database {target} as {user}.",
    "A program with an old password, or somebody who guesses.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "データベースログイン失敗",
    "{source} が {within} の間に {target} のデータベースへのログイン ({user}) に {value} "
      .. "回失敗しました。",
    "古いパスワード設定、または推測攻撃の可能性があります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
