-- Somebody publishes sampled values in a merging unit's name.
local what = {
  publisher = { en = "another station publishes it", ja = "別の機器が送信しています" },
  back = { en = "its sample number goes back and forth", ja = "サンプル番号が前後しています" },
}
require "rule" {
  name = "sv_spoofed", severity = "critical", category = "man in the middle",
  attack = "T0856 T0832",
  on = "sv.change", where = "what in {publisher, back}",
  per = { "sv_id", "src_mac", "what" }, many = 3, within = "10s",
  source = "src_mac", target = false,
  when = function(e) -- one alert for all streams of a sender
    return { sign = what[e.what], key = e:joined { "src_mac", "what" } }
  end,
  en = { "Sampled values from two senders",
    "{sv_id} from {src_mac}: {sign} (sample {smp_cnt} after {was_smp_cnt}).",
    "Protection that believes forged currents and voltages does not trip when it must, or trips "
      .. "without need.",
    "Compare sv_second.log with the unit's own record. Find the second sender at the switch; a "
      .. "replaced unit explains it as well." },
  ja = { "サンプル値のなりすまし", "{src_mac} の {sv_id}: {sign} (サンプル番号 {was_smp_cnt} から {smp_cnt})。",
    "偽の電流・電圧値により保護装置が動作しない、または誤動作するおそれがあります。",
    "sv_second.log を機器の記録と照合し、スイッチで送信元を特定してください。" },
}
