-- A host tries many addresses that do not answer. An end alone (SH without a SYN) is left of a
-- connection that was there before.
require "rule" {
  name = "address_scan", severity = "high", category = "scan", attack = "T0846 T0842",
  on = "conn", where = "conn_state in {S0, REJ, RSTOS0, RSTRH, SH} and proto in {tcp, udp} "
    .. "and (conn_state != SH or history ~ S)",
  per = { "orig_h" }, distinct = "resp_h", many = 25, within = "2m",
  unless = { require "answered", "orig_h", "resp_h" },
  en = { "Address scan",
    "{source} tried {value} addresses within {within} that did not answer, the last {resp_h} "
      .. "port {resp_p}.",
    "Somebody looks for devices: malware that spreads, a scanner, or a wrongly configured program.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "アドレススキャン",
    "{source} が {within} の間に応答のない {value} アドレスへ接続を試みました (最新: "
      .. "{resp_h} ポート {resp_p})。",
    "マルウェアの拡散、スキャナ、または設定の誤りが考えられます。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
