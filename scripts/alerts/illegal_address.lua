-- A sender with an address that nobody can have.
require "rule" {
  name = "illegal_address", severity = "medium", category = "illegal commands", attack = "T0842",
  on = "flow.new", where = "orig_h in 127.0.0.0/8 or orig_h in 224.0.0.0/3 or orig_h in ff00::/8",
  per = { "orig_h", "orig_mac" },
  -- Two loopback addresses: a machine that recorded itself.
  when = function(e)
    return e.orig_mac and e.orig_mac ~= mac "00:00:00:00:00:00"
      and not (e.orig_h:within "127.0.0.0/8" and e.resp_h:within "127.0.0.0/8")
  end,
  en = { "Illegal sender address", "{orig_mac} sends as {source} to {target}.",
    "The address is forged or the device is broken.",
    "Find the station by its MAC address at the switch." },
  ja = { "不正な送信元アドレス", "{orig_mac} が {source} として {target} に送信しました。",
    "アドレスの詐称または機器の故障です。", "MACアドレスからスイッチで機器を特定してください。" },
}
