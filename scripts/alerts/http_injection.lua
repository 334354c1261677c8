-- A web request carries statements of a database, a shell or a way out of the server's folder.
local memo = require "memo"
local signs = {
  "union[ /*]+select", "union all select", "information_schema", "xp_cmdshell", "'%s*or%s+'?%d+'?=",
  "'%s*and%s+'?%d+'?=", "<script", "%.%./%.%./", "%.%.\\%.%.\\", "/etc/passwd", "/bin/sh",
  "cmd%.exe", "%${jndi:", "%(%)%s*{%s*:",
}
local sign_in = memo(function(text)
  text = text:lower():gsub("+", " ")
  for _, sign in ipairs(signs) do
    local found = text:match(sign)
    if found then return found end
  end
end)
require "rule" {
  name = "http_injection", severity = "high", category = "suspicion of malicious activity",
  attack = "T0866 T0819",
  on = "http.transaction", where = "uri", per = { "orig_h", "resp_h" },
  when = function(e)
    local found = sign_in(e.uri) or sign_in(e.user_agent or "")
    return found and { sign = found }
  end,
  en = { "Attack on a web server", "{source} asks {target} for {uri} ({sign}).",
    "Nobody's page asks like that: somebody tries to reach the database, the files or the shell "
      .. "behind the server.",
    "See what the server answered. Ask who did it; if nobody knows, take {source} off the "
      .. "network." },
  ja = { "Webサーバへの攻撃", "{source} が {target} に不正な要求を送信しました: {uri} ({sign})。",
    "データベース、ファイル、シェルへの侵入が試みられています。",
    "応答内容と実施者を確認し、不明な場合は {source} を切り離してください。" },
}
