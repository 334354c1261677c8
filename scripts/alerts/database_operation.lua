-- A client has a database do what it never asked of it.
require "rule" {
  name = "database_operation", severity = "low", category = "abnormal communication",
  attack = "T0811 T0872", usual = "untold", once = "1h",
  on = "tds.execute", where = "name", per = { "orig_h", "resp_h", "name" },
  settings = { quiet = "1d" },
  en = { "Database used as never before", "{source} has the database {target} do {name}.",
    "A program of a plant asks the same all day; another statement is a new version, or a person.",
    "Look at the statement: {statement}. If it is wanted, learn the alert." },
  ja = { "未学習のデータベース操作",
    "{source} がデータベース {target} で {name} を実行しました。",
    "プログラムの更新、または人による操作です。",
    "実行内容 ({statement}) を確認し、正規であれば学習してください。" },
}
