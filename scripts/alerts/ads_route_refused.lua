-- Routes to a Beckhoff controller are refused again and again: its password is guessed.
require "rule" {
  name = "ads_route_refused", severity = "high", category = "authentication",
  attack = "T0859 T0812", per = { "client", "server" }, many = 3, within = "5m",
  on = "ot.outcome", where = "protocol == ads and func == add_route and outcome == error",
  en = { "Routes refused",
    "{target} refused {source} a route {value} times within {within} ({error}).",
    "Adding a route takes a user and a password of the controller: somebody guesses them.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "ルート追加の拒否の繰返し",
    "{target} が {source} のルート追加を {within} の間に {value} 回拒否しました ({error})。",
    "ルート追加にはパスワードが必要であり、推測攻撃が疑われます。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
