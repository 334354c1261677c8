-- What a protection device tells by GOOSE changes again and again.
require "rule" {
  name = "goose_restless", severity = "medium", category = "operational issues",
  attack = "T0856 T0831", usual = "untold",
  on = "goose.change",
  where = "what == state and was_sq_num >= 5", -- after a rest: not the steps of one event
  per = { "gocb_ref", "src_mac" }, many = 5, within = "10m", source = "src_mac", target = false,
  en = { "Protection device without rest",
    "{gocb_ref} of {source} changed its state {value} times within {within}.",
    "Breakers and protection change seldom: something swings, a contact chatters, or somebody "
      .. "sends forged states in the device's name.",
    "Compare the values in goose_change.log with the device's own record of events." },
  ja = { "GOOSE 状態の頻繁な変化",
    "{source} の {gocb_ref} の状態が {within} の間に {value} 回変化しました。",
    "発振、接点不良、または偽の状態送信の可能性があります。",
    "goose_change.log の値を機器のイベント記録と照合してください。" },
}
