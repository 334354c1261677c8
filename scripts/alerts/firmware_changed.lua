-- A device announces another firmware version than before.
local versions = state.map { name = "rule.firmware", key = { "addr", "string", "string" } }
require "rule" {
  name = "firmware_changed", severity = "high", category = "firmware change",
  attack = "T0857 T0839",
  on = "asset.fact", where = "ip and key == firmware and confidence >= 80",
  per = { "ip", "sub", "source" }, source = "ip", target = false,
  when = function(e)
    local key = { e.ip, e.sub or "", e.source }
    local was = versions:get(key)
    if was ~= e.value then versions:set(key, e.value) end
    local same = not was or was:find(e.value, 1, true) or e.value:find(was, 1, true)
    return not same and { was = was }
  end,
  en = { "Firmware changed", "{source} has firmware {value} now, until now {was}.",
    "The device was updated, replaced, or is not what it was.",
    "Ask whether an update was planned. If not, look at the device." },
  ja = { "ファームウェアの変更", "{source} のファームウェアが {was} から {value} に変わりました。",
    "更新、交換、または改ざんの可能性があります。",
    "更新の計画を確認してください。計画外なら機器を調査してください。" },
}
