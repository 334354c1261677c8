-- A stream of sampled values is set otherwise, has lost its clock, or a test runs beside it.
local what = {
  configuration = { en = "data set, revision or rate are other ones",
    ja = "データセット、版または周期が変わりました" },
  synchronisation = { en = "its samples follow another clock", ja = "同期元の時計が変わりました" },
  simulation = { en = "samples that are marked as a test", ja = "試験用のサンプル値です" },
}
require "rule" {
  name = "sv_settings", severity = "medium", category = "configuration changes",
  attack = "T0836",
  on = "sv.change", where = "what in {configuration, synchronisation, simulation}",
  per = { "sv_id", "what" }, source = "src_mac", target = false,
  when = function(e) -- one alert for all streams of a sender
    return { sign = what[e.what], key = e:joined { "src_mac", "what" } }
  end,
  en = { "Stream of sampled values changed", "{sv_id} of {src_mac}: {sign} (clock: {smp_synch}).",
    "Protection that expects the former settings, or compares units by their clocks, blocks "
      .. "itself.",
    "Ask whether somebody works on this merging unit, or whether the clocks' master is there." },
  ja = { "サンプル値の設定変更", "{src_mac} の {sv_id}: {sign} (同期: {smp_synch})。",
    "以前の設定や時刻同期を前提とする保護装置がロックされるおそれがあります。",
    "該当の機器で作業が行われているか、時刻源が動作しているか確認してください。" },
}
