-- A device refuses many requests of a client. Tools of BACnet read every property that an object
-- could have.
require "rule" {
  name = "exception_pattern", severity = "medium", category = "command failures",
  attack = "T0806 T0888",
  on = "ot.outcome", where = "outcome == error and not (op == read and error == unknown-property)",
  per = { "client", "server" }, many = 20, within = "5m",
  en = { "Many refused requests",
    "{target} refused {value} requests of {source} within {within} ({protocol} {func}: {error}).",
    "The client asks for what the device does not have: a wrong setting, or somebody who searches.",
    "Compare the settings of the client with the device. If nobody changed them, look for a "
      .. "scanner." },
  ja = { "要求拒否の多発",
    "{target} が {source} の要求を {within} の間に {value} 回拒否しました ({error})。",
    "設定の誤り、または探索行為の可能性があります。",
    "クライアントの設定を確認してください。変更がなければスキャンを疑ってください。" },
}
