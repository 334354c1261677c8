-- How much each pair of terminals exchanges, by hour and day of the week: far more than is usual at this hour is told, once an hour.
--
-- The threshold of an hour is a multiple (factor) of the most that the pair exchanged in that hour of the week, or an hour beside it, while
-- this was learned; of its busiest hour, where this one was never seen. Less than `least` bytes an hour is never told. What a terminal
-- sends to the internet is a pair of its own: much less than it receives from there.
local alert = require "alert"
local learn = require "learn"
local site = require "site"
local week = require "week"
local words = require "words"

local model = state.map { name = "volume.week", key = { "string", "string" }, max = 10000 }  -- pair -> hours of the week
local hour = state.map { name = "volume.hour", key = { "string", "string" }, max = 20000 }   -- pair -> bytes of the hour that runs
local running = state.map { name = "volume.running", key = "string", max = 1 }               -- which hour that is
local watched = state.map { name = "volume.watched", key = { "string", "string" }, max = 10000 } -- pair -> false: not this one
local MOST = 20000                                                                            -- of what is kept at hand

local bytes = tally.new { keys = 4, sum = { "sent", "back" }, max = MOST }
bytes:count {
	on = "conn_delta", where = "orig_h and resp_h", key = { "orig_h", "resp_h", "orig_l2_addr", "resp_l2_addr" },
	sum = { "orig_ip_bytes", "resp_ip_bytes" },
}

local whose -- pair that two addresses are

-- Of a pair, in the hour that runs: what both exchanged, and what its first one sent. The first asks, or is asked.
local book = ledgers.new {
	of = bytes, whose = function(...) return whose(...) end,
	one = { { "sent", "back" }, "sent" }, other = { { "sent", "back" }, "back" },
}

local too_much = alert.kind {
	name = "ip_volume", severity = "medium", category = "bandwidth", attack = { "T0814", "T0882" },
	settings = { factor = 3, least = 1000000, least_out = 10000000, quiet = "1h" },
	en = { "Unusual volume", "{what} {volume} since {hour}; at most {usual} are usual then.",
		"Far more data than ever at this hour of the week: a copy of files or of a program, a loop, a flood, or data that " ..
			"leaves the plant.",
		"See what the two talk about (otoscope communications), and ask whether a backup or an update was planned." },
	ja = { "通信量の異常", "{what}が {hour} 以降 {volume} に達しました (通常の上限 {usual})。",
		"この曜日・時間帯としては過去にない量のデータです。ファイルやプログラムのコピー、ループ、フラッド、情報の持ち出しの可能性があります。",
		"両者の通信内容を確認し、バックアップや更新の予定があったか確認してください。" },
}

-- Until they may have changed, a pair's limits, above how much it is told of, are these or its own. Most never exchange so much that the
-- week need be looked at.
local function forget_limits() book:limits(too_much.least, too_much.least_out) end
forget_limits()
on("alert.changed", forget_limits)
local detection = learn.detection {
	name = "ip_volume", doc = "How much each pair of terminals exchanges, by hour and day of the week.", turned = forget_limits,
}

local cell, began -- the hour that runs

-- Whose an address is does not change, but for those that turn out to be behind a router.
local function name_of(address, mac)
	return site.is_internet(address, mac) and "internet" or tostring(address)
end
on("site.router", function() book:anew() end)

local OUT = "internet, sent" -- instead of the other one's name

local function text_of(a, b)
	if b == "internet" then return { en = a .. " and the internet exchanged", ja = a .. " とインターネットの通信量" } end
	if b == OUT then return { en = a .. " sent to the internet", ja = a .. " からインターネットへの送信量" } end
	return { en = a .. " and " .. b .. " exchanged", ja = a .. " と " .. b .. " の通信量" }
end

local function limit_of(pair, least)
	if detection.mode ~= "detecting" or watched:get(pair) == false then return math.huge end
	local known = model:get(pair)
	local usual = known and (week.around(known, cell) or { most = week.most(known) }) or pair[2] == OUT and { most = 0 }
	return usual and math.max(usual.most * too_much.factor, least) or math.huge
end

local function tell(pair, so_far, limit)
	too_much {
		source = addr(pair[1]), target = not pair[2]:find "^internet" and addr(pair[2]), key = { pair[1], pair[2], cell },
		what = text_of(pair[1], pair[2]), value = so_far // 1 | 0, threshold = limit // 1 | 0,
		volume = words.bytes(so_far), usual = words.bytes(limit), hour = began:format("%a %H:00", "local"),
	}
end

local pairs_of = {} -- name -> name -> pair: its two names, and as `out` what the first sends to the internet

