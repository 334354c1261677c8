-- A server shows a certificate that has expired.
require "rule" {
  name = "certificate_expired", severity = "low", category = "vulnerability", attack = "T0830",
  on = "tls.certificate", where = "host_cert and expired", per = { "resp_h" },
  settings = { quiet = "30d" },
  source = "resp_h", target = false,
  en = { "Certificate expired", "{source} shows a certificate that expired: {subject}.",
    "People learn to click warnings away, and no longer notice a forged certificate.",
    "Renew the certificate." },
  ja = { "証明書の期限切れ", "{source} の証明書は期限切れです: {subject}。",
    "警告を無視する習慣がつき、偽の証明書に気付けなくなります。", "証明書を更新してください。" },
}
