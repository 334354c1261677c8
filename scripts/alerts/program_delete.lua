-- A program, block or file was deleted in a controller.
local words = require "words"

require "rule" {
  name = "program_delete", severity = "critical", category = "programming", attack = "T0809 T0889",
  on = "program.transfer", settings = { quiet = "10m" },
  where = "direction == delete and not protocol in {ftp, tftp}",
  when = function(e) return { what = words.transferred(e) } end,
  en = { "Program deleted", "{client} deleted {what} in {server} ({protocol}, {result}).",
    "What was deleted is no longer executed; the controller may stop.",
    "Make the process safe, ask who did it, and load the archived version again." },
  ja = { "プログラムの削除",
    "{client} が {server} の {what} を削除しました ({protocol}、{result})。",
    "削除された部分は実行されなくなり、コントローラが停止することがあります。",
    "プロセスの安全を確保し、実施者を確認して、保管版を再度書き込んでください。" },
}
