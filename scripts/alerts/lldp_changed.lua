-- A device tells its neighbours by LLDP another name, port, address or VLAN than before.
-- key: sender, port
local said = state.map { name = "rule.lldp", key = { "addr", "string" }, max = 20000 }
local settings = { "chassis_id", "port_description", "system_name", "system_description", "enabled",
  "management", "port_vlan", "serial", "firmware" }

local function shown(value)
  if type(value) ~= "table" then return tostring(value or "-") end
  local texts = {}
  for i, v in ipairs(value) do texts[i] = tostring(v) end
  return table.concat(texts, " ")
end

-- What is different, or nil; remembers what is said now.
local function difference(e)
  local key, now = { e.src_mac, e.port_id or "" }, {}
  local was = said:get(key)
  for _, name in ipairs(settings) do now[name] = shown(e[name]) end
  said:set(key, now)
  for _, name in ipairs(was and settings or {}) do
    if (was[name] or "-") ~= now[name] then
      return { setting = name:gsub("_", " "), was = was[name] or "-", is = now[name] }
    end
  end
end

require "rule" {
  name = "lldp_changed", severity = "medium", category = "configuration changes",
  attack = "T0830 T0846",
  on = "lldp.frame", where = "shutdown == false and (first == true or changed == true)",
  per = { "src_mac", "port_id" }, source = "src_mac", target = false, when = difference,
  en = { "Other settings of a device",
    "{src_mac} (port {port_id}) tells its neighbours by LLDP: {setting} is {is}, until now {was}.",
    "Somebody changed the settings of a switch or device, replaced it, or pretends to be it.",
    "Ask whether a change was planned. If not, look at what is plugged in there." },
  ja = { "機器の設定変更 (LLDP)",
    "{src_mac} (ポート {port_id}) の LLDP 情報が変わりました: {setting} が {was} から {is}。",
    "設定変更、機器の交換、またはなりすましの可能性があります。",
    "変更の予定を確認してください。予定外なら接続機器を調査してください。" },
}