local function new_pair(a, b)
	local pair = { a, b, out = b == "internet" and { a, OUT } or nil }
	book:add(pair, { hour:get(pair) or 0, pair.out and hour:get(pair.out) or 0 })
	pairs_of[a] = pairs_of[a] or {}
	pairs_of[a][b] = pair
	return pair
end

-- Both directions are one pair.
whose = function(orig, resp, orig_mac, resp_mac)
	local a, b = name_of(orig, orig_mac), name_of(resp, resp_mac)
	local is_turned = a == "internet" or b ~= "internet" and b < a
	if is_turned then a, b = b, a end
	if a == "internet" then return end
	local pair = pairs_of[a] and pairs_of[a][b] or new_pair(a, b)
	return not is_turned and pair, is_turned and pair
end

local function write()
	for pair, both, sent in book:changed() do
		hour:set(pair, both)
		if pair.out then hour:set(pair.out, sent) end
	end
end
on("question", write)

local function look(pair, both, sent)
	local most = limit_of(pair, too_much.least)
	local most_sent = pair.out and limit_of(pair.out, too_much.least_out) or math.huge
	book:limit(pair, most, most_sent)
	if both > most then tell(pair, both, most) end
	if sent > most_sent then tell(pair.out, sent, most_sent) end
end

local function count()
	book:take()
	for pair, both, sent in book:over() do look(pair, both, sent) end
	if #book > MOST then
		write()
		book:clear()
		pairs_of = {}
	end
end

-- What an hour was like becomes part of the model while it learns. Most often no row of it has been needed so far.
local function learn_hour()
	if #hour == 0 then
		for pair, both, sent in book:each() do
			week.add_in(model, pair, cell, both)
			if pair.out then week.add_in(model, pair.out, cell, sent) end
		end
		return
	end
	write()
	for a, b, so_far in hour:pairs() do week.add_in(model, { a, b }, cell, so_far) end
end

local function end_hour(now)
	if cell and detection.mode == "learning" then
		learn_hour()
		learn.changed "ip_volume"
	end
	hour:clear()
	book:close()
	forget_limits()
	cell, began = week.cell(now), now
	running:set("hour", { cell = cell, began = began })
end

-- The hour may have begun in an earlier run.
local function resume(now)
	local was = running:get "hour"
	if was then cell, began = was.cell, was.began end
	if week.cell(now) ~= cell or now - began > interval "1h" then end_hour(now) end
end

after("0s", resume)
every("5m", function(now)
	count()
	-- An hour may come twice, when clocks are put back.
	if week.cell(now) ~= cell or now - began >= interval "1h" then end_hour(now) end
end)
on("finish", function()
	count()
	write()
end)

command.new {
	name = "volume watch", doc = "Watch the volume of a pair, or no longer.", writes = true,
	args = {
		{ "source", "addr", "one of the two" }, { "target", "string", "the other, or internet" }, { "watch", "bool", "yes or no" },
	},
	run = function(args)
		local pair = { tostring(args.source), args.target }
		if not model:get(pair) then pair = { pair[2], pair[1] } end
		if not model:get(pair) then error("nothing was learned of " .. pair[2] .. " and " .. pair[1], 0) end
		watched:set(pair, args.watch ~= false)
		forget_limits()
	end,
}
command.new {
	name = "volume", doc = "What is learned of the volume between pairs.",
	columns = {
		{ "source", "string", "one of the two" }, { "target", "string", "the other" }, { "watched", "bool",
			"whether it is watched" },
		{ "hours", "count", "hours of the week that were seen" }, { "mean", "count", "bytes an hour, on average" },
		{ "most", "count", "bytes of the busiest hour" },
	},
	run = function()
		local out = {}
		for a, b, text in model:pairs() do
			local hours, n, sum = 0, 0, 0
			for i = 1, week.CELLS do
				local c = week.get(text, i)
				hours, n, sum = hours + (c.n > 0 and 1 or 0), n + c.n, sum + c.sum
			end
			out[#out + 1] = {
				source = a, target = b, watched = watched:get { a, b } ~= false, hours = hours, mean = sum // math.max(n,
					1) | 0,
				most = week.most(text) // 1 | 0,
			}
		end
		return out
	end,
}
command.new {
	name = "volume forget", doc = "Forget what was learned of a pair.", writes = true,
	args = { { "source", "string", "one of the two" }, { "target", "string", "the other" } },
	run = function(args)
		if not model:remove { args.source, args.target } and not model:remove { args.target, args.source } then
			error("nothing was learned of these two", 0)
		end
		forget_limits()
	end,
}
