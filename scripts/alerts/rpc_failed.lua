-- Windows' remote procedure calls fail, one after another.
require "rule" {
  name = "rpc_failed", severity = "medium", category = "command failures", attack = "T0866 T0888",
  on = "dcerpc.fault", per = { "orig_h", "resp_h" }, many = 20, within = "5m",
  source = "orig_h", target = "resp_h",
  also = { { on = "dcerpc.refused" } },
  en = { "Remote calls fail", "{target} refused {value} calls of {source} within {within}.",
    "Somebody tries what a machine offers and allows, or uses a hole in it.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "RPC呼出しの失敗",
    "{target} が {source} のRPC呼出しを {within} の間に {value} 回拒否しました。",
    "機器の機能や権限の探索、または脆弱性の悪用が考えられます。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
