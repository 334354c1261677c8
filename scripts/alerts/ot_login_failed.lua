-- Passwords for a controller are tried.
require "rule" {
  name = "ot_login_failed", severity = "high", category = "authentication", attack = "T0859 T0812",
  on = "ot.outcome", where = "op == authenticate and outcome == error",
  per = { "client", "server" }, many = 3, within = "5m",
  en = { "Failed logins at a controller",
    "{source} failed {value} times within {within} to log in at {target} ({protocol} {func}).",
    "Somebody guesses the password that protects the program or the settings.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "コントローラへのログイン失敗",
    "{source} が {target} へのログインに {within} の間に {value} 回失敗しました。",
    "プログラムや設定を保護するパスワードの推測が疑われます。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
