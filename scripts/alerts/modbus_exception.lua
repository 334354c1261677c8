-- A Modbus device refuses a function, an address or a value.
require "rule" {
  name = "modbus_exception", severity = "low", category = "illegal commands", attack = "T0888",
  on = "modbus.exception", where = { exception = { 1, 2, 3 } },
  per = { "orig_h", "resp_h" }, many = 5, within = "10m",
  en = { "Modbus requests refused",
    "{target} refused {value} requests of {source} within {within}: {func}, {exception}.",
    "The client asks for functions or registers that the device does not have.",
    "Compare the register map of the client with the device; if nobody changed it, look for "
      .. "a scanner." },
  ja = { "Modbus要求の拒否",
    "{target} が {source} の要求を {within} の間に {value} 回拒否: {func}、{exception}。",
    "機器に存在しない機能またはレジスタが要求されています。",
    "レジスタ設定を確認してください。変更がなければスキャンを疑ってください。" },
}
