-- Firmware is transferred to a device.
require "rule" {
  name = "firmware_write", severity = "critical", category = "firmware change",
  attack = "T0857 T0839",
  on = "ot.operation", where = { op = "firmware" }, per = { "client", "server" },
  en = { "Firmware update", "{client} sends firmware to {server}: {func} ({protocol}).",
    "Firmware decides what a device is. A manipulated one hides itself and survives every restart.",
    "Ask whether an update was planned, and check the version afterwards. Otherwise cut the "
      .. "connection." },
  ja = { "ファームウェア更新", "{client} が {server} にファームウェアを送信: {func} ({protocol})。",
    "改ざんされたファームウェアは検出が困難で、再起動後も残ります。",
    "更新の計画を確認し、更新後のバージョンを確認してください。"
      .. "計画外なら通信を遮断してください。" },
}
