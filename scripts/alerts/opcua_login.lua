-- A user logs in by OPC UA over a channel that nothing protects.
local how = {
  readable = { en = "the password could be read on the way", ja = "パスワードも読み取り可能" },
  hidden = { en = "the password itself was encrypted", ja = "パスワード自体は暗号化済み" },
}
require "rule" {
  name = "opcua_login", severity = "medium", category = "authentication", attack = "T0842 T0859",
  on = "opcua.message", where = "service == ActivateSession and pdu_type == request "
    .. "and identity == user_name and (security_mode == none or password_readable)",
  per = { "orig_h", "resp_h", "user" }, settings = { quiet = "30d" },
  when = function(e) return { sign = how[e.password_readable and "readable" or "hidden"] } end,
  en = { "Login without protection",
    "{source} logged in at {target} as {user} by OPC UA over an unprotected channel; {sign}.",
    "Whoever is on the way reads what this user reads and writes, and can change it.",
    "Use the security mode Sign and Encrypt; switch off endpoints with the policy None." },
  ja = { "保護のないログイン",
    "{source} が {target} に {user} として保護のない OPC UA 接続でログインしました ({sign})。",
    "経路上の第三者が通信内容を読み取り、改ざんできます。",
    "SignAndEncrypt を使用し、ポリシー None のエンドポイントを無効にしてください。" },
}
