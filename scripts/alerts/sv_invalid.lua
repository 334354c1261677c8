-- A merging unit says of its own values that they are not good.
require "rule" {
  name = "sv_invalid", severity = "medium", category = "operational issues",
  attack = "T0814",
  on = "sv.second", where = "invalid > 0",
  per = { "sv_id" }, many = 3, within = "1m", source = "src_mac", target = false,
  en = { "Sampled values that are not good",
    "{sv_id} of {source}: a channel's quality is not good, {value} seconds within {within}.",
    "Protection does not act on such values: what they protect is unprotected.",
    "Look at the instrument transformers and the unit; sv_second.log tells since when." },
  ja = { "品質不良のサンプル値", "{source} の {sv_id}: {within} の間に {value} 秒、品質が不良でした。",
    "保護装置はこの値で動作できず、保護が失われます。",
    "計器用変成器とマージングユニットを確認してください。" },
}
