-- A service, task or account is made on another machine, as PsExec and malware do.
require "rule" {
  name = "remote_execution", severity = "high", category = "suspicion of malicious activity",
  attack = "T0886 T0866",
  on = "dcerpc.action", per = { "orig_h", "resp_h", "action" },
  when = function(e)
    local what = (e.name or "") .. (e.name and e.command and " " or "") .. (e.command or "")
    return { what = what ~= "" and ": " .. what or "" }
  end,
  en = { "Remote control of Windows", "{source} does {action} on {target}{what}.",
    "Programs are started or accounts made from afar: administration, or an intruder who spreads.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "Windowsの遠隔操作", "{source} が {target} で {action} を実行{what}。",
    "遠隔からのプログラム起動やアカウント作成です。管理作業または侵入の拡大が考えられます。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
