-- A station sends a kind of PROFINET frame that it never sent.
require "rule" {
  name = "profinet_frame", severity = "medium", category = "unauthorized operation",
  attack = "T0855 T0830", usual = "untold", once = "1h",
  on = "profinet.frame", per = { "src_mac", "kind" }, source = "src_mac", target = "dst_mac",
  settings = { quiet = "1d" },
  en = { "New kind of PROFINET frame", "{source} sends {kind} frames ({frame_id}) to {target}.",
    "A device got another part to play, or somebody speaks in the network of the machine.",
    "Find {source} at the switch and ask who works on it. If it is wanted, learn the alert." },
  ja = { "未学習の PROFINET フレーム",
    "{source} が {target} へ {kind} フレーム ({frame_id}) を送信しています。",
    "機器の役割が変わったか、第三者が機械のネットワークで送信しています。",
    "スイッチで {source} を特定し、作業者に確認してください。正当であれば学習してください。" },
}
