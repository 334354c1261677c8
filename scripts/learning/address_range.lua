-- Which part of a device a client reads or changes: registers, coils, data blocks, tags, files.
--
-- Who reads or changes many parts of one space (registers of one kind, tags) becomes one row for all of the space.
local coverage = require "coverage"
local learn = require "learn"
local is_reply = require "reply"

local MANY = 32
local HOW = { observe = { en = "reads", ja = "読み出しました" }, change = { en = "changes", ja = "変更しました" } }

-- client, server, protocol, access, space -> parts so far
local parts = state.map { name = "learn.parts", key = { "string", "string", "string", "string", "string" }, max = 20000 }

-- registers:7 is in registers; nil: it is in none.
local function space_of(target)
	return tostring(target):match "^([^:, ]+):[^:, ]+$"
end

local function row_of_space(values, space)
	return table.concat({ tostring(values[1]), tostring(values[2]), values[3], values[4], space .. ":*" }, "\t")
end

learn.list {
	name = "address_range", doc = "Which registers, coils, blocks and tags of a device a client reads or changes.",
	on = "ot.operation", where = "op in {read, write, program_write, configure} and target and resp_h",
	key = { "client", "server", "protocol", "category", "target" }, loose = "target/:",
	columns = { "client", "server", "protocol", "access", "part" },
	source = "client", target = "server", max = 50000,
	widen = function(list, values, text)
		local client, server, protocol, access = tostring(values[1]), tostring(values[2]), values[3], values[4]
		local target = tostring(values[5])
		local space = space_of(target)
		if not space then return text end
		local key = { client, server, protocol, access, space }
		local known = parts:get(key) or {}
		known[#known + 1] = target
		if #known < MANY then
			parts:set(key, known)
			return text
		end
		for _, part in ipairs(known) do list:forget(table.concat({ client, server, protocol, access, part }, "\t")) end
		parts:remove(key)
		return row_of_space(values, space)
	end,
	settles = function(values, row)
		local space = space_of(values[5])
		return space ~= nil and row == row_of_space(values, space)
	end,
	-- Many parts at once are one alert.
	same = function(values, e) return { values[1], values[2], values[3], e.func } end,
	tell = function(values, e)
		return { func = e.func, severity = values[4] == "observe" and "medium" or "high", how = HOW[values[4]] or HOW.change }
	end,
	-- Where packets are lost, what only a response tells has another name than its request.
	skip = function(_, _, e) return is_reply(e) or e.unmatched and not coverage.is_whole() end,
	severity = "high", category = "unauthorized operation", attack = { "T0836", "T0855" },
	en = { "Address not touched before", "{client} {how} {part} of {server} ({protocol} {func}), which was not learned.",
		"A client touches a part of the device that it left alone while normal operation was learned.",
		"Ask who works on {server} now, and look at the value. If it is wanted, learn the alert." },
	ja = { "未学習の領域へのアクセス", "{client} が {server} の未学習の領域 {part} を{how} ({protocol} {func})。",
		"学習期間中にはアクセスされなかった領域です。",
		"{server} の作業者と値を確認してください。正当な操作であれば学習に追加してください。" },
}
