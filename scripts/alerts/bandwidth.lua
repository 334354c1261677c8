-- Far more traffic on the network than ever while the lists learned.
local learn = require "learn"
local most = state.map { name = "rule.bandwidth", key = "string", max = 1 }
require "rule" {
  name = "bandwidth", severity = "medium", category = "bandwidth", attack = "T0814 T0882",
  on = "stats", where = "interval >= 50s", per = { "interface" }, source = false, target = false,
  settings = { times = 3, mbit = 1, quiet = "1h" },
  when = function(e, k)
    local rate, usual = e.bytes * 8e-6 / e.interval:seconds(), most:get "mbit" or 0
    if learn.mode "ip_volume" == "learning" then
      if rate > usual then most:set("mbit", rate) end
      return false
    end
    if usual == 0 or rate < k.mbit or rate < k.times * usual then return false end
    return { value = ("%.1f"):format(rate), threshold = ("%.1f"):format(k.times * usual) }
  end,
  en = { "Far more traffic than ever", "{value} Mbit/s within a minute; more than {threshold}.",
    "A flood, a loop, or a large transfer. Cyclic traffic of controllers suffers first.",
    "See who sends most: otoscope view ranking traffic." },
  ja = { "通信量の異常", "1分間の通信量が {value} Mbit/s です (しきい値 {threshold})。",
    "フラッド、ループ、または大量転送です。コントローラの周期通信に影響します。",
    "otoscope view ranking traffic で送信元を確認してください。" },
}
