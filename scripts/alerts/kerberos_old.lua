-- A client wants a Kerberos ticket and offers only encryption that can be broken.
require "rule" {
  name = "kerberos_old", severity = "medium", category = "authentication", attack = "T0859 T0830",
  on = "kerberos.message", where = "message == AS-REQ and etypes and not (etypes == 17) "
    .. "and not (etypes == 18) and not (etypes == 19) and not (etypes == 20)", -- AES
  per = { "orig_h", "resp_h" }, settings = { quiet = "1d" }, usual = true,
  en = { "Weak Kerberos", "{source} offers {target} old encryption only, for {client}.",
    "Stolen password hashes are used so, or somebody between them weakens what is agreed.",
    "If {source} is not a very old system, look for tools of intruders on it." },
  ja = { "弱い Kerberos 暗号", "{source} が {target} に {client} の旧式暗号のみを提示しました。",
    "盗んだハッシュの悪用、または中間者による暗号の格下げの可能性があります。",
    "{source} が旧式のシステムでなければ、侵入ツールの有無を調査してください。" },
}
