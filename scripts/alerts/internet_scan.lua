-- A public address tries private ones, however slowly: nothing of the internet may even knock.
local inside <const> = "{10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16}"
require "rule" {
  name = "internet_scan", severity = "medium", category = "scan", attack = "T0846 T0883",
  on = "conn", where = "proto == tcp and conn_state in {S0, REJ, RSTOS0, RSTRH, SH} "
    .. "and not orig_h in " .. inside .. " and resp_h in " .. inside,
  per = { "orig_h" }, distinct = "resp_h", many = 5, within = "1d",
  unless = { require "answered", "orig_h", "resp_h" },
  en = { "Scan from the internet",
    "{source} on the internet tried {value} addresses of the plant within {within} "
      .. "that did not answer.",
    "The way from the internet into the plant is open: somebody looks for what answers.",
    "Close the way in at the firewall; look whether {source} reached anything." },
  ja = { "インターネットからのスキャン",
    "インターネット上の {source} が {within} の間に、応答のない工場内の {value} アドレスへ接続を試みました。",
    "インターネットから工場内への経路が開いており、応答する機器が探索されています。",
    "ファイアウォールで経路を遮断し、{source} が到達した機器の有無を確認してください。" },
}
