-- A DNP3 outstation says that its configuration is corrupt (IIN 2.5) or its hardware in trouble
-- (IIN 1.6).
require "rule" {
  name = "dnp3_trouble", severity = "high", category = "operational issues", attack = "T0814",
  on = "dnp3.message", where = "indications ~ config_corrupt or indications ~ device_trouble",
  per = { "server", "outstation", "indications" }, once = "1h",
  source = false, target = "server", settings = { quiet = "1h" },
  en = { "Outstation in trouble", "{target}, outstation {outstation}, tells: {indications}.",
    "Its settings are damaged or a part of it has failed: it may not measure and switch as it "
      .. "should.",
    "Read its own diagnosis; load a known good configuration; see whether somebody wrote one." },
  ja = { "アウトステーションの異常",
    "{target} (アウトステーション {outstation}) の通知: {indications}。",
    "設定の破損またはハードウェア障害により、計測や制御が正しく行われないおそれがあります。",
    "自己診断を確認し、正しい設定を書き込み、変更の有無を調べてください。" },
}
