-- Logins to a remote desktop by VNC fail.
require "rule" {
  name = "vnc_login_failed", severity = "medium", category = "authentication",
  attack = "T0859 T0886",
  on = "rfb.session", where = "auth == false",
  per = { "orig_h", "resp_h" }, many = 3, within = "10m",
  en = { "VNC logins failed",
    "{source} failed {value} times within {within} to log in at {target} by VNC.",
    "Somebody guesses the password of an operator station.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "VNCログイン失敗",
    "{source} が {within} の間に {target} へのVNCログインに {value} 回失敗しました。",
    "操作端末のパスワードが推測されています。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
