-- A host sends to closed ports what no connection begins with: packets without SYN and ACK.
require "rule" {
  name = "stealth_probe", severity = "medium", category = "scan", attack = "T0846 T0842",
  on = "conn", where = "proto == tcp and orig_pkts == 1 and resp_pkts == 1 "
    .. "and history in {Fr, r}", per = { "orig_h", "resp_h" }, distinct = "resp_p",
  many = 3, within = "2m",
  en = { "Stealthy probes", "{source} tried {value} ports of {target} with odd packets.",
    "Somebody looks for open ports in a way that simple logs do not show.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "ステルススキャン", "{source} が {target} の {value} ポートを異常なパケットで試しました。",
    "記録に残りにくい方法で開いているポートが探索されています。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
