-- Something else than the usual protocol on a well-known port.
local usual = {
  [22] = "ssh", [23] = "telnet", [80] = "http", [102] = "cotp s7comm s7comm_plus mms",
  [443] = "ssl quic",
  [445] = "smb ntlm dcerpc gssapi", [502] = "modbus", [3389] = "rdp ssl", [44818] = "enip cip pccc",
}
require "rule" {
  name = "standard_port", severity = "low", category = "unauthorized communication",
  attack = "T0885",
  on = "conn_delta",
  where = "proto == tcp and service and resp_p in {22, 23, 80, 102, 443, 445, 502, 3389, 44818}",
  per = { "orig_h", "resp_h", "resp_p" }, settings = { quiet = "1d" },
  when = function(e) return not usual[e.resp_p]:find(e.service, 1, true) end,
  en = { "Unusual protocol on a known port",
    "{source} speaks {service} with {target} on port {resp_p}.",
    "Traffic is hidden behind a port that firewalls let through, or a service was set up "
      .. "unusually.",
    "Find out what runs on {target} and why on this port." },
  ja = { "既知ポート上の異なるプロトコル",
    "{source} が {target} のポート {resp_p} で {service} を使用しています。",
    "ファイアウォールを通過するための偽装、または特殊な設定の可能性があります。",
    "{target} で動作しているサービスを確認してください。" },
}
