-- A client uses a method on a web server that it never used there.
require "rule" {
  name = "http_method", severity = "low", category = "abnormal communication",
  attack = "T0869 T0886", usual = "untold", once = "1h",
  on = "http.request", where = "method", per = { "orig_h", "resp_h", "method" },
  settings = { quiet = "1d" },
  when = function(e) return e.method ~= "GET" and e.method ~= "HEAD" end,
  en = { "Web server used as never before", "{source} sends {method} {uri} to {target}.",
    "Where a client only looked until now, it now changes something.",
    "Ask who did it. If it is a task of {source}, learn the alert." },
  ja = { "未学習の HTTP 操作", "{source} が {target} へ {method} {uri} を送信しました。",
    "これまで参照のみだった端末が変更操作を行っています。",
    "実施者を確認し、{source} の業務であれば学習してください。" },
}
