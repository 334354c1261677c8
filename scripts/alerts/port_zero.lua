-- Traffic to port 0, which no service has.
require "rule" {
  name = "port_zero", severity = "low", category = "illegal commands", attack = "T0846",
  on = "flow.new", where = "proto in {tcp, udp} and resp_p == 0", per = { "orig_h", "resp_h" },
  en = { "Port zero", "{source} sent to port 0 of {target}.",
    "No program does that: a scanner, or packets made by hand.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "ポート0への通信", "{source} が {target} のポート0に通信しました。",
    "正常なプログラムは使用しません。スキャナまたは手作りのパケットです。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
