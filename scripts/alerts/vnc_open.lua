-- A remote desktop that asks for no password.
require "rule" {
  name = "vnc_open", severity = "high", category = "remote access", attack = "T0886 T0822",
  on = "rfb.session", where = "authentication_method == None", per = { "resp_h" },
  settings = { quiet = "1d" },
  source = "orig_h", target = "resp_h",
  en = { "Remote desktop without password",
    "{source} uses the desktop of {target} by VNC without a password.",
    "Everybody in the network can operate what is on this screen.",
    "Set a password on {target}, or switch VNC off." },
  ja = { "パスワードなしのリモートデスクトップ",
    "{source} が {target} の画面をパスワードなしのVNCで操作しています。",
    "ネットワーク上の誰でもこの画面を操作できます。",
    "{target} にパスワードを設定するか、VNCを無効にしてください。" },
}
