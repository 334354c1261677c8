-- Somebody switches the operating mode of a controller.
require "rule" {
  name = "controller_mode", severity = "high", category = "restart/stop", attack = "T0858",
  on = "ot.operation", where = { op = "mode" }, settings = { quiet = "10m" },
  en = { "Operating mode changed", "{client} switches the mode of {server}: {func} ({protocol}).",
    "In another mode the controller may stop its program or accept changes that it refused before.",
    "Ask who did it, and see that the key switch and the mode are as they should be." },
  ja = { "運転モードの変更",
    "{client} が {server} の運転モードを変更しました: {func} ({protocol})。",
    "プログラムの停止や、通常は拒否される変更が可能になることがあります。",
    "実施者を確認し、キースイッチとモードを正しい状態に戻してください。" },
}
