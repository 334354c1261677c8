-- Which requests devices refuse, and why: some are refused all day because a client was never told what a device does not have.
local learn = require "learn"

learn.list {
	name = "ot_refusals", doc = "Which requests of whom a device refuses, and why.",
	on = "ot.outcome", where = "outcome == error and client and server", key = { "client", "server", "protocol", "func", "error" },
	source = "client", target = "server",
	-- What one client is refused by one device is one alert.
	same = function(values) return { values[1], values[2], values[3] } end,
	severity = "low", category = "command failures", attack = { "T0888", "T0806" },
	en = { "Refused as never before", "{server} refuses {func} ({protocol}) of {client}: {error}, which was not learned.",
		"A client asks for what the device does not have or does not allow: a changed program, or somebody who looks round.",
		"Compare the settings of {client} with {server}. If nobody changed them, look for a scanner." },
	ja = { "未学習の要求拒否", "{server} が {client} の {func} ({protocol}) を拒否しました: {error} (未学習)。",
		"機器に存在しない、または許可されない要求です。プログラム変更や探索の可能性があります。",
		"{client} と {server} の設定を確認してください。変更がなければスキャンを疑ってください。" },
}
