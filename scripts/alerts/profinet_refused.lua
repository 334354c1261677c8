-- A PROFINET device refuses what DCP would change: a name, an address, a reset.
require "rule" {
  name = "profinet_refused", severity = "medium", category = "command failures",
  attack = "T0836 T0816",
  on = "ot.outcome", where = "protocol == profinet_dcp and outcome == error and func != get",
  per = { "client", "server", "func", "error" },
  en = { "PROFINET device refuses a command", "{server} refuses {func} of {client}: {error}.",
    "A tool or an intruder tried to change what this device does not allow now.",
    "Ask who did it. Another name or address for a device in operation is a reason to look "
      .. "closer." },
  ja = { "PROFINET DCP コマンドの拒否", "{server} が {client} の {func} を拒否しました: {error}。",
    "許可されていない設定変更が試みられました。",
    "実施者を確認してください。稼働中の機器への名前やアドレスの変更は特に注意が必要です。" },
}
