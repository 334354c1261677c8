-- The clock of the sensor was set back. Times of what happens then are not to be trusted.
require "rule" {
  name = "clock_jump", severity = "low", category = "sensor traffic", attack = "",
  on = "capture.clock", per = {}, source = false, target = false, settings = { quiet = "10m" },
  en = { "Clock of the sensor set back", "The clock of the sensor was set back by {back}.",
    "Times of alerts and logs are wrong now, or were before; nothing is counted until they agree.",
    "Look at the sensor's time service (NTP)." },
  ja = { "センサ時計の後退", "センサの時計が {back} 戻りました。",
    "アラートやログの時刻が不正確です。時刻が一致するまで計数されません。",
    "センサの時刻同期 (NTP) を確認してください。" },
}
