-- What is sent to a web server is no HTTP, again and again.
require "rule" {
  name = "http_malformed", severity = "low", category = "illegal commands", attack = "T0866 T0819",
  on = "weird", where = "source == http and not name ~ long_field", per = { "orig_h", "resp_h" },
  many = 5, within = "10m",
  source = "orig_h", target = "resp_h",
  en = { "Broken web messages",
    "{value} broken web messages between {source} and {target} within {within}, the last: {name}.",
    "A fuzzer, an exploit, or another protocol on the port of a web server.",
    "Look at the packets, and ask who did it." },
  ja = { "不正なHTTP", "{source} と {target} の間で {within} に {value} 件の不正なHTTP (最新: {name})。",
    "ファジング、攻撃、またはWebポート上の別プロトコルの可能性があります。",
    "パケットと実施者を確認してください。" },
}
