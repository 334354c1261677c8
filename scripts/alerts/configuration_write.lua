-- The configuration of a device is changed.
require "rule" {
  name = "configuration_write", severity = "medium", category = "configuration changes",
  attack = "T0836 T0889",
  on = "ot.operation", where = { op = "configure" }, per = { "client", "server", "func" },
  usual = true,
  en = { "Configuration changed",
    "{client} changes the configuration of {server}: {func} ({protocol}).",
    "Addresses, limits or functions of the device may be others than before.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "設定の変更", "{client} が {server} の設定を変更: {func} ({protocol})。",
    "アドレス、しきい値、機能などが変更された可能性があります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
