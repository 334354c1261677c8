-- The clock of a controller is set.
require "rule" {
  name = "clock_set", severity = "low", category = "configuration changes", attack = "T0836",
  on = "ot.operation", where = { op = "time" }, per = { "client", "server" },
  settings = { quiet = "1d" }, usual = true,
  en = { "Clock set", "{client} sets the clock of {server}: {func} ({protocol}).",
    "Schedules and the times in records shift: harmless from a time server, disguise from "
      .. "anybody else.",
    "See that the client is the one that is meant to set clocks; if so, learn the alert." },
  ja = { "時刻の設定", "{client} が {server} の時計を設定: {func} ({protocol})。",
    "スケジュールや記録の時刻がずれます。時刻サーバ以外からの設定は隠蔽行為の可能性があります。",
    "時刻設定を行うべき端末か確認し、正当なら学習してください。" },
}
