-- A database is told to run a program of the operating system.
require "rule" {
  name = "database_command", severity = "high", category = "suspicion of malicious activity",
  attack = "T0807 T0853",
  on = "tds.execute", where = "statement ~ xp_cmdshell", per = { "orig_h", "resp_h" },
  also = { { on = "tds.execute", where = "name ~ xp_cmdshell" } },
  en = { "Database runs programs",
    "{source} has the database {target} run a program of its operating system.",
    "Whoever can do this has the machine.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "データベースからのコマンド実行",
    "{source} が {target} のデータベースからOSコマンドを実行しています。",
    "この操作により機器全体が支配されます。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
