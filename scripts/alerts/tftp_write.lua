-- A file is sent to a device by TFTP.
require "rule" {
  name = "tftp_write", severity = "medium", category = "configuration changes",
  attack = "T0867 T0839",
  on = "tftp.request", where = { op = "write" }, per = { "orig_h", "resp_h" },
  en = { "File sent by TFTP", "{source} sends the file {fname} to {target} by TFTP.",
    "Devices take firmware and settings this way, from anybody.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "TFTPによるファイル送信",
    "{source} が {target} にファイル {fname} をTFTPで送信しています。",
    "ファームウェアや設定が認証なしで書き込まれる可能性があります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
