-- A program is written to a Windows share.
require "rule" {
  name = "executable_shared", severity = "high", category = "suspicion of malware",
  attack = "T0867 T0863",
  on = "smb.executable_written", per = { "orig_h", "resp_h", "name" },
  en = { "Program written to a share", "{source} wrote the program {name} to {share} of {target}.",
    "That is how malware spreads from machine to machine; updates do it too.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "共有への実行ファイル書込み",
    "{source} が {target} の {share} に実行ファイル {name} を書き込みました。",
    "マルウェアの拡散手段です。更新作業でも行われます。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
