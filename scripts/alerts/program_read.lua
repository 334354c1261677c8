-- A command that reads the program or configuration of a controller.
require "rule" {
  name = "program_read", severity = "low", category = "programming", attack = "T0845 T0888",
  on = "ot.operation", where = { op = "program_read" }, per = { "client", "server" },
  settings = { quiet = "1d" }, usual = true,
  en = { "Controller read out", "{client} reads the program of {server}: {func} ({protocol}).",
    "Whoever has the program knows the process: a backup, an engineer, or a spy.",
    "If {client} is the engineering station, learn the alert; otherwise ask who works on it." },
  ja = { "コントローラの読出し", "{client} が {server} のプログラムを読出し: {func} ({protocol})。",
    "バックアップ、保守、または情報収集の可能性があります。",
    "{client} がエンジニアリング端末なら学習し、そうでなければ作業者に確認してください。" },
}
