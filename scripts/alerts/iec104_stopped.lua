-- Somebody ends the transfer of data on a connection, who never did.
require "rule" {
  name = "iec104_stopped", severity = "medium", category = "restart/stop", attack = "T0815 T0804",
  on = "iec104.apdu", where = "u_function == 'STOPDT act'", per = { "client", "server" },
  source = "client", target = "server",
  usual = "untold", once = "1h", settings = { quiet = "1d" },
  en = { "IEC 104 data transfer stopped", "{source} stopped the transfer of data with {target}.",
    "The station no longer tells values on this connection: a change to a redundant one, or "
      .. "somebody who blinds the control centre.",
    "See whether the control centre still gets values; ask who did it." },
  ja = { "IEC 104 データ転送の停止", "{source} が {target} とのデータ転送を停止しました。",
    "冗長接続への切替、または監視を妨げる行為の可能性があります。",
    "中央監視が値を受信しているか確認し、実施者を確認してください。" },
}
