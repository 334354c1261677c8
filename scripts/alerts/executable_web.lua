-- A program is loaded from a web server.
require "rule" {
  name = "executable_web", severity = "medium", category = "suspicion of malware",
  attack = "T0863 T0867",
  on = "http.transaction", per = { "orig_h", "host" },
  where = 'resp_mime_types ~ "dosexec" or resp_mime_types ~ "x-elf"',
  en = { "Program downloaded", "{source} loads a program from {host}: {uri}.",
    "An update, or what an intruder brings in.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "実行ファイルのダウンロード", "{source} が {host} から実行ファイルを取得: {uri}。",
    "更新、または侵入者による持ち込みの可能性があります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
