-- A Windows share over SMB version 1, which worms know to break.
require "rule" {
  name = "smb1", severity = "low", category = "vulnerability", attack = "T0866",
  on = "smb.negotiated", where = { version = "SMB1" }, per = { "resp_h" },
  settings = { quiet = "30d" },
  source = "orig_h", target = "resp_h",
  en = { "SMB version 1", "{target} speaks SMB version 1 with {source} ({dialect}).",
    "WannaCry and NotPetya came this way: the version has holes that are closed no more on "
      .. "old systems.",
    "Switch version 1 off, or let only the necessary machines reach {target}." },
  ja = { "SMBバージョン1", "{target} が {source} とSMBバージョン1で通信しています ({dialect})。",
    "WannaCryやNotPetyaが利用したバージョンです。",
    "バージョン1を無効にするか、必要な端末だけに制限してください。" },
}
