-- An OPC UA server offers logins without protection, where until now it did not. All endpoints of
-- its first answer count as known; one without kinds of logins is for discovery alone.
local known = state.map { name = "rule.opcua_unprotected", key = "string", expire = "90d" }
require "rule" {
  name = "opcua_unprotected", severity = "high", category = "configuration changes",
  attack = "T0836 T0830",
  on = "opcua.endpoint", where = "identities", per = { "resp_h", "resp_p" },
  source = false, target = "server", settings = { quiet = "1d" },
  when = function(e)
    local key, is_plain = ("%s %s"):format(e.server, e.endpoint_url), e.security_mode == "none"
    local was = known:get(key) or { since = e.ts, plain = is_plain }
    local is_new = is_plain and not was.plain and e.ts > was.since
    known:set(key, { since = was.since, plain = was.plain or is_plain })
    return is_new
  end,
  en = { "Protection of OPC UA removed", "{target} now offers {endpoint_url} without security.",
    "What clients read and write can be read and changed on the way.",
    "Ask who changed the server's settings; switch off the policy None again." },
  ja = { "OPC UA 保護の解除",
    "{target} が {endpoint_url} を保護なしで提供するようになりました。",
    "クライアントの通信が盗聴・改ざんされるおそれがあります。",
    "設定の変更者を確認し、ポリシー None を再び無効にしてください。" },
}
