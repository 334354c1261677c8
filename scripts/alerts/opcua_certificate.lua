-- An OPC UA server or client does not accept the other's certificate.
require "rule" {
  name = "opcua_certificate", severity = "medium", category = "authentication",
  attack = "T0859 T0830",
  on = "opcua.message", where = "status ~ Certificate and status ~ Bad",
  per = { "orig_h", "resp_h", "status" }, settings = { quiet = "1h" },
  en = { "Certificate rejected", "{source} and {target} open no OPC UA channel: {status}.",
    "A stranger tries to connect, somebody stands between the two, or a certificate ran out.",
    "If the client is a known one, renew its certificate, or trust it at the server." },
  ja = { "証明書の拒否",
    "{source} と {target} の OPC UA 接続が拒否されました: {status}。",
    "未知のクライアント、中間者、または証明書の期限切れの可能性があります。",
    "正規のクライアントであれば証明書を更新するか、サーバで信頼設定を行ってください。" },
}
