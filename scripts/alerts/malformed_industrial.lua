-- Messages of an industrial protocol are broken, again and again.
local industrial = "source in {modbus, s7comm, s7comm_plus, enip, cip, pccc, slmp, melsoft, "
  .. "bacnet, fins, mms, goose, profinet, profinet_dcp, cclink_ie, cclink_ief_basic, "
  .. "cclink_tsn_slmp}"
require "rule" {
  name = "malformed_industrial", severity = "medium", category = "illegal commands",
  attack = "T0855 T0866",
  on = "weird", where = industrial, per = { "orig_h", "resp_h", "source" }, many = 5,
  within = "10m",
  source = "orig_h", target = "resp_h",
  en = { "Broken messages",
    "{value} broken messages between {source} and {target} within {within}, the last: {name}.",
    "A fuzzer or an exploit at work, a broken device, or a dialect of the protocol nobody knew of.",
    "Look at the packets. If the device is a healthy one with a dialect of its own, learn "
      .. "the alert." },
  ja = { "不正なメッセージ",
    "{source} と {target} の間で {within} に {value} 件の不正なメッセージ (最新: {name})。",
    "ファジング、攻撃、機器の故障、または未知の方言の可能性があります。",
    "パケットを確認してください。正常な機器の方言であれば学習してください。" },
}
