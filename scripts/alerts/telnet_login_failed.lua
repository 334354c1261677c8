-- Logins by Telnet fail.
require "rule" {
  name = "telnet_login_failed", severity = "medium", category = "authentication", attack = "T0859",
  on = "telnet.login", where = "success == false", per = { "orig_h", "resp_h" }, many = 3,
  within = "10m",
  en = { "Telnet logins failed",
    "{source} failed {value} times within {within} to log in at {target} as {user}.",
    "A forgotten password, or somebody who guesses.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "Telnetログイン失敗",
    "{source} が {within} の間に {target} への {user} のログインに {value} 回失敗しました。",
    "パスワード忘れ、または推測攻撃の可能性があります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
