-- Somebody on the internet opened a connection into the plant.
local site = require "site"
require "rule" {
  name = "internet_inbound", severity = "high", category = "internet access",
  attack = "T0883 T0822",
  on = "conn_delta", where = "proto == tcp and resp_pkts > 1 and orig_l2_addr "
    .. "and not orig_h in {10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16}",
  per = { "orig_h", "resp_h", "resp_p" },
  source = "orig_h", target = "resp_h", settings = { quiet = "1d" },
  when = function(e)
    return site.is_internet(e.orig_h, e.orig_l2_addr) and site.is_terminal(e.resp_h, e.resp_l2_addr)
      and (e.history or ""):find "[Ss].*[Hh]" ~= nil
  end,
  en = { "Connection from the internet",
    "{source} on the internet connected to {target} port {resp_p} ({service}).",
    "The device can be reached by everybody in the world.",
    "Close the way in at the firewall. Look at what the connection did." },
  ja = { "インターネットからの接続",
    "インターネット上の {source} が {target} ポート {resp_p} ({service}) に接続しました。",
    "機器が世界中から到達可能な状態です。",
    "ファイアウォールで遮断し、通信内容を確認してください。" },
}
