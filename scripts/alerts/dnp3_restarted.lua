-- A DNP3 outstation says that it restarted (IIN 1.7): once, until a master has acknowledged it.
local told = state.set { name = "dnp3.restarted", key = { "addr", "count" }, expire = "7d" }
on("ot.operation", "protocol == dnp3 and op == clear and unit", function(e)
  if e.server then told:remove { e.server, e.unit } end
end)
require "rule" {
  name = "dnp3_restarted", severity = "medium", category = "restart/stop", attack = "T0816 T0814",
  on = "dnp3.message", where = "server and indications ~ device_restart",
  per = { "server", "outstation" }, source = false, target = "server",
  when = function(e) return told:add { e.server, e.outstation } end,
  en = { "Outstation restarted", "{target}, outstation {outstation}, tells that it has restarted.",
    "A power failure, maintenance, or somebody who restarted it; events of the time between "
      .. "may be lost.",
    "Ask why it was restarted; where it happens often, look at its power and its settings." },
  ja = { "アウトステーションの再起動",
    "{target} (アウトステーション {outstation}) が再起動を通知しました。",
    "停電、保守、または遠隔からの再起動です。その間のイベントは失われた可能性があります。",
    "再起動の理由を確認し、頻発する場合は電源と設定を調べてください。" },
}
