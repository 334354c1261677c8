-- A user logs in at a database from where he never did.
require "rule" {
  name = "database_login", severity = "medium", category = "authentication", attack = "T0859 T0811",
  usual = "untold", once = "1h",
  on = "tds.login", where = "(user or app) and not (success == false)",
  per = { "orig_h", "resp_h", "user" },
  settings = { quiet = "1d" },
  en = { "New database login", "{user} logs in at {target} from {source} with {app}.",
    "Programs of a plant use few accounts, always the same: this is another program or a person.",
    "Ask who set it up. If it is meant to be, learn the alert." },
  ja = { "未学習のデータベースログイン",
    "{user} が {source} から {app} で {target} にログインしました。",
    "新しいプログラム、または人による操作です。",
    "設定者を確認し、正規であれば学習してください。" },
}
