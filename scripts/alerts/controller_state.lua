-- A device tells of another operating mode, key switch position or state than before.
local states = state.map { name = "rule.states", key = { "string", "string", "string" } }
require "rule" {
  name = "controller_state", severity = "medium", category = "operational issues",
  attack = "T0858 T0814",
  on = "asset.fact", where = "ip and confidence >= 80 and key in {mode, mode_switch, state}",
  per = { "ip", "sub", "key" }, source = false, target = "ip", settings = { quiet = "10m" },
  when = function(e)
    local key = { tostring(e.ip), (e.sub or "") .. " " .. e.source, e.key }
    local was = states:get(key)
    if was ~= e.value then states:set(key, e.value) end
    return was and was ~= e.value and { was = was, what = e.key }
  end,
  en = { "Controller in another state", "{target} says {what} {value}, until now {was}.",
    "It was stopped, started or switched over: at the device itself, or by a command unseen here.",
    "Ask who did it, and see that mode and key switch are as they should be." },
  ja = { "コントローラの状態変化", "{target} の {what} が {was} から {value} に変わりました。",
    "機器本体、または検知範囲外のコマンドにより停止・起動・切替が行われました。",
    "実施者を確認し、モードとキースイッチを正しい状態に戻してください。" },
}
