-- A program, block or file was written into a controller.
local words = require "words"

require "rule" {
  name = "program_download", severity = "critical", category = "programming",
  attack = "T0843 T0889",
  on = "program.transfer", settings = { quiet = "10m" },
  where = "direction in {download, insert} and kind != firmware and not protocol in {ftp, tftp}",
  when = function(e) return { what = words.transferred(e) } end,
  en = { "Program downloaded", "{client} wrote {what} into {server} ({protocol}, {result}).",
    "From now on the controller may do something else than yesterday.",
    "Ask who changed the program. Compare what is in the controller with the archived version." },
  ja = { "プログラムの書込み",
    "{client} が {server} に {what} を書き込みました ({protocol}、{result})。",
    "コントローラの動作が変わった可能性があります。",
    "変更者を確認し、保管しているプログラムと比較してください。" },
}
