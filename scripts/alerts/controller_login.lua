-- Somebody opens a shell or a desktop on a controller.
-- controller_internet.lua notes who is a controller.
local controllers = state.set { name = "rule.controllers", key = "addr", expire = "30d" }
require "rule" {
  name = "controller_login", severity = "medium", category = "remote access",
  attack = "T0886 T0822",
  on = "conn_delta", where = "resp_pkts > 0 and service in {ssh, telnet, rdp, rfb}",
  per = { "orig_h", "resp_h", "service" }, settings = { quiet = "1d" },
  when = function(e) return controllers:has(e.resp_h) end,
  en = { "Shell on a controller", "{source} is connected to the controller {target} by {service}.",
    "Beneath its program a controller is a computer: whoever logs in there can change everything.",
    "If this is maintenance, learn the alert. Otherwise close the service." },
  ja = { "コントローラへの遠隔ログイン",
    "{source} がコントローラ {target} に {service} で接続しています。",
    "OSにログインできればすべてを変更できます。",
    "保守作業なら学習し、そうでなければサービスを停止してください。" },
}
