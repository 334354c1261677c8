-- Data hidden in the names that are asked for.
require "rule" {
  name = "name_tunnel", severity = "medium", category = "suspicion of malicious activity",
  attack = "T0869 T0884",
  on = "dns.query", where = "service == dns and #query > 60",
  per = { "orig_h" }, distinct = "query", many = 50, within = "5m",
  en = { "Data in names",
    "{source} asked for {value} very long names within {within}, the last {query}.",
    "Programs that control malware hide data in questions for names, because these get "
      .. "through everywhere.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "DNSトンネル",
    "{source} が {within} の間に非常に長い名前を {value} 件問い合わせました (最新: {query})。",
    "マルウェアの遠隔操作に名前解決が悪用されている可能性があります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
