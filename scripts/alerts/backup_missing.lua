-- A controller whose program was saved now and then is saved no longer.
local saved = state.map { name = "rule.saved", key = "addr" }
on("program.transfer", { direction = "upload" }, function(e) saved:set(e.server, e.ts) end)
require "rule" {
  name = "backup_missing", severity = "low", category = "backup", attack = "T0845", off = true,
  on = "conn_delta", where = "resp_pkts > 0", per = { "resp_h" }, source = "resp_h", target = false,
  settings = { span = "35d", quiet = "7d" },
  when = function(e, k)
    local last = saved:get(e.resp_h)
    return last and e.ts - last > k.span and { since = e.ts - last, threshold = k.span }
  end,
  en = { "Backup did not happen",
    "The program of {source} was read out {since} ago for the last time.",
    "After a failure there is only an old program to load.",
    "See whether the backup still runs, and make one." },
  ja = { "バックアップ未実施", "{source} のプログラムは {since} 前を最後に保存されていません。",
    "故障時に古いプログラムしか復旧できません。", "バックアップの動作を確認し、実施してください。" },
}
