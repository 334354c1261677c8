-- Far more traffic on the network than ever while the lists learned.
local learn = require "learn"
local most = state.map { name = "rule.bandwidth", key = "string", max = 1 }
local sent = tally.new { keys = 2, sum = { "there", "back" }, max = 5000 } -- between two hosts
sent:count {
  on = "conn_delta", where = "orig_h and resp_h", key = { "orig_h", "resp_h" },
  sum = { "orig_ip_bytes", "resp_ip_bytes" },
}

-- Who sent the most since this was asked or passed over, and to whom.
local function heaviest()
  local source, target, bytes = nil, nil, 0
  for orig, resp, _, there, back in sent:take { totals = true } do
    if there > bytes then source, target, bytes = orig, resp, there end
    if back > bytes then source, target, bytes = resp, orig, back end
  end
  return source, target
end

local ALL = { least = math.maxinteger }
local function pass_over() sent:take(ALL) end

require "rule" {
  name = "bandwidth", severity = "medium", category = "bandwidth", attack = "T0814 T0882",
  on = "stats", where = "interval >= 50s", per = { "interface" }, source = false, target = false,
  settings = { times = 3, mbit = 1, quiet = "1h" },
  when = function(e, k)
    local rate, usual = e.bytes * 8e-6 / e.interval:seconds(), most:get "mbit" or 0
    local learns = learn.mode "ip_volume" == "learning"
    if learns and rate > usual then most:set("mbit", rate) end
    if learns or usual == 0 or rate < k.mbit or rate < k.times * usual then
      pass_over()
      return false
    end
    local source, target = heaviest()
    return {
      value = ("%.1f"):format(rate), threshold = ("%.1f"):format(k.times * usual),
      source = source, target = target,
    }
  end,
  en = { "Far more traffic than ever", "{value} Mbit/s within a minute; more than {threshold}.",
    "A flood, a loop, or a large transfer. Cyclic traffic of controllers suffers first.",
    "Ask what {source} sends to {target}; otoscope view ranking traffic shows who else does." },
  ja = { "通信量の異常", "1分間の通信量が {value} Mbit/s です (しきい値 {threshold})。",
    "フラッド、ループ、または大量転送です。コントローラの周期通信に影響します。",
    "{source} から {target} への通信と otoscope view ranking traffic を確認してください。" },
}
