-- A client calls a remote procedure of a Windows machine for the first time.
require "rule" {
  name = "rpc_operation", severity = "low", category = "abnormal communication",
  attack = "T0866 T0886", off = true, usual = true,
  on = "dcerpc.request", where = "endpoint and operation",
  per = { "orig_h", "resp_h", "endpoint", "operation" },
  en = { "Remote procedure called as never before",
    "{source} calls {endpoint} {operation} of {target}.",
    "Windows is administered by remote procedures: an administrator does so, or an intruder.",
    "Ask who does it from {source}. If it is regular, learn the alert." },
  ja = { "未学習のRPC操作", "{source} が {target} の {endpoint} {operation} を呼び出しました。",
    "Windowsの遠隔管理操作です。管理者または侵入者の可能性があります。",
    "実施者を確認し、通常の操作であれば学習してください。" },
}
