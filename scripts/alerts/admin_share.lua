-- Somebody opens the administrative share of a Windows machine.
require "rule" {
  name = "admin_share", severity = "medium", category = "remote access", attack = "T0886 T0867",
  on = "smb.tree", where = 'path ~ "$" and not path ~ "IPC$"', per = { "orig_h", "resp_h" },
  when = function(e)
    local path = (e.path or ""):upper()
    return path:find "\\%u+%$$" and not path:find "IPC%$$"
  end,
  en = { "Administrative share opened", "{source} opens {path} on {target}.",
    "With it every file of the machine can be read and replaced.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "管理共有へのアクセス", "{source} が {target} の {path} を開きました。",
    "機器の全ファイルの読み書きが可能です。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
