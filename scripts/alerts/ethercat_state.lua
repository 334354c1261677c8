-- An EtherCAT slave leaves operation by itself, or tells of an error.
local what = {
  left_op = { en = "left OP without being told to", ja = "指示なしにOPから離脱しました" },
  al_error = { en = "tells of an error", ja = "エラーを通知しました" },
}
require "rule" {
  name = "ethercat_state", severity = "high", category = "operational issues", attack = "T0814",
  on = "ethercat.change",
  where = "what == left_op or what == al_error and al_status_code != no_error",
  per = { "src_mac", "station", "position" }, settings = { quiet = "10m" },
  source = false, target = "src_mac",
  when = function(e)
    local slave, code = e.station or e.position or "-", e.al_status_code or "-"
    return { sign = what[e.what], slave = slave, code = code }
  end,
  en = { "EtherCAT slave out of operation",
    "Slave {slave} of {target} {sign}: {al_state} ({code}).",
    "Its outputs are in their safe state; what they move is no longer controlled.",
    "The error says what is missing; sync_manager_watchdog: the master sent no data in time." },
  ja = { "EtherCATスレーブの運転停止",
    "{target} のスレーブ {slave} が{sign}: {al_state} ({code})。",
    "出力は安全状態になり、対象は制御されません。",
    "エラーコードから原因を確認してください。" },
}
