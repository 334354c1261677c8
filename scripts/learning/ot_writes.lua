-- Which part of a device a client changes: registers, coils, data blocks, tags, files.
--
-- Reads are not looked at: who reads what he should not is met by the lists of functions and of refusals. Who changes many parts of one
-- space (registers of one kind, tags) becomes one row for all of the space.
local learn = require "learn"

local MANY = 32

-- client, server, protocol, space -> parts that were changed so far; none: all of them
local parts = state.map { name = "learn.parts", key = { "string", "string", "string", "string" }, max = 20000 }

learn.list {
	name = "ot_writes", doc = "Which registers, coils, blocks and tags of a device a client changes.",
	on = "ot.operation", where = "category == change and target and resp_h", key = { "client", "server", "protocol", "target" },
	source = "client", target = "server", max = 50000,
	widen = function(list, values, text)
		local client, server, protocol, target = tostring(values[1]), tostring(values[2]), values[3], tostring(values[4])
		local space = target:match "^([^:, ]+):[^:, ]+$"
		if not space then return text end
		local key = { client, server, protocol, space }
		local known = parts:get(key) or {}
		known[#known + 1] = target
		if #known < MANY then
			parts:set(key, known)
			return text
		end
		for _, part in ipairs(known) do list:forget(table.concat({ client, server, protocol, part }, "\t")) end
		parts:remove(key)
		return table.concat({ client, server, protocol, space .. ":*" }, "\t")
	end,
	-- Many parts at once are one change.
	same = function(values, e) return { values[1], values[2], values[3], e.func } end,
	tell = function(values, e) return { func = e.func, target_text = values[4] } end,
	severity = "high", category = "unauthorized operation", attack = { "T0836", "T0855" },
	en = { "Changed what it never changed", "{client} changes {target_text} of {server} ({protocol} {func}), which was not learned.",
		"A client writes to a part of the device that it left alone while normal operation was learned.",
		"Ask who works on {server} now, and look at the value. If it is wanted, learn the alert." },
	ja = { "未学習の領域への書込み", "{client} が {server} の未学習の領域 {target_text} を変更しました ({protocol} {func})。",
		"学習期間中には書き込まれなかった領域への書込みです。",
		"{server} の作業者と値を確認してください。正当な操作であれば学習に追加してください。" },
}
