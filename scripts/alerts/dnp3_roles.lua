-- A DNP3 master answers, an outstation asks, or a master wants its request confirmed: the standard
-- allows none of these.
require "rule" {
  name = "dnp3_roles", severity = "high", category = "illegal commands", attack = "T0830 T0855",
  on = "weird", where = { name = { "dnp3.response_by_master", "dnp3.request_by_outstation" } },
  per = { "orig_h", "resp_h" },
  also = { { on = "dnp3.message", where = "pdu_type == request and con" } },
  en = { "DNP3 stations in the wrong role",
    "Between {source} and {target} a master spoke as an outstation does, or an outstation as "
      .. "a master does.",
    "The message does not come from the station's own program: somebody forges messages, or "
      .. "sends in the middle.",
    "Look at the packets: whose MAC address sent them?" },
  ja = { "DNP3 局の役割違反",
    "{source} と {target} の間で、マスターとアウトステーションの役割が逆のメッセージがありました。",
    "メッセージの偽造または中間者攻撃の可能性があります。",
    "パケットの送信元 MAC アドレスを確認してください。" },
}
