-- A message with a version of its protocol that there is not.
require "rule" {
  name = "protocol_version", severity = "low", category = "illegal commands", attack = "T0866",
  on = "weird", where = "name ~ version and source", per = { "orig_h", "resp_h", "name" },
  settings = { quiet = "1h" },
  en = { "Illegal protocol version", "{source} and {target} speak a version unknown: {name}.",
    "A fuzzer, another protocol on this port, or a dialect of the maker's.",
    "Look at the packets. If the device is a healthy one, learn the alert." },
  ja = { "不正なプロトコルバージョン",
    "{source} と {target} の間で未知のバージョンが検出されました: {name}。",
    "ファジング、別のプロトコル、またはメーカー独自の方言の可能性があります。",
    "パケットを確認し、正常な機器であれば学習してください。" },
}
