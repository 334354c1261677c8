-- A client writes faster than any operator and than most programs.
require "rule" {
  name = "write_flood", severity = "medium", category = "illegal commands", attack = "T0806 T0855",
  on = "ot.operation", where = { op = "write" }, off = true,
  per = { "client", "server" }, many = 500, within = "10s", bulk = true, source = "client",
  target = "server",
  en = { "Flood of writes", "{source} wrote {value} times to {target} within {within}.",
    "Outputs are overwritten again and again, faster than the program can correct them.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "書込みの多発", "{source} が {target} に {within} の間に {value} 回書き込みました。",
    "プログラムの補正より速く出力が上書きされている可能性があります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
