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

-- Each minute all rows are looked at: what is known of a row's rhythm is kept with the row, in its label.
local function subject(e)
	return { key = { e.client, e.server, e.protocol or "-", e.func or "-" } }
end

local asked = tally.new { keys = 4, gaps = true, max = 20000 }
asked:count {
	on = "ot.operation", where = "category == observe or op == cyclic", key = { "client", "server", "protocol", "func" },
	new = subject,
}
local asked_for = tally.new { keys = 5, gaps = true, max = 20000 }
asked_for:count {
	on = "ot.operation", where = "category == observe and target", key = { "client", "server", "protocol", "func", "target" },
	new = function(e) return { key = { e.client, e.server, e.protocol or "-", e.func or "-", e.target } } end,
}
local unanswered = tally.new { keys = 4, max = 20000 }
unanswered:count {
	on = "ot.outcome", where = "outcome == no_answer and not unsure", key = { "client", "server", "protocol", "func" },
	new = subject,
}

local answered = tally.new { keys = 4, sum = { "latency" }, max = 20000 }
answered:count {
	on = "ot.outcome", where = "latency and not unsure", key = { "client", "server", "protocol", "func" }, sum = { "latency" },
	new = subject,
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

-- In memory as well, as each minute all of them are looked at: client -> server -> protocol -> function -> its rhythm, if it has one, and
-- parts = { target = rhythm }, how many, and what was said in answer in the minute that is looked at.
local book, in_order, all_parts, MOST_PARTS = {}, {}, {}, 20

local function find(key)
	local b = book[key[1]]
	b = b and b[key[2]]
	b = b and b[key[3]]
	return b and b[key[4]]
end

-- That of a row's subject, found once.
local function place_of(about)
	local place = find(about.key)
	about.place = place
	return place
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

-- A rhythm: r is what was normal of it when it was last read (learned_of), turns what comes in and what is learned of that.
local function begin(b, key, r)
	b.key, b.silent = key, 0
	b.turns = rhythm.new { least = LEAST, longest = LONGEST, steady = not b.is_part, learned = r }
	b.r = r or b.turns:learned()
	return b
end

local function keep(key, r)
	local b = begin(place_for(key), key, r)
	in_order[#in_order + 1] = b
	return b
end

local function keep_part(key, r)
	local place, b = place_for(key), begin({ is_part = true }, key, r)
	place.parts[key[5]], all_parts[#all_parts + 1] = b, b
	place.count = place.count + 1
	return b
end

for client, server, protocol, func, r in rhythms:pairs() do keep({ client, server, protocol, func }, r) end
for client, server, protocol, func, part, r in parts:pairs() do keep_part({ client, server, protocol, func, part }, r) end

-- More of what is normal. It goes to the store before the state is saved and before somebody asks.
local unsaved, has_learned = {}, false

local function more_of(b)
	has_learned = true
	if not b.unsaved then
		b.unsaved, unsaved[#unsaved + 1] = true, b
	end
end

local function learned_of(b)
	if b.stale then b.r, b.stale = b.turns:learned(), nil end
	return b.r
end

local function write_unsaved()
	for _, b in ipairs(unsaved) do
		local store = b.is_part and parts or rhythms
		store:set(b.key, learned_of(b))
		b.unsaved = nil
	end
	unsaved = {}
end
on("question", write_unsaved)
on("finish", write_unsaved)

local function judge(b, r, least, most, dev, lost, late)
	local key = b.key
	local is_irregular = dev > math.max(r.dev, most / 20) * changed.jitter
	if b.is_part then
		if is_irregular then tell(key, "irregular", give_or_take(dev), give_or_take(r.dev)) end
		return
	end
	if most > r.most * changed.factor then
		tell(key, "slower", interval(most), interval(r.most))
	elseif least < r.least / changed.factor then
		tell(key, "faster", interval(least), interval(r.least))
	elseif is_irregular then
		tell(key, "irregular", give_or_take(dev), give_or_take(r.dev))
	end
	if lost > r.lost + changed.unanswered then
		tell(key, "unanswered", string.format("%.0f %%", lost * 100), string.format("%.0f %%", r.lost * 100))
	end
	if late > r.late * changed.late and late > SLOW then tell(key, "late", interval(late), interval(r.late)) end
end

-- A client that asked now and then asks all the time: it does for much longer than ever while this was learned.
local POLLER, NEW = 50, 15 -- windows that only one that polls has; minutes
local NONE = { en = "none", ja = "なし" }

local function judge_steady(b, r, mean, before, steady)
	if b.is_part or r.windows >= POLLER then return end
	local limit = math.max(NEW, 3 * (r.steady or 0))
	if before < limit and steady >= limit then tell(b.key, "new", interval(mean), NONE) end
end

local function look_at_window(b, mean, before, steady, least, ...)
	if not mean then return end
	local r = learned_of(b)
	judge_steady(b, r, mean, before, steady)
	if least and r.windows >= changed.windows then judge(b, r, least, ...) end
end

-- A minute in which it was asked, with so many gaps of this mean and spread. All rhythms come here each minute.
local function minute(b, gaps, mean, dev, asks, lost, answers, late)
	local turns = b.turns
	if detection.mode == "learning" then
		local news = turns:learn(gaps, mean, dev, asks, lost, answers, late, b.silent)
		if news ~= nil then b.stale = true end
		if news then more_of(b) end
	else
		look_at_window(b, turns:watch(gaps, mean, dev, asks, lost, answers, late))
	end
end

local PAUSE = 3 -- times the usual time between two requests

local function look_at_pause(b, pause)
	local server = b.key[2]
	if not (announced[server] or announced_before[server]) then return end
	if detection.mode ~= "detecting" or learned_of(b).windows < changed.windows then return end
	local usual = learned_of(b).most
	if pause > math.max(changed.pause:seconds(), PAUSE * usual) then
		tell(b.key, "restarted", interval(pause), interval(usual), { server, "restarted" })
	end
end

local function may_learn(key)
	return key[1] and key[2] and detection.mode == "learning"
end

local NUMBERS = { labels = true, totals = true }

-- A part that is new while it learns becomes known, but not too many of them: false then.
local function part_of(about)
	local place = about.place or place_of(about)
	local b = place and place.parts[about.key[5]]
	if b then return b end
	if place and place.count >= MOST_PARTS then return false end
	return may_learn(about.key) and keep_part(about.key) or nil
end

local function look_at_parts(whole)
	for about, _, gaps, mean, dev in asked_for:take(NUMBERS) do
		local b = about and about.part
		if b == nil and whole then
			b = part_of(about)
			about.part = b
		end
		if b and whole then minute(b, gaps, mean, dev) end
	end
end

local function by_name(a, b)
	for i = 1, 4 do
		local one, other = tostring(a.key[i]), tostring(b.key[i])
		if one ~= other then return one < other end
	end
	return false
end

local this_minute = 0 -- which one is looked at

local function is_long(r, silent)
	return silent >= r.longest * 2 and r.windows >= changed.windows
end

-- Told when it is silent for twice as long as ever while this was learned; where packets were lost lately, when that is over.
local function silence()
	local due, is_whole = {}, coverage.is_whole()
	for _, b in ipairs(in_order) do
		local silent = b.heard == this_minute and 0 or b.silent + 1
		b.silent = silent
		if silent == 0 then
			b.is_told = nil
		elseif silent > 2 then
			if silent == 4 then b.turns:interrupt() end
			if is_whole and not b.is_told and is_long(learned_of(b), silent) then
				b.is_told, due[#due + 1] = true, b
			end
		end
	end
	if detection.mode ~= "detecting" or not due[1] then return end
	table.sort(due, by_name)
	for _, b in ipairs(due) do tell(b.key, "silent", interval(b.silent * 60), interval(learned_of(b).most)) end
end

local blind = false
coverage.on_hole(function()
	blind = true
	asked:pause()
	asked_for:pause()
	for _, of in ipairs { in_order, all_parts } do
		for _, b in ipairs(of) do
			b.turns:interrupt(true)
			b.silent, b.is_told = 0, nil
		end
	end
end)

-- What was said in answer in this minute, at the place of who asks and what.
local function answers_at(about)
	local place = about and (about.place or place_of(about) or may_learn(about.key) and place_for(about.key))
	if place and place.minute ~= this_minute then
		place.minute, place.lost, place.answers, place.late = this_minute, 0, 0, 0
	end
	return place
end

local function look_at_answers()
	this_minute = this_minute + 1
	for about, n in unanswered:take(NUMBERS) do
		local place = answers_at(about)
		if place then place.lost = n end
	end
	for about, n, latency in answered:take(NUMBERS) do
		local place = answers_at(about)
		if place then place.answers, place.late = n, latency end
	end
end

local function look_at_all(whole)
	local is_started = next(announced) or next(announced_before)
	for about, n, gaps, mean, dev, longest in asked:take(NUMBERS) do
		local b = about and (about.place or place_of(about))
		if whole and about and not (b and b.turns) and may_learn(about.key) then b = keep(about.key) end
		if b and b.turns then
			b.heard = this_minute
			if whole then
				if is_started then look_at_pause(b, longest) end
				if b.minute == this_minute then
					minute(b, gaps, mean, dev, n, b.lost, b.answers, b.late)
				else
					minute(b, gaps, mean, dev, n)
				end
			end
		end
	end
end

every("1m", function(_, missed)
	local whole = not blind and detection.mode ~= "off"
	look_at_answers()
	look_at_all(whole)
	look_at_parts(whole)
	if has_learned then learn.changed "polling" end
	has_learned = false
	if whole and missed == 0 then silence() end
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
