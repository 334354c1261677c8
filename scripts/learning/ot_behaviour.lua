-- Who uses which function of which controller: over IP, and in frames without IP.
local coverage = require "coverage"
local learn = require "learn"
local is_reply = require "reply"

learn.list {
	name = "ot_behaviour", doc = "Which client uses which function of which device over IP.",
	on = "ot.operation", where = "resp_h", columns = { "client", "server", "protocol", "func" }, source = "client", target = "server",
	-- What is skipped is no more than what only a response told: the request itself is met apart from it.
	key = { "client", "server", "protocol", "func", "unmatched" }, loose = "unmatched", settles = function() return true end,
	-- Where packets are lost, what only a response tells has another name than its request.
	skip = function(_, _, e) return is_reply(e) or e.unmatched and not coverage.is_whole() end,
	severity = "high", category = "unauthorized operation", attack = { "T0855", "T0801" },
	en = { "Function not seen before", "{client} uses {func} ({protocol}) on {server}, which was not learned.",
		"A client does something to a device that it never did while normal operation was learned: new software, " ..
			"maintenance, or an intruder.",
		"Ask who works on {server} now. If it is wanted, learn the alert; otherwise take {client} off the network." },
	ja = { "学習していない操作", "{client} が {server} に対して未学習の操作 {func} ({protocol}) を行いました。",
		"学習期間中には見られなかった操作です。新しいソフトウェア、保守作業、または侵入の可能性があります。",
		"{server} で作業中の担当者に確認してください。正当な操作であれば学習に追加し、そうでなければ {client} を切り離してください。" },
}
