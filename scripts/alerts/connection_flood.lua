-- Very many new connections to one service.
require "rule" {
  name = "connection_flood", severity = "high", category = "denial of service", attack = "T0814",
  on = "flow.new", where = "proto == tcp", per = { "resp_h", "resp_p" }, many = 1000,
  within = "10s", bulk = true,
  target = "resp_h", from = "orig_h",
  en = { "Connection flood",
    "{value} new connections to {target} port {resp_p} within {within}, from {sources}.",
    "The device has to remember each of them, until it has no room for real ones.",
    "Block the addresses that the connections come from before the device." },
  ja = { "接続フラッド",
    "{target} ポート {resp_p} へ {within} の間に {value} 件の新規接続がありました (接続元 {sources})。",
    "機器の接続資源が枯渇し、正規の通信ができなくなります。",
    "接続元を確認し、機器の手前で遮断してください。" },
}
