-- The rhythm of polling: who asks what of whom, and how often. Told is polling that became slower, faster, irregular or that stopped, and
-- answers that are missing. A client that never polled before is a matter of the list ot_behaviour.
--
-- The mean and the spread of the time between two requests, over a minute or as long as it takes to see some, are held against the least
-- and the most of those learned; so is the time that answers take. What counts is what lasts for two such windows in a row, while it
-- learns and later: one reconnection is neither normal nor news. A client that asks for several parts of a device in one go has no even
-- rhythm as a whole: whether it is irregular shows in each part.
--
-- One pause is told of where the device announces its address when it is over, as devices do that start.
local alert = require "alert"
local coverage = require "coverage"
local learn = require "learn"
local words = require "words"

local stored = state.map { name = "polling.rhythms", key = { "addr", "addr", "string", "string" }, max = 20000 }
local stored_parts = state.map { name = "polling.parts", key = { "addr", "addr", "string", "string", "string" }, max = 20000 }

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

local KEY, PART = { "client", "server", "protocol", "func" }, { "client", "server", "protocol", "func", "target" }

local asked = tally.new { keys = 4, gaps = true, max = 20000 }
asked:count { on = "ot.operation", where = "client and server and (category == observe or op == cyclic)", key = KEY }
local asked_for = tally.new { keys = 5, gaps = true, max = 20000 }
asked_for:count { on = "ot.operation", where = "client and server and category == observe and target", key = PART }
local unanswered = tally.new { keys = 4, max = 20000 }
unanswered:count { on = "ot.outcome", where = "outcome == no_answer and not unsure", key = KEY }
local answered = tally.new { keys = 4, sum = { "latency" }, max = 20000 }
answered:count { on = "ot.outcome", where = "latency and not unsure", key = KEY, sum = { "latency" } }

local LEAST, LONGEST, MOST_PARTS = 6, 10, 20 -- requests that make a rhythm, and how many minutes they may take; of who asks what
local SLOW = 0.05                            -- seconds: answers are never late before that
local PAUSE = 3                              -- times the usual time between two requests
-- A client that asked now and then asks all the time: it does for much longer than ever while this was learned.
local POLLER, NEW = 50, 15 -- windows that only one that polls has; minutes
local NONE = { en = "none", ja = "なし" }

local whole = rhythms.new { of = asked, lost = unanswered, late = answered, least = LEAST, longest = LONGEST, steady = true, max = 20000 }
local parts = rhythms.new { of = asked_for, least = LEAST, longest = LONGEST, within = 4, most = MOST_PARTS, max = 20000 }

local function news()
	local of_whole, of_parts = whole:news(), parts:news()
	return of_parts and (not of_whole or of_parts > of_whole) and of_parts or of_whole
end
local detection = learn.detection { name = "polling", doc = "The rhythm in which clients ask controllers.", news = news }

local function limit()
	whole:limits {
		windows = changed.windows, factor = changed.factor, jitter = changed.jitter, lost = changed.unanswered, late = changed.late,
		slow = SLOW, young = POLLER, steady = NEW, pause = changed.pause:seconds(), pause_factor = PAUSE,
	}
	parts:limits { windows = changed.windows, jitter = changed.jitter }
end
limit()
on("alert.changed", { kind = "polling" }, limit)

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

local function percent(share)
	return string.format("%.0f %%", share * 100)
end

local function tell(key, how, value, usual, once_per)
	coverage.if_whole(function()
		changed {
			source = key[1], target = key[2], protocol = key[3], func = key[4], how = HOW[how],
			value = value, threshold = usual, key = once_per or { key[1], key[2], key[3], key[4], how },
		}
	end)
end

-- ---------------------------------------------------------------------------- what was learned

-- What a key has nothing for is kept as a dash.
local function kept(key)
	for i = 3, 4 do key[i] = key[i] or "-" end
	return key
end

local function known(key)
	for i = 3, 4 do
		if key[i] == "-" then key[i] = nil end
	end
	return key
end

for client, server, protocol, func, r in stored:pairs() do whole:put(known { client, server, protocol, func }, r) end
for client, server, protocol, func, part, r in stored_parts:pairs() do
	parts:put(known { client, server, protocol, func, part }, r)
end

-- It goes to the store before the state is saved and before somebody asks.
local function write()
	for r, client, server, protocol, func in whole:take() do stored:set(kept { client, server, protocol, func }, r) end
	for r, client, server, protocol, func, part in parts:take() do
		stored_parts:set(kept { client, server, protocol, func, part }, r)
	end
end
on("question", write)
on("finish", write)

-- ---------------------------------------------------------------------------- what is told

-- Who announced an address in this minute and the one before.
local announcing = tally.new { keys = 1, max = 20000 }
for _, name in ipairs { "arp.request", "arp.reply" } do
	announcing:count { on = name, where = "gratuitous and sender_ip", key = { "sender_ip" } }
end
local announced, announced_before = {}, {}

local function announce()
	announced, announced_before = {}, announced
	for who in announcing:take() do announced[who] = true end
	return next(announced) or next(announced_before)
end

local function restarted(key, pause, usual)
	local server = key[2]
	if not (announced[server] or announced_before[server]) then return end
	tell(key, "restarted", interval(pause), interval(usual), { server, "restarted" })
end

local TELL = {
	pause = restarted,
	steady = function(key, mean) tell(key, "new", interval(mean), NONE) end,
	slower = function(key, most, usual) tell(key, "slower", interval(most), interval(usual)) end,
	faster = function(key, least, usual) tell(key, "faster", interval(least), interval(usual)) end,
	irregular = function(key, dev, usual) tell(key, "irregular", give_or_take(dev), give_or_take(usual)) end,
	lost = function(key, share, usual) tell(key, "unanswered", percent(share), percent(usual)) end,
	late = function(key, late, usual) tell(key, "late", interval(late), interval(usual)) end,
	silent = function(key, minutes, usual) tell(key, "silent", interval(minutes * 60), interval(usual)) end,
}

local function by_name(a, b)
	for i = 1, 4 do
		local one, other = tostring(a.key[i]), tostring(b.key[i])
		if one ~= other then return one < other end
	end
	return false
end

-- Told when it is silent for twice as long as ever while this was learned; where packets were lost lately, when that is over.
local function look_at(mode, missed)
	local silent, is_started = {}, announce()
	for how, value, usual, client, server, protocol, func in whole:turn(mode, missed == 0, coverage.is_whole(), is_started) do
		local key = kept { client, server, protocol, func }
		if how == "silent" then
			silent[#silent + 1] = { key = key, minutes = value, usual = usual }
		else
			TELL[how](key, value, usual)
		end
	end
	for how, value, usual, client, server, protocol, func in parts:turn(mode) do
		TELL[how](kept { client, server, protocol, func }, value, usual)
	end
	if silent[2] then table.sort(silent, by_name) end
	for _, s in ipairs(silent) do TELL.silent(s.key, s.minutes, s.usual) end
end

local blind = false
coverage.on_hole(function()
	blind = true
	for _, t in ipairs { asked, asked_for } do t:pause() end
	for _, of in ipairs { whole, parts } do of:interrupt() end
end)

every("1m", function(_, missed)
	look_at(blind and "off" or detection.mode, missed)
	blind = coverage.is_silent()
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
		for client, server, protocol, func, r in stored:pairs() do
			out[#out + 1] = {
				client = client, server = server, protocol = protocol, func = func, windows = r.windows,
					least = interval(r.least),
				most = interval(r.most), spread = interval(r.dev), unanswered = r.lost,
			}
		end
		return out
	end,
}
