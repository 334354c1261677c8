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

local limits = {} -- this one until they may have changed: a pair's limit, above how much it is told of, is good while it has the same
local function forget_limits() limits = {} end

local detection = learn.detection {
	name = "ip_volume", doc = "How much each pair of terminals exchanges, by hour and day of the week.", turned = forget_limits,
}
on("alert.changed", forget_limits)

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

local bytes = tally.new { keys = 4, sum = { "sent", "back" }, max = 20000 }
bytes:count {
	on = "conn_delta", where = "orig_h and resp_h", key = { "orig_h", "resp_h", "orig_l2_addr", "resp_l2_addr" },
	sum = { "orig_ip_bytes", "resp_ip_bytes" },
}

local cell, began -- the hour that runs
local turn = 0    -- how many hours have ended: what pairs have at hand may be of an earlier one

-- Whose an address is does not change, but for those that turn out to be behind a router.
local names, nnames = {}, 0 -- address -> MAC -> name
local era = {}              -- another table once names or pairs may be others
on("site.router", function() names, nnames, era = {}, 0, {} end)

local function name_of(address, mac)
	mac = mac or ""
	local by_mac = names[address]
	local name = by_mac and by_mac[mac]
	if name then return name end
	if nnames >= MOST then names, nnames, by_mac = {}, 0, nil end
	name, nnames = site.is_internet(address, mac ~= "" and mac or nil) and "internet" or tostring(address), nnames + 1
	if by_mac then by_mac[mac] = name else names[address] = { [mac] = name } end
	return name
end

local OUT = "internet, sent" -- instead of the other one's name

local function text_of(a, b)
	if b == "internet" then return { en = a .. " and the internet exchanged", ja = a .. " とインターネットの通信量" } end
	if b == OUT then return { en = a .. " sent to the internet", ja = a .. " からインターネットへの送信量" } end
	return { en = a .. " and " .. b .. " exchanged", ja = a .. " と " .. b .. " の通信量" }
end

local function least_of(pair)
	return pair[2] == OUT and too_much.least_out or too_much.least
end

local function threshold(pair)
	local known = model:get(pair)
	local usual = known and (week.around(known, cell) or { most = week.most(known) }) or pair[2] == OUT and { most = 0 }
	return usual and math.max(usual.most * too_much.factor, least_of(pair))
end

local function limit_of(pair)
	if pair.limits ~= limits then
		pair.limits = limits
		pair.limit = detection.mode == "detecting" and watched:get(pair) ~= false and threshold(pair) or math.huge
	end
	return pair.limit
end

local function tell(pair, so_far, limit)
	too_much {
		source = addr(pair[1]), target = not pair[2]:find "^internet" and addr(pair[2]), key = { pair[1], pair[2], cell },
		what = text_of(pair[1], pair[2]), value = so_far // 1 | 0, threshold = limit // 1 | 0,
		volume = words.bytes(so_far), usual = words.bytes(limit), hour = began:format("%a %H:00", "local"),
	}
end

local links, nlinks = {}, 0 -- name -> name of whom it asked -> the pairs that counts for, each its two names and so_far
local unwritten = {}        -- pairs whose hour is to be written before the state is saved

local function write()
	for _, pair in ipairs(unwritten) do
		hour:set(pair, pair.so_far)
		pair.waits = nil
	end
	unwritten = {}
end
on("question", write)

local function forget_pairs()
	links, nlinks, era = {}, 0, {}
end

local function more(pair, n)
	local so_far = (pair.turn == turn and pair.so_far or 0) + n
	pair.so_far, pair.turn = so_far, turn
	if not pair.waits then
		pair.waits, unwritten[#unwritten + 1] = true, pair
	end
	-- Most never exchange so much that the week need be looked at.
	if so_far > least_of(pair) and so_far > limit_of(pair) then tell(pair, so_far, pair.limit) end
end

local function pair_of(a, b)
	local pair = { a, b, turn = turn }
	pair.so_far = hour:get(pair) or 0
	return pair
end

-- Both directions are one pair.
local function link_of(a, b)
	local known = links[a] and links[a][b]
	if known then return known end
	if nlinks >= MOST then
		write()
		forget_pairs()
	end
	local is_turned = a == "internet" or b ~= "internet" and b < a
	local one, other = is_turned and b or a, is_turned and a or b
	local back = links[b] and links[b][a]
	local link = {
		is_turned = is_turned,
		pair = back and back.pair or one ~= "internet" and pair_of(one, other),
		out = back and back.out or one ~= "internet" and other == "internet" and pair_of(one, OUT),
	}
	links[a], nlinks = links[a] or {}, nlinks + 1
	links[a][b] = link
	return link
end

-- The link of two addresses is looked for once in an era.
local NUMBERS = { totals = true, labels = function(...) return { ... } end }

local function find_link(ends)
	local link = link_of(name_of(ends[1], ends[3]), name_of(ends[2], ends[4]))
	ends.link, ends.era = link, era
	return link
end

local function count()
	for ends, _, sent, back in bytes:take(NUMBERS) do
		local link = ends.era == era and ends.link or find_link(ends)
		if link.pair then more(link.pair, sent + back) end
		if link.out then more(link.out, link.is_turned and back or sent) end
	end
end

-- All pairs of the hour that ends, in the order in which they came. Most often no row of it has been needed so far.
local function each_of_hour(f)
	if #hour == 0 then
		for _, pair in ipairs(unwritten) do f(pair, pair.so_far) end
		return
	end
	write()
	for a, b, so_far in hour:pairs() do f({ a, b }, so_far) end
end

local function end_turn()
	for _, pair in ipairs(unwritten) do pair.waits = nil end
	unwritten, turn = {}, turn + 1
	hour:clear()
	forget_limits()
end

-- What an hour was like becomes part of the model while it learns.
local function end_hour(now)
	if cell and detection.mode == "learning" then
		each_of_hour(function(pair, so_far) week.add_in(model, pair, cell, so_far) end)
		learn.changed "ip_volume"
	end
	end_turn()
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
