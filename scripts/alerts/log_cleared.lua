-- What a controller wrote down of itself is wiped: the trace of what was done to it.
require "rule" {
  name = "log_cleared", severity = "medium", category = "abnormal communication", attack = "T0872",
  on = "ot.operation", where = 'op == clear and target ~ "log:"', settings = { quiet = "1h" },
  en = { "Log cleared", "{client} clears a log of {server}: {func} ({protocol}).",
    "The logs of a controller are the trace of what was done to it: who wipes them may hide "
      .. "something.",
    "Ask who did it and why. Look at what {client} did to {server} before." },
  ja = { "ログの消去", "{client} が {server} のログを消去しました: {func} ({protocol})。",
    "コントローラのログは操作の痕跡です。消去は隠蔽行為の可能性があります。",
    "実施者と理由を確認し、{client} がそれ以前に行った操作を調べてください。" },
}
