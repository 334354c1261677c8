-- Modbus diagnostics that silence a device or restart its communication.
require "rule" {
  name = "modbus_silenced", severity = "critical", category = "restart/stop",
  attack = "T0814 T0816",
  on = "modbus.request", where = { func = 8, subfunction = { 1, 4 } },
  en = { "Modbus device silenced",
    "{source} sent {target} unit {unit} the diagnostic command {subfunction}.",
    "The device no longer answers, or starts its communication anew: the operator is blind "
      .. "meanwhile.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "Modbus機器の沈黙化",
    "{source} が {target} ユニット {unit} に診断コマンド {subfunction} を送信しました。",
    "機器が応答しなくなるか通信が再起動し、監視できなくなります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
