-- A storm of broadcasts or multicasts; not the cycle of PROFINET, EtherCAT, GOOSE, CC-Link IE ...
local site = require "site"
local cycle = "{0x8892, 0x88a4, 0x88ab, 0x88b8, 0x88ba, 0x88cd, 0x890f}"
require "rule" {
  name = "broadcast_storm", severity = "high", category = "denial of service", attack = "T0814",
  on = "conn_delta",
  where = "orig_pkts >= {packets} and resp_h and not resp_p in {2222, 34980, 61450}",
  also = { {
    on = "eth.delta", where = "orig_pkts >= {packets} and resp_mac and not ethertype in " .. cycle,
  } },
  per = { "orig_mac", "resp_h", "resp_mac" }, settings = { packets = 5000 }, usual = true,
  when = function(e, k)
    return site.is_group(e.resp_h or e.resp_mac) and { value = e.orig_pkts, threshold = k.packets }
  end,
  en = { "Broadcast storm", "{source} sent {value} packets to the group {target} in a minute.",
    "Every device of the segment has to look at each of them: slow ones stop working.",
    "Look for a loop or a broken device at the switch port of {source}." },
  ja = { "ブロードキャストストーム",
    "{source} がグループ {target} に1分間で {value} パケットを送信しました。",
    "セグメント内の全機器に負荷がかかり、停止する機器があります。",
    "{source} のスイッチポートでループや故障を確認してください。" },
}
