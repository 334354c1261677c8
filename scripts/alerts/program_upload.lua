-- A program was read out of a controller.
local words = require "words"

require "rule" {
  name = "program_upload", severity = "medium", category = "programming", attack = "T0845",
  per = { "client", "server" }, usual = true,
  on = "program.transfer", where = "direction == upload and not protocol in {ftp, tftp}",
  when = function(e) return { what = words.transferred(e) } end,
  en = { "Program read out", "{client} read {what} out of {server} ({protocol}, {result}).",
    "Whoever has the program knows the process: a backup, an engineer, or somebody who "
      .. "prepares an attack.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "プログラムの読出し",
    "{client} が {server} から {what} を読み出しました ({protocol}、{result})。",
    "プログラムから制御内容が分かります。バックアップ、保守、または攻撃の準備が考えられます。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
