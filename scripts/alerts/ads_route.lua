-- Somebody was given a route to a Beckhoff controller: from now on that machine may speak ADS.
require "rule" {
  name = "ads_route", severity = "high", category = "configuration changes",
  attack = "T0859 T0822",
  on = "ot.outcome", where = "protocol == ads and func == add_route and outcome == ok",
  per = { "client", "server" },
  en = { "Route to a controller added", "{source} added a route to itself or others in {target}.",
    "Who has a route reads and writes variables and files, and stops and starts the controller.",
    "Ask who did it and why; if nobody knows, delete the route and change the password of "
      .. "{target}." },
  ja = { "コントローラへのルート追加", "{source} が {target} にAMSルートを追加しました。",
    "ルートを持つ機器は変数やファイルの読み書き、停止・起動ができます。",
    "実施者と理由を確認し、不明な場合はルートを削除し {target} のパスワードを変更してください。" },
}
