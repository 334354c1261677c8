-- A client tries one function after another on a device. Engineering tools ask everybody by
-- broadcast, whatever they want of one; what a device tells by itself nobody tries.
require "rule" {
  name = "function_scan", severity = "high", category = "scan", attack = "T0888 T0846",
  on = "ot.operation",
  where = "func and op != cyclic and not server in {255.255.255.255, 224.0.0.0/4} "
    .. "and not server_mac == ff:ff:ff:ff:ff:ff", -- not !=, which asks for a MAC to be there
  per = { "client", "server" }, distinct = "func", many = 15, within = "1m",
  en = { "Functions are tried", "{source} used {value} functions of {target} within {within}.",
    "No operator works like that: a scanner finds out what the device can do.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "機能のスキャン",
    "{source} が {within} の間に {target} の {value} 種類の機能を使用しました。",
    "通常の操作では考えられません。スキャナが機器の機能を調査しています。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
