-- A DNP3 outstation says again and again that events were lost: nobody fetched them (IIN 2.3).
require "rule" {
  name = "dnp3_overflow", severity = "medium", category = "operational issues",
  attack = "T0814 T0815",
  on = "dnp3.message", where = "indications ~ event_buffer_overflow",
  per = { "server", "outstation" }, many = 3, within = "10m", source = false, target = "server",
  en = { "Events are lost",
    "{target}, outstation {outstation}, told {value} times within {within} that its event "
      .. "buffer is full.",
    "Events come faster than they are fetched: a flood, a master that no longer asks or "
      .. "confirms, or a buffer that is too small.",
    "See who asks this outstation and what changes so often." },
  ja = { "イベントの消失",
    "{target} (アウトステーション {outstation}) が {within} に {value} 回、"
      .. "イベントバッファの溢れを通知しました。",
    "イベントの多発、マスターの停止、またはバッファ不足の可能性があります。",
    "問い合わせ元と、頻繁に変化する値を確認してください。" },
}
