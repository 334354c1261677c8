-- An MQTT broker refuses clients.
require "rule" {
  name = "mqtt_refused", severity = "medium", category = "authentication", attack = "T0859",
  on = "mqtt.connect", where = "connect_status and connect_status != Accepted",
  per = { "orig_h", "resp_h" }, many = 5, within = "10m",
  en = { "MQTT logins refused",
    "{target} refused {value} connections of {source} within {within}: {connect_status}.",
    "A device with an old password, or somebody who guesses.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "MQTTログインの拒否",
    "{target} が {source} の接続を {within} の間に {value} 回拒否: {connect_status}。",
    "古いパスワード設定、または推測攻撃の可能性があります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
