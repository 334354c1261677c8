-- Somebody starts a controller or its program.
require "rule" {
  name = "controller_start", severity = "medium", category = "restart/stop", attack = "T0858",
  on = "ot.operation", where = { op = "start" }, settings = { quiet = "10m" },
  en = { "Controller started", "{client} starts {server}: {func} ({protocol}).",
    "A program begins to run and moves what it controls, maybe another one than before.",
    "Ask who did it, and whether the program is the right one." },
  ja = { "コントローラの起動", "{client} が {server} を起動しました: {func} ({protocol})。",
    "プログラムが実行を開始し、制御対象が動作します。",
    "実施者と、正しいプログラムであることを確認してください。" },
}
