-- A station asks for a name that it never asked for.
require "rule" {
  name = "name_query", severity = "low", category = "abnormal communication",
  attack = "T0869 T0884", usual = "untold", once = "1h", off = true,
  on = "dns.query", where = "query and opcode == query", per = { "orig_h", "query" },
  settings = { quiet = "1d" },
  en = { "Name asked for as never before", "{source} asks {target} for {query}.",
    "A plant's stations ask for few names, day by day the same: another is new software, or "
      .. "malware that looks for its master.",
    "Ask what was installed on {source}. If the name is wanted, learn the alert." },
  ja = { "未学習の名前解決", "{source} が {target} に {query} を問い合わせました。",
    "新しいソフトウェア、またはマルウェアの通信先探索の可能性があります。",
    "{source} に何が導入されたか確認し、正規であれば学習してください。" },
}
