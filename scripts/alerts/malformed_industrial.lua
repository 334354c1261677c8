-- Somebody sends broken messages of an industrial protocol, again and again, to one or to many.
local industrial = "source in {modbus, s7comm, s7comm_plus, enip, cip, pccc, slmp, "
  .. "melsoft, bacnet, fins, mms, goose, sv, profinet, profinet_dcp, cclink_ie, "
  .. "cclink_ief_basic, cclink_tsn_slmp, iec104, dnp3, opcua, ads, ethercat}"
require "rule" {
  name = "malformed_industrial", severity = "medium", category = "illegal commands",
  attack = "T0855 T0866",
  on = "weird", where = industrial, per = { "source" }, many = 5, within = "10m",
  when = function(e)
    local sender, other = e.orig_h or e.orig_mac, e.resp_h or e.resp_mac
    if not e.is_orig then sender, other = other, sender end
    return { key = ("%s %s"):format(sender, e.source), source = sender, target = other }
  end,
  en = { "Broken messages",
    "{source} sent {value} broken messages within {within}, the last to {target}: {name}.",
    "A fuzzer or an exploit at work, a broken device, or a dialect of the protocol nobody knew of.",
    "Look at the packets. If the device is a healthy one with a dialect of its own, learn "
      .. "the alert." },
  ja = { "不正なメッセージ",
    "{source} が {within} に {value} 件の不正なメッセージを送信しました (最新: {target} へ {name})。",
    "ファジング、攻撃、機器の故障、または未知の方言の可能性があります。",
    "パケットを確認してください。正常な機器の方言であれば学習してください。" },
}
