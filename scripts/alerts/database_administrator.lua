-- A login to a database as its administrator.
require "rule" {
  name = "database_administrator", severity = "low", category = "authentication", attack = "T0859",
  on = "tds.login", where = "user == sa", per = { "orig_h", "resp_h" }, settings = { quiet = "1d" },
  source = "orig_h", target = "resp_h",
  en = { "Database administrator",
    "{source} logs in at the database {target} as its administrator {user}.",
    "A program that does this can read, change and delete all data.",
    "Give the program an account of its own with the rights it needs." },
  ja = { "データベース管理者ログイン",
    "{source} が {target} のデータベースに管理者 {user} でログインしています。",
    "全データの読取り、変更、削除が可能です。",
    "必要な権限だけを持つ専用アカウントを使用してください。" },
}
