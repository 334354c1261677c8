-- Secure authentication of DNP3 fails: a wrong answer to a challenge, a user without the right,
-- keys that do not fit.
require "rule" {
  name = "dnp3_authentication", severity = "high", category = "authentication",
  attack = "T0859 T0855",
  on = "dnp3.authentication", where = "error_code or key_status == auth_fail",
  per = { "client", "server", "outstation", "error_code" }, settings = { quiet = "10m" },
  source = "client", target = "server",
  when = function(e) return { why = e.error_code or e.key_status } end,
  en = { "Secure authentication failed",
    "{source} and {target}, outstation {outstation}: {why} (user {user}).",
    "Somebody commands without the key, or the keys of the two stations do not fit.",
    "Ask who sent the command; if keys were changed, change them at both." },
  ja = { "DNP3 セキュア認証の失敗",
    "{source} と {target} (アウトステーション {outstation}): {why} (ユーザ {user})。",
    "鍵を持たない者による指令、または鍵の不一致です。",
    "指令の送信者を確認し、鍵を変更した場合は双方に反映してください。" },
}
