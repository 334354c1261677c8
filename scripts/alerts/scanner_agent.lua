-- A web client that calls itself a scanner.
local memo = require "memo"
local tools = {
  "nmap", "nikto", "sqlmap", "masscan", "zgrab", "gobuster", "dirbuster", "nessus", "openvas",
}
local is_tool = memo(function(agent)
  agent = agent:lower()
  for _, tool in ipairs(tools) do if agent:find(tool, 1, true) then return true end end
end)
require "rule" {
  name = "scanner_agent", severity = "high", category = "scan", attack = "T0846",
  on = "http.transaction", where = "user_agent", per = { "orig_h" },
  when = function(e) return is_tool(e.user_agent) end,
  en = { "Scanner at work", "{source} asks {target} with the scanner {user_agent}.",
    "Somebody looks for holes in web servers: a test that was ordered, or not.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "スキャナの使用", "{source} がスキャナ {user_agent} で {target} を調査しています。",
    "Webサーバの脆弱性が探索されています。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
