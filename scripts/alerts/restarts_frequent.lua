-- A controller is reset or stopped again and again. The same command twice within a second is one:
-- sent again, or seen twice, or read again from the same capture.
local latest = state.map {
  name = "restarts_frequent.latest", key = "string", expire = "1m", max = 10000,
}

require "rule" {
  name = "restarts_frequent", severity = "high", category = "restart/stop", attack = "T0816 T0814",
  on = "ot.operation", where = { op = { "reset", "stop" } },
  per = { "server" }, many = 2, within = "10m", source = "client",
  when = function(e)
    local key = tostring(e.client) .. " " .. tostring(e.server) .. " " .. tostring(e.func)
    local before = latest:get(key)
    latest:set(key, e.ts)
    return not before or e.ts - before >= 1
  end,
  en = { "Frequent restarts", "{target} was reset or stopped {value} times within {within}.",
    "One restart is maintenance. Several in a row keep the process from running: sabotage or "
      .. "a defect.",
    "Take the clients off the network that send the commands, then look at the controller." },
  ja = { "再起動の多発", "{target} が {within} の間に {value} 回リセットまたは停止されました。",
    "繰り返される再起動はプロセスの運転を妨げます。妨害行為または故障の可能性があります。",
    "コマンドを送信している端末を切り離し、コントローラを確認してください。" },
}
