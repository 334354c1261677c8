-- Modbus function code zero, which does not exist.
require "rule" {
  name = "modbus_function_zero", severity = "medium", category = "illegal commands",
  attack = "T0855",
  on = "weird", where = { name = "modbus.function_code_zero" },
  en = { "Modbus function code zero",
    "{source} sent {target} a Modbus message with function code 0.",
    "No program sends this: a fuzzer, an exploit, or a broken device.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "Modbus ファンクションコード0",
    "{source} が {target} にファンクションコード0のModbusメッセージを送信しました。",
    "正常なプログラムは送信しません。ファジング、攻撃、または故障が考えられます。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
