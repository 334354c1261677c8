-- Two stations answer to one PROFINET name.
require "rule" {
  name = "profinet_name_taken", severity = "high", category = "man in the middle",
  attack = "T0830 T0848",
  on = "profinet_dcp.conflict", per = { "station_name", "mac", "other_mac" },
  source = "mac", target = "other_mac",
  en = { "Two PROFINET stations with one name",
    "{mac} answers to the name {station_name}, to which {other_mac} answered {since} before.",
    "The controller connects to whoever answers: somebody pretends to be the device, it was "
      .. "replaced, or a name was given twice.",
    "Find both stations at the switch. If one was replaced, learn the alert." },
  ja = { "PROFINET 機器名の重複",
    "{mac} が {other_mac} の使用していた機器名 {station_name} に応答しています。",
    "なりすまし、機器の交換、または機器名の重複です。",
    "両方の機器をスイッチで特定してください。交換であれば学習してください。" },
}
