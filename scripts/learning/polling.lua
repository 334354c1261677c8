-- The rhythm of polling: who asks what of whom, and how often. Told is polling that became slower, faster, irregular or that stopped, and
-- answers that are missing. A client that never polled before is a matter of the list ot_behaviour.
--
-- The mean and the spread of the time between two requests, over a minute or as long as it takes to see some, are held against the least
-- and the most of those learned; so is the time that answers take. What counts is what lasts for two such windows in a row, while it
-- learns and later: one reconnection is neither normal nor news. A client that asks for several parts of a device in one go has no even
-- rhythm as a whole: whether it is irregular shows in each part.
--
-- One pause is told of where the device announces its address when it is over, as devices do that start.
local below = require "below"
local alert = require "alert"
local coverage = require "coverage"
local learn = require "learn"
local words = require "words"

local rhythms = state.map { name = "polling.rhythms", key = { "addr", "addr", "string", "string" }, max = 20000 }
local parts = state.map { name = "polling.parts", key = { "addr", "addr", "string", "string", "string" }, max = 20000 }
local detection = learn.detection { name = "polling", doc = "The rhythm in which clients ask controllers." }

local changed = alert.kind {
	name = "polling", severity = "medium", category = "abnormal communication", attack = { "T0814", "T0804" },
	settings = { factor = 1.5, jitter = 2, late = 4, unanswered = 0.2, windows = 5, pause = "10s", quiet = "1h" },
	en = { "Polling changed", "{source} asks {target} ({protocol} {func}) {how}: {value}, usual is {threshold}.",
		"The rhythm of the process' communication changed: an overloaded or stopped device, a changed program, or somebody " ..
			"in between.",
		"Look at both devices and the network between them; ask whether the program of the client was changed." },
	ja = { "ポーリング周期の変化", "{source} から {target} への {protocol} {func} が{how}: {value} (通常 {threshold})。",
		"制御通信の周期が変化しました。機器の過負荷や停止、プログラム変更、通信の割り込みが考えられます。",
		"両方の機器と間のネットワーク、およびクライアントのプログラム変更の有無を確認してください。" },
}

local asked = tally.new { keys = 4, gaps = true, max = 20000 }
asked:count { on = "ot.operation", where = "category == observe or op == cyclic", key = { "client", "server", "protocol", "func" } }
local asked_for = tally.new { keys = 5, gaps = true, max = 20000 }
asked_for:count {
	on = "ot.operation", where = "category == observe and target", key = { "client", "server", "protocol", "func", "target" },
}
local unanswered = tally.new { keys = 4, max = 20000 }
unanswered:count { on = "ot.outcome", where = "outcome == no_answer and not unsure", key = { "client", "server", "protocol", "func" } }

local answered = tally.new { keys = 4, sum = { "latency" }, max = 20000 }
answered:count {
	on = "ot.outcome", where = "latency and not unsure", key = { "client", "server", "protocol", "func" }, sum = { "latency" },
}

local LEAST, LONGEST = 6, 10 -- requests that make a rhythm, and how many minutes they may take
local SLOW = 0.05            -- seconds: answers are never late before that

local HOW = {
	slower = { en = "slower", ja = "遅くなりました" },
	faster = { en = "faster", ja = "速くなりました" },
	irregular = { en = "irregularly", ja = "不規則になりました" },
	late = { en = "and is answered late", ja = "遅れて応答されています" },
	unanswered = { en = "without answers", ja = "応答されません" },
	silent = { en = "no longer", ja = "停止しました" },
	restarted = { en = "after a pause in which the device started anew", ja = "停止後に再開しました (機器の再起動)" },
	new = { en = "in an even rhythm now", ja = "新たに一定周期になりました" },
}

local function give_or_take(seconds)
	return { en = "± " .. words.span(seconds, "en"), ja = "± " .. words.span(seconds, "ja") }
end

local function tell(key, how, value, usual, once_per)
	coverage.if_whole(function()
		changed {
			source = key[1], target = key[2], protocol = key[3], func = key[4], how = HOW[how],
			value = value, threshold = usual, key = once_per or { key[1], key[2], key[3], key[4], how },
		}
	end)
end

-- In memory as well, as each minute all of them are looked at: client -> server -> protocol -> function ->
-- { whole =, parts = { target = } }
local book, in_order, all_parts, MOST_PARTS = {}, {}, {}, 20

local function find(client, server, protocol, func)
	local place = book[client]
	place = place and place[server]
	place = place and place[protocol or "-"]
	return place and place[func or "-"]
end

-- Controllers, and those that announced their address in this minute and the one before.
local is_server, announced, announced_before = {}, {}, {}
for _, name in ipairs { "arp.request", "arp.reply" } do
	on(name, "gratuitous and sender_ip", function(e)
		if is_server[e.sender_ip] then announced[e.sender_ip] = true end
	end)
end

local function place_for(key)
	is_server[key[2]] = true
	local place = below(below(below(below(book, key[1]), key[2]), key[3]), key[4])
	place.parts, place.count = place.parts or {}, place.count or 0
	return place
end

