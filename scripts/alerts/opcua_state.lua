-- An OPC UA server says that it does not run.
require "rule" {
  name = "opcua_state", severity = "high", category = "operational issues", attack = "T0814",
  on = "asset.fact", where = "source == opcua and key == state and value != Running and ip",
  per = { "ip", "value" }, source = false, target = "ip", settings = { quiet = "1h" },
  en = { "Bad OPC UA server state", "{target} says of its OPC UA server: {value}.",
    "Clients get old values or none; what is written may not reach the machine.",
    "Look at the server's own diagnosis, and see whether somebody changed or stopped it." },
  ja = { "OPC UAサーバの状態異常", "{target} の OPC UA サーバが状態を通知しました: {value}。",
    "値が更新されない、または書込みが機器に届かないおそれがあります。",
    "サーバの自己診断を確認し、変更や停止の有無を調べてください。" },
}
