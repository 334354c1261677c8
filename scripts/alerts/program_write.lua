-- A command that changes the program of a controller.
require "rule" {
  name = "program_write", severity = "high", category = "programming", attack = "T0889 T0843",
  on = "ot.operation", where = { op = "program_write" }, per = { "client", "server" },
  en = { "Controller programmed", "{client} changes the program of {server}: {func} ({protocol}).",
    "From now on the controller may do something else than yesterday.",
    "Ask who changed the program. Compare what is in the controller with the archived version." },
  ja = { "コントローラのプログラム変更",
    "{client} が {server} のプログラムを変更: {func} ({protocol})。",
    "コントローラの動作が変わった可能性があります。",
    "変更者を確認し、保管しているプログラムと比較してください。" },
}
