-- A station does not know what somebody asks of it, again and again.
require "rule" {
  name = "iec104_refused", severity = "medium", category = "scan", attack = "T0846 T0861",
  on = "iec104.apdu", where = "direction == monitor and cause_tx in {unknown_type, unknown_cause, "
    .. "unknown_common_address, unknown_object_address}",
  per = { "client", "server" }, many = 5, within = "10m", source = "client", target = "server",
  en = { "IEC 104 addresses or types are tried",
    "{target} refused {value} requests of {source} within {within}, the last {type_id} of common "
      .. "address {common_address}: {cause_tx}.",
    "The list of points at one end is wrong, or somebody finds out what can be switched.",
    "Compare the list of points of {source} with the station; if nobody changed it, ask who did "
      .. "it." },
  ja = { "IEC 104 アドレスまたは型の探索",
    "{target} が {source} の要求を {within} の間に {value} 回拒否しました (最新: {type_id}、"
      .. "コモンアドレス {common_address}: {cause_tx})。",
    "ポイント定義の誤り、または操作対象の探索が疑われます。",
    "双方のポイント定義を比較し、変更がなければ実施者を確認してください。" },
}
