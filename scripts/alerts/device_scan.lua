-- One client asks many controllers what they are.
require "rule" {
  name = "device_scan", severity = "high", category = "scan", attack = "T0846 T0888",
  on = "ot.operation", where = "op == discover or (op == diagnose and func in "
    .. "{'Read SZL', controller_data_read})", -- which tell model and version, too
  per = { "client" }, distinct = "server", many = 6, within = "5m", usual = true,
  en = { "Controllers are enumerated",
    "{source} asked {value} devices within {within} what they are.",
    "Somebody looks for controllers: an engineering tool, an inventory, or an intruder who "
      .. "looks round.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "コントローラの探索", "{source} が {within} の間に {value} 台の機器の情報を取得しました。",
    "エンジニアリングツール、資産管理、または侵入者による探索の可能性があります。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
