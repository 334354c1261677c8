-- A Modbus function that neither the specification nor a known maker defines.
local undefined = "func in 25..39 or func == 42 or func in 44..64 or func in 73..89 "
  .. "or func in 92..99 or func in 111..124"
require "rule" {
  name = "modbus_function_undefined", severity = "medium", category = "illegal commands",
  attack = "T0855 T0888", usual = { "orig_h", "resp_h", "func" },
  on = "modbus.request", where = undefined,
  also = { { on = "modbus.response", where = undefined } },
  per = { "orig_h", "resp_h" },
  en = { "Undefined Modbus function",
    "Modbus between {source} and {target} has a function that is not defined: {func}.",
    "A fuzzer, a scanner, or a maker's own extension that is in no book.",
    "If the device is meant to have this function, learn the alert; otherwise ask who sent it." },
  ja = { "未定義の Modbus ファンクション",
    "{source} と {target} の間で未定義のファンクション {func} が使用されました。",
    "ファジング、スキャン、またはメーカー独自の拡張の可能性があります。",
    "機器固有の機能であれば学習し、それ以外は送信者を確認してください。" },
}
