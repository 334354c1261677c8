-- A storm of broadcasts or multicasts.
local site = require "site"
require "rule" {
  name = "broadcast_storm", severity = "high", category = "denial of service", attack = "T0814",
  on = "conn_delta", where = "resp_h", also = { { on = "eth.delta", where = "resp_mac" } },
  per = { "orig_mac", "resp_h", "resp_mac" }, settings = { packets = 30000 },
  when = function(e, k)
    local many = e.orig_pkts >= k.packets and site.is_group(e.resp_h or e.resp_mac)
    return many and { value = e.orig_pkts, threshold = k.packets }
  end,
  en = { "Broadcast storm", "{source} sent {value} packets to the group {target} in a minute.",
    "Every device of the segment has to look at each of them: slow ones stop working.",
    "Look for a loop or a broken device at the switch port of {source}." },
  ja = { "ブロードキャストストーム",
    "{source} がグループ {target} に1分間で {value} パケットを送信しました。",
    "セグメント内の全機器に負荷がかかり、停止する機器があります。",
    "{source} のスイッチポートでループや故障を確認してください。" },
}
