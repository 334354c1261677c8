-- A web client asks for many pages that do not exist.
require "rule" {
  name = "web_scan", severity = "medium", category = "scan", attack = "T0846",
  on = "http.transaction", where = "status_code in 400..499",
  per = { "orig_h", "resp_h" }, distinct = "uri", many = 30, within = "1m",
  en = { "Web scan",
    "{source} asked {target} for {value} pages within {within} that it does not have.",
    "Somebody looks for pages with holes.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "Webスキャン",
    "{source} が {within} の間に {target} に存在しない {value} ページを要求しました。",
    "脆弱なページが探索されています。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
