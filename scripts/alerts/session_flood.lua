-- One host opens one connection after another to a service.
require "rule" {
  name = "session_flood", severity = "medium", category = "denial of service", attack = "T0814",
  on = "flow.new", where = "proto == tcp", per = { "orig_h", "resp_h", "resp_p" }, many = 300,
  within = "1m", bulk = true, source = "orig_h", target = "resp_h",
  en = { "Many sessions",
    "{source} opened {value} connections to {target} port {resp_p} within {within}.",
    "Small devices have room for a few connections: they refuse others, or stop.",
    "See what {source} runs. A program that connects anew for each request should be changed." },
  ja = { "セッションの多発",
    "{source} が {within} の間に {target} ポート {resp_p} へ {value} 件接続しました。",
    "小型機器は少数の接続しか扱えず、他の接続を拒否するか停止します。",
    "{source} のプログラムを確認してください。" },
}
