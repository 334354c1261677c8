-- Fewer slaves take part in an EtherCAT master's cyclic data than before.
require "rule" {
  name = "ethercat_slaves_lost", severity = "high", category = "operational issues",
  attack = "T0814 T0826",
  on = "ethercat.change", where = "what == working_counter_low", per = { "src_mac" },
  settings = { quiet = "10m" }, source = false, target = "src_mac",
  en = { "EtherCAT slaves no longer answer",
    "{target}: {command} at {logical} is counted {wkc} times instead of {was_wkc}.",
    "Inputs of the slaves that are gone stand still, their outputs fall to their safe state.",
    "Look for a slave without power, a pulled line, or a port that somebody closed." },
  ja = { "EtherCATスレーブ応答なし",
    "{target}: {logical} の {command} のワーキングカウンタが {was_wkc} から {wkc} に減少しました。",
    "応答しないスレーブの入力は更新されず、出力は安全状態になります。",
    "スレーブの電源、配線、およびポートが閉じられていないか確認してください。" },
}
