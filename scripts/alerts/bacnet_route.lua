-- A BACnet station speaks through a router with a network that it never spoke with.
require "rule" {
  name = "bacnet_route", severity = "medium", category = "unauthorized communication",
  attack = "T0886 T0846", usual = "untold", once = "1h",
  on = "bacnet.message", where = "dnet and dnet != 65535", per = { "source_h", "dnet" },
  source = "source_h", target = "destination_h", settings = { quiet = "1d" },
  en = { "New BACnet route", "{source} speaks through {target} with BACnet network {dnet}.",
    "Behind BACnet routers lie field buses whose devices know no protection.",
    "Ask who set {source} up. If it is meant to reach this network, learn the alert." },
  ja = { "未学習の BACnet 経路",
    "{source} が {target} を経由して BACnet ネットワーク {dnet} と通信しています。",
    "BACnet ルーター配下のフィールドバス機器には保護機能がありません。",
    "{source} の設定者を確認し、正当な経路であれば学習してください。" },
}
