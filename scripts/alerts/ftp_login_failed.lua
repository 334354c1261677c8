-- Logins to an FTP server fail.
require "rule" {
  name = "ftp_login_failed", severity = "medium", category = "authentication", attack = "T0859",
  on = "ftp.reply", where = { code = 530 },
  per = { "orig_h", "resp_h" }, many = 2, within = "5m",
  en = { "FTP logins failed",
    "{source} failed {value} times within {within} to log in at {target} by FTP.",
    "A forgotten password, a program with an old one, or somebody who guesses.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "FTPログイン失敗",
    "{source} が {within} の間に {target} へのFTPログインに {value} 回失敗しました。",
    "パスワード忘れ、古い設定、または推測攻撃の可能性があります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