local function keep(b)
	local place = place_for(b.key)
	place.whole, in_order[#in_order + 1] = b, b
	return place
end

local function keep_part(b)
	local place = place_for(b.key)
	place.parts[b.key[5]], all_parts[#all_parts + 1] = b, b
	place.count, b.is_part = place.count + 1, true
end

for client, server, protocol, func, r in rhythms:pairs() do keep { key = { client, server, protocol, func }, r = r, silent = 0 } end
for client, server, protocol, func, part, r in parts:pairs() do
	keep_part { key = { client, server, protocol, func, part }, r = r, silent = 0 }
end

-- What two windows in a row have in common: at least so long and at most so long a time, so wide a spread, and so on.
local function lasting(b, w)
	local l = b.last
	b.last = w
	if not l then return nil end
	return {
		most = math.min(w.mean, l.mean), least = math.max(w.mean, l.mean), dev = math.min(w.dev, l.dev),
		lost = math.min(w.lost, l.lost),
		late = math.min(w.late, l.late),
	}
end

-- More of what is normal. It goes to the store before the state is saved and before somebody asks.
local unsaved = {}
local function take_in(b, s)
	local r = b.r
	r.windows = r.windows + 1
	r.least, r.most = math.min(r.least, s.least), math.max(r.most, s.most)
	r.dev, r.lost, r.longest = math.max(r.dev, s.dev), math.max(r.lost, s.lost), math.max(r.longest, b.silent)
	r.late = math.max(r.late, s.late)
	learn.changed "polling"
	if not b.unsaved then
		b.unsaved, unsaved[#unsaved + 1] = true, b
	end
end

local function write_unsaved()
	for _, b in ipairs(unsaved) do
		local store = b.is_part and parts or rhythms
		store:set(b.key, b.r)
		b.unsaved = nil
	end
	unsaved = {}
end
on("question", write_unsaved)
on("finish", write_unsaved)

local function judge(b, s)
	local key, r = b.key, b.r
	local is_irregular = s.dev > math.max(r.dev, s.most / 20) * changed.jitter
	if b.is_part then
		if is_irregular then tell(key, "irregular", give_or_take(s.dev), give_or_take(r.dev)) end
		return
	end
	if s.most > r.most * changed.factor then
		tell(key, "slower", interval(s.most), interval(r.most))
	elseif s.least < r.least / changed.factor then
		tell(key, "faster", interval(s.least), interval(r.least))
	elseif is_irregular then
		tell(key, "irregular", give_or_take(s.dev), give_or_take(r.dev))
	end
	if s.lost > r.lost + changed.unanswered then
		tell(key, "unanswered", string.format("%.0f %%", s.lost * 100), string.format("%.0f %%", r.lost * 100))
	end
	if s.late > r.late * changed.late and s.late > SLOW then tell(key, "late", interval(s.late), interval(r.late)) end
end

-- The gaps of some minutes together: n of them, of this mean and spread.
local function join(w, asked_now, n, mean, dev)
	if n > 0 then w.n, w.sum, w.squares = w.n + n, w.sum + n * mean, w.squares + n * (dev ^ 2 + mean ^ 2) end
	w.asked, w.minutes = w.asked + asked_now, w.minutes + 1
end

local function new_window()
	return { n = 0, sum = 0, squares = 0, asked = 0, lost = 0, minutes = 0, answers = 0, late = 0 }
end

-- A client that asked now and then asks all the time: it does for much longer than ever while this was learned.
local POLLER, NEW = 50, 15 -- windows that only one that polls has; minutes
local NONE = { en = "none", ja = "なし" }

local function note_steady(b, mean, minutes)
	local is_even = b.last and math.abs(mean - b.last.mean) < mean / 4
	local before, limit = b.steady or 0, math.max(NEW, 3 * (b.r.steady or 0))
	b.steady = is_even and before + minutes or 0
	if detection.mode == "learning" then
		b.r.steady = math.max(b.r.steady or 0, b.steady)
	elseif b.r.windows < POLLER and before < limit and b.steady >= limit then
		tell(b.key, "new", interval(mean), NONE)
	end
end

local function end_window(b)
	local w = b.window
	b.window = nil
	if w.n < 2 then return end
	local mean = w.sum / w.n
	if not b.is_part then note_steady(b, mean, w.minutes) end
	local s = lasting(b, {
		mean = mean, dev = math.sqrt(math.max(w.squares / w.n - mean * mean, 0)), lost = w.lost / w.asked,
		late = w.answers > 0 and w.late / w.answers or 0,
	})
	if not s then return end
	if detection.mode == "learning" then
		if w.n >= LEAST then take_in(b, s) end
	elseif b.r.windows >= changed.windows then
		judge(b, s)
	end
end

local function new_rhythm(key)
	return { key = key, silent = 0, r = { windows = 0, least = math.huge, most = 0, dev = 0, lost = 0, longest = 0, late = 0 } }
end

local function minute(b, row, lost, answers)
	local w = b.window
	if not w then
		w = new_window()
		b.window = w
	end
	join(w, row.n, row:spread_of "gap")
	if lost then w.lost = w.lost + lost.n end
	if answers then w.answers, w.late = w.answers + answers.n, w.late + answers:total_of "latency" end
	if w.n >= LEAST or w.minutes >= LONGEST then end_window(b) end
end

local PAUSE = 3 -- times the usual time between two requests

local function look_at_pause(b, row)
	local server, usual = b.key[2], b.r.most
	local is_judged = detection.mode == "detecting" and b.r.windows >= changed.windows
	if not is_judged or not (announced[server] or announced_before[server]) then return end
	local pause = row.gap.max or 0
	if pause > math.max(changed.pause:seconds(), PAUSE * usual) then
		tell(b.key, "restarted", interval(pause), interval(usual), { server, "restarted" })
	end
end

local function may_learn(client, server)
	return client and server and detection.mode == "learning"
end

-- A part that is new while it learns becomes known, but not too many of them.
local function new_part(key)
	local place = place_for(key)
	if place.count >= MOST_PARTS then return nil end
	local b = new_rhythm(key)
	keep_part(b)
	return b
end

local function look_at_parts(whole)
	for client, server, protocol, func, target, row in asked_for:take() do
		local place = whole and find(client, server, protocol, func)
		local b = place and place.parts[target]
		if whole and not b and may_learn(client, server) then
			b = new_part { client, server, protocol or "-", func or "-", target }
		end
		if b then minute(b, row) end
	end
end

local function by_name(a, b)
	for i = 1, 4 do
		local one, other = tostring(a.key[i]), tostring(b.key[i])
		if one ~= other then return one < other end
	end
	return false
end

-- Told when it is silent for twice as long as ever while this was learned; where packets were lost lately, when that is over.
local function silence()
	local due, is_whole = {}, coverage.is_whole()
	for _, b in ipairs(in_order) do
		local silent = b.heard and 0 or b.silent + 1
		b.silent, b.heard = silent, nil
		if silent == 0 then
			b.is_told = nil
		elseif silent > 2 then
			if silent > 3 then b.steady, b.last = 0, nil end
			local is_long = silent >= math.max(3, b.r.longest * 2) and b.r.windows >= changed.windows
			if is_long and is_whole and not b.is_told then
				b.is_told, due[#due + 1] = true, b
			end
		end
	end
	if detection.mode ~= "detecting" or not due[1] then return end
	table.sort(due, by_name)
	for _, b in ipairs(due) do tell(b.key, "silent", interval(b.silent * 60), interval(b.r.most)) end
end

local blind = false
coverage.on_hole(function()
	blind = true
	asked:pause()
	asked_for:pause()
	for _, b in ipairs(in_order) do b.window, b.last, b.silent, b.is_told = nil, nil, 0, nil end
	for _, b in ipairs(all_parts) do b.window, b.last, b.silent = nil, nil, 0 end
end)

-- What was said in answer to each in this minute.
local function look_at_answers()
	local found = {}
	local function note(what, client, server, protocol, func, row)
		local place = find(client, server, protocol, func)
		if not place and may_learn(client, server) then place = place_for { client, server, protocol or "-", func or "-" } end
		if place then place[what], found[#found + 1] = row, place end
	end
	for client, server, protocol, func, row in unanswered:take() do note("lost", client, server, protocol, func, row) end
	for client, server, protocol, func, row in answered:take() do note("answers", client, server, protocol, func, row) end
	return found
end

local function look_at_all(whole)
	for client, server, protocol, func, row in asked:take() do
		local place = find(client, server, protocol, func)
		if whole and not (place and place.whole) and may_learn(client, server) then
			place = keep(new_rhythm { client, server, protocol or "-", func or "-" })
		end
		local b = place and place.whole
		if b then
			b.heard = true
			if whole then
				look_at_pause(b, row)
				minute(b, row, place.lost, place.answers)
			end
		end
	end
end

every("1m", function(_, missed)
	local answers, whole = look_at_answers(), not blind and detection.mode ~= "off"
	look_at_all(whole)
	look_at_parts(whole)
	for _, place in ipairs(answers) do place.lost, place.answers = nil, nil end
	if whole and missed == 0 then
		silence()
	else
		for _, b in ipairs(in_order) do b.heard = nil end
	end
	blind = coverage.is_silent()
	announced, announced_before = {}, announced
end)

command.new {
	name = "polling", doc = "The rhythms that were learned.",
	columns = {
		{ "client", "addr", "who asks" }, { "server", "addr", "whom" }, { "protocol", "string", "by which protocol" },
		{ "func", "string", "what" }, { "windows", "count", "learned" }, { "least", "interval",
			"shortest mean time between two requests" },
		{ "most", "interval", "longest mean time" }, { "spread", "interval", "largest spread of it" },
		{ "unanswered", "double", "largest share without answer" },
	},
	run = function()
		local out = {}
		for client, server, protocol, func, r in rhythms:pairs() do
			out[#out + 1] = {
				client = client, server = server, protocol = protocol, func = func, windows = r.windows,
					least = interval(r.least),
				most = interval(r.most), spread = interval(r.dev), unanswered = r.lost,
			}
		end
		return out
	end,
}
