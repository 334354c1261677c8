-- A PROFINET station tells its partner that its program does not run.
require "rule" {
  name = "profinet_stopped", severity = "medium", category = "restart/stop", attack = "T0858 T0881",
  usual = "untold", once = "10m",
  on = "profinet.frame", where = "run == false", per = { "src_mac", "dst_mac" },
  source = "src_mac", target = "dst_mac",
  en = { "PROFINET station stopped", "{source} tells {target} that it does not run.",
    "A controller in stop drives nothing: outputs fall into their safe state.",
    "Make the process safe, look at {source}, and ask who stopped it." },
  ja = { "PROFINET 機器の停止", "{source} が {target} に停止状態を通知しています。",
    "停止中のコントローラは出力を制御しません。",
    "プロセスの安全を確保し、{source} の状態と停止した者を確認してください。" },
}
