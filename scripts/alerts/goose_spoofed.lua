-- Somebody publishes GOOSE messages in another device's name.
local what = {
  publisher = { en = "another station publishes it", ja = "別の機器が送信しています" },
  state_back = { en = "its state number went back", ja = "状態番号が戻りました" },
  sequence_back = { en = "its sequence number went back", ja = "順序番号が戻りました" },
}
require "rule" {
  name = "goose_spoofed", severity = "critical", category = "man in the middle",
  attack = "T0856 T0855",
  on = "goose.change", where = "what in {publisher, state_back, sequence_back}",
  per = { "gocb_ref", "src_mac", "what" }, source = "src_mac", target = false,
  when = function(e) return { sign = what[e.what] } end,
  en = { "GOOSE messages from two senders",
    "{gocb_ref} from {src_mac}: {sign} (state {st_num}, until now {was_st_num}).",
    "Protection devices act on the highest state number: a forged message can trip or hold a "
      .. "breaker, and the real ones are then ignored.",
    "Compare the values in goose_change.log with the device. Find the second sender at the "
      .. "switch; a replaced device explains it as well." },
  ja = { "GOOSE メッセージのなりすまし",
    "{src_mac} の {gocb_ref}: {sign} (状態番号 {was_st_num} から {st_num})。",
    "偽のメッセージにより遮断器が誤動作し、本物が無視されるおそれがあります。",
    "goose_change.log の値を機器と照合し、スイッチで送信元を特定してください。" },
}
