-- A BACnet device is told to talk no more, or to tell nothing by itself.
require "rule" {
  name = "bacnet_silenced", severity = "high", category = "restart/stop", attack = "T0814 T0803",
  on = "bacnet.device_control", where = "device_state in {'disable', 'disable-initiation'}",
  en = { "BACnet device silenced",
    "{source} told {target} to stop its communication ({device_state}).",
    "The device goes on controlling, but nobody sees its values and alarms or can change "
      .. "anything until it is enabled again.",
    "Ask who did it and why; if nobody knows, take {source} off the network and enable the "
      .. "device." },
  ja = { "BACnet機器の沈黙化",
    "{source} が {target} に通信の停止を指示しました ({device_state})。",
    "機器は制御を続けますが、再開されるまで値や警報が見えず、操作もできません。",
    "実施者と理由を確認し、不明な場合は {source} を切り離して通信を再開してください。" },
}
