-- A client tries one Modbus unit after another.
require "rule" {
  name = "modbus_unit_scan", severity = "high", category = "scan", attack = "T0846",
  on = "modbus.request",
  per = { "orig_h", "resp_h" }, distinct = "unit", many = 20, within = "1m",
  en = { "Modbus units are tried",
    "{source} addressed {value} units behind {target} within {within}.",
    "Somebody finds out which devices are behind a gateway.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "Modbusユニットのスキャン",
    "{source} が {target} 配下の {value} ユニットに {within} の間にアクセスしました。",
    "ゲートウェイ配下の機器が探索されています。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
