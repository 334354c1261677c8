-- Which station sends which kind of message to which, in protocols without IP (CC-Link IE, PROFINET, GOOSE ...).
local learn = require "learn"

learn.list {
	name = "ot_behaviour_ethernet", doc = "Which station uses which function of which, in frames without IP.",
	on = "ot.operation", where = "not resp_h", key = { "client", "server", "protocol", "func" },
	source = "client", target = "server",
	severity = "high", category = "unauthorized operation", attack = { "T0855", "T0801" },
	en = { "Function not seen before, without IP", "{client} uses {func} ({protocol}) towards {server}, which was not learned.",
		"A station on the field network sends what it never sent while normal operation was learned.",
		"Find the station by its MAC address at the switch and ask who works on it. If it is wanted, learn the alert." },
	ja = { "学習していない操作 (非IP)", "{client} が {server} へ未学習の操作 {func} ({protocol}) を行いました。",
		"学習期間中には見られなかった操作がフィールドネットワーク上で行われました。",
		"MACアドレスからスイッチ上の機器を特定し、作業者に確認してください。正当な操作であれば学習に追加してください。" },
}
