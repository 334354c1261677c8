-- A station asks a web server with a program that it did not use before.
require "rule" {
  name = "http_program", severity = "low", category = "abnormal communication",
  attack = "T0869 T0884", off = true, usual = true,
  on = "http.request", where = "user_agent and host", per = { "orig_h", "user_agent" },
  en = { "Another web program", "{source} asks {target} for {host}{uri} as {user_agent}.",
    "New software on this station, an update of it, or malware that speaks HTTP.",
    "Ask what was installed on {source}. If it is meant to be there, learn the alert." },
  ja = { "未学習のHTTPプログラム",
    "{source} が {user_agent} として {target} ({host}{uri}) にアクセスしました。",
    "新しいソフトウェア、更新、またはマルウェアの通信の可能性があります。",
    "{source} に何が導入されたか確認し、正規であれば学習してください。" },
}
