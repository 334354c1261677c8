-- Something else than the usual protocol on a well-known port.
local unusual = {
  "resp_p == 22 and service != ssh", "resp_p == 23 and service != telnet",
  "resp_p == 80 and service != http", "resp_p == 443 and not service in {ssl, quic}",
  "resp_p == 102 and not service in {cotp, s7comm, s7comm_plus, mms}",
  "resp_p == 445 and not service in {smb, ntlm, dcerpc, gssapi}",
  "resp_p == 502 and service != modbus", "resp_p == 2404 and service != iec104",
  "resp_p == 3389 and not service in {rdp, ssl}", "resp_p == 4840 and service != opcua",
  "resp_p == 20000 and service != dnp3", "resp_p == 48898 and service != ads",
  "resp_p == 44818 and not service in {enip, cip, pccc}",
}
require "rule" {
  name = "standard_port", severity = "low", category = "unauthorized communication",
  attack = "T0885",
  on = "conn_delta",
  where = "proto == tcp and service and (" .. table.concat(unusual, " or ") .. ")",
  per = { "orig_h", "resp_h", "resp_p" }, settings = { quiet = "1d" },
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
