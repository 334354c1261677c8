-- A Modbus client sends an exception, which only devices may.
require "rule" {
  name = "modbus_master_exception", severity = "medium", category = "illegal commands",
  attack = "T0855 T0830",
  on = "weird", where = { name = "modbus.exception_by_client" },
  en = { "Modbus exception from a client",
    "{source} sent {target} an exception as if it were a device.",
    "The message does not come from the client's program: a manipulated connection or a "
      .. "broken gateway.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "クライアントからのModbus例外", "{source} が {target} に例外応答を送信しました。",
    "通信の改ざん、またはゲートウェイの故障が考えられます。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
