-- Packets whose headers no program's stack would send.
require "rule" {
  name = "malformed_packets", severity = "medium", category = "illegal commands",
  attack = "T0814 T0866",
  on = "weird", where = "source == decode and orig_h", per = { "orig_h", "resp_h" }, many = 10,
  within = "10m", source = "orig_h", target = "resp_h",
  when = function(e)
    return e.name:find "bad_" or e.name:find "truncated" or e.name:find "length"
  end,
  en = { "Broken packets",
    "{value} broken packets from {source} to {target} within {within}: {name}.",
    "A fuzzer or an attack on weak network stacks, or a broken device or cable.",
    "Find {source} at the switch. If it is a healthy device, learn the alert." },
  ja = { "不正なパケット",
    "{source} から {target} へ {within} に {value} 個の不正なパケット: {name}。",
    "ファジング、スタックへの攻撃、または故障の可能性があります。",
    "{source} をスイッチで特定してください。正常な機器なら学習してください。" },
}
