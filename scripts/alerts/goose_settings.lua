-- The data set of a GOOSE publisher is another one, is not set up completely, or a test runs.
local what = {
  configuration = { en = "data set or revision are other ones", ja = "データセットまたは版が変わりました" },
  commissioning = { en = "it needs commissioning", ja = "設定が完了していません" },
  simulation = { en = "a test begins or ends", ja = "試験の開始または終了" },
}
require "rule" {
  name = "goose_settings", severity = "medium", category = "configuration changes",
  attack = "T0836",
  on = "goose.change", where = "what in {configuration, commissioning, simulation}",
  per = { "gocb_ref", "what" }, source = "src_mac", target = false,
  when = function(e) return { sign = what[e.what] } end,
  en = { "GOOSE publisher changed", "{gocb_ref} of {src_mac}: {sign} (revision {conf_rev}).",
    "Receivers that expect the former data set ignore the messages; tests may make devices act.",
    "Ask whether somebody works on this protection device." },
  ja = { "GOOSE 設定の変更", "{src_mac} の {gocb_ref}: {sign} (版 {conf_rev})。",
    "受信側が以前のデータセットを前提としている場合、メッセージは無視されます。",
    "該当の保護装置で作業が行われているか確認してください。" },
}
