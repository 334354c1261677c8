-- An encryption that can be broken.
require "rule" {
  name = "old_encryption", severity = "low", category = "vulnerability", attack = "T0842",
  on = "tls.established", where = "version in {SSLv2, SSLv3, TLSv10}", per = { "resp_h" },
  settings = { quiet = "30d" },
  source = "orig_h", target = "resp_h",
  en = { "Old encryption", "{source} and {target} use {version}.",
    "This version can be broken; what it protects may be read.",
    "Switch on TLS 1.2 or later, and the old ones off." },
  ja = { "古い暗号化", "{source} と {target} が {version} を使用しています。",
    "解読可能なバージョンです。", "TLS 1.2以降を有効にし、古いバージョンを無効にしてください。" },
}
