-- Logins by SSH fail.
require "rule" {
  name = "ssh_login_failed", severity = "high", category = "authentication", attack = "T0859",
  on = "ssh.session", where = "auth_success == false",
  per = { "orig_h", "resp_h" }, many = 5, within = "10m",
  en = { "SSH logins failed",
    "{source} had {value} SSH sessions at {target} without a login within {within}.",
    "Somebody guesses passwords.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "SSHログイン失敗",
    "{source} が {within} の間に {target} へのSSHログインに {value} 回失敗しました。",
    "パスワードの推測が疑われます。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
