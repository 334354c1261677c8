-- Logins to a Windows share fail.
require "rule" {
  name = "smb_login_failed", severity = "high", category = "authentication", attack = "T0859",
  on = "smb.session", where = "success == false",
  per = { "orig_h", "resp_h" }, many = 10, within = "10m",
  en = { "Windows logins failed",
    "{source} failed {value} times within {within} to log in at {target} ({status}).",
    "Somebody guesses passwords, or malware tries those that it knows.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "Windowsログイン失敗",
    "{source} が {within} の間に {target} へのログインに {value} 回失敗しました ({status})。",
    "パスワードの推測、またはマルウェアの可能性があります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
