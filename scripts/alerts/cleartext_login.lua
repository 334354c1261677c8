-- A password travels in clear text.
require "rule" {
  name = "cleartext_login", severity = "low", category = "authentication", attack = "T0842 T0859",
  on = "telnet.login", where = "password_sent", per = { "resp_h" }, settings = { quiet = "30d" },
  also = {
    { on = "ftp.command", where = "user and command == PASS and not user in {anonymous, ftp}" },
    { on = "ads.router", where = "password" },
  },
  en = { "Password in clear text",
    "{source} logged in at {target} as {user}; the password could be read by everybody on the way.",
    "Whoever listens has the password.",
    "Use SSH or SFTP; where the device cannot, let only its own network reach it." },
  ja = { "平文パスワード",
    "{source} が {target} に {user} でログインしました。パスワードは途中で読み取り可能です。",
    "盗聴者にパスワードが知られます。",
    "SSHやSFTPを使用し、できない機器は到達範囲を制限してください。" },
}
