-- A server that still speaks SSH version 1.
require "rule" {
  name = "ssh_version_1", severity = "low", category = "vulnerability", attack = "T0842",
  on = "ssh.version", where = "is_server and protocol ~ 1.", per = { "resp_h" },
  settings = { quiet = "30d" },
  when = function(e) return e.protocol:find "^1%.[0-8]" ~= nil end,
  en = { "SSH version 1", "{target} offers SSH version {protocol}.",
    "Version 1 can be broken; passwords in it may be read.",
    "Update the server, or let only its own network reach it." },
  ja = { "SSHバージョン1", "{target} がSSHバージョン {protocol} を提供しています。",
    "解読可能なバージョンです。", "サーバを更新するか、到達範囲を制限してください。" },
}
