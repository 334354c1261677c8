-- Many logins in a short time, well or not: passwords are tried by a program.
require "rule" {
  name = "login_flood", severity = "high", category = "authentication", attack = "T0859 T0806",
  on = "telnet.login", per = { "orig_h", "resp_h" }, many = 20, within = "1m",
  also = {
    { on = "ftp.command", where = "command == PASS" }, { on = "tds.login" }, { on = "smb.session" },
    { on = "rfb.session" }, { on = "ot.operation", where = "op == authenticate" },
    { on = "mqtt.connect" }, { on = "ssh.auth" },
  },
  en = { "Flood of logins", "{source} logged in at {target} {value} times within {within}.",
    "Nobody types so fast: a program tries passwords, or one is badly configured.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "ログインの多発",
    "{source} が {within} の間に {target} へ {value} 回ログインを試みました。",
    "手入力では不可能な速度です。パスワード推測または設定の誤りが考えられます。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
