-- A host tries many ports of another that are closed. Answers to everybody (of devices that a tool
-- looked for) go to other ports, too.
local one = " and not resp_h in 224.0.0.0/3 and not resp_h in ff00::/8"
require "rule" {
  name = "port_scan", severity = "high", category = "scan", attack = "T0846 T0842",
  on = "conn", where = "conn_state in {S0, REJ, RSTOS0, RSTRH, SH} and proto in {tcp, udp}"
    .. one,
  also = { { on = "conn", where = "proto == tcp and conn_state == OTH and orig_pkts < 3" } },
  per = { "orig_h", "resp_h" }, distinct = "resp_p", many = 25, within = "2m",
  en = { "Port scan", "{source} tried {value} ports of {target} within {within}.",
    "Somebody finds out which services a device has. Weak devices stop working under a scan.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "ポートスキャン", "{source} が {within} の間に {target} の {value} ポートを試しました。",
    "機器のサービスが探索されています。スキャンで停止する機器もあります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
