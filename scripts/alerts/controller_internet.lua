-- A controller talks to the internet.
local site = require "site"
local controllers = state.set { name = "rule.controllers", key = "addr", expire = "30d" }
local served = tally.new { keys = 1, again = "1d" }
served:count {
  on = "ot.operation", where = "resp_h", key = { "server" },
  new = { controllers, "server" },
}
require "rule" {
  name = "controller_internet", severity = "high", category = "internet access",
  attack = "T0883 T0884",
  on = "conn_delta", where = "resp_pkts > 0 and resp_l2_addr and not resp_h in 10.0.0.0/8 "
    .. "and not resp_h in 172.16.0.0/12 and not resp_h in 192.168.0.0/16",
  per = { "orig_h" },
  settings = { quiet = "1d" },
  when = function(e)
    return controllers:has(e.orig_h) and site.is_internet(e.resp_h, e.resp_l2_addr)
  end,
  en = { "Controller talks to the internet",
    "{source}, a controller, talks to {target} on the internet, port {resp_p} ({service}).",
    "Controllers need no internet: a wrong setting, a cloud function that nobody ordered, or "
      .. "remote control.",
    "Find out what it does there, and close the way at the firewall." },
  ja = { "コントローラのインターネット通信",
    "コントローラ {source} がインターネット上の {target} ポート {resp_p} ({service}) "
      .. "と通信しています。",
    "コントローラに通常インターネットは不要です。設定の誤り、クラウド機能、"
      .. "または遠隔操作の可能性があります。",
    "通信の目的を確認し、ファイアウォールで遮断してください。" },
}
