-- The rhythm of polling: who asks what of whom, and how often. Told is polling that became slower, faster, irregular or that stopped, and
-- answers that are missing. A client that never polled before is a matter of the list ot_behaviour.
--
-- The mean and the spread of the time between two requests, over a minute or as long as it takes to see some, are held against the least
-- and the most of those learned; so is the time that answers take. What counts is what lasts for two such windows in a row, while it
-- learns and later: one reconnection is neither normal nor news.
local alert = require "alert"
local coverage = require "coverage"
local learn = require "learn"
local words = require "words"

local rhythms = state.map { name = "polling.rhythms", key = { "addr", "addr", "string", "string" }, max = 20000 }
local detection = learn.detection { name = "polling", doc = "The rhythm in which clients ask controllers." }

local changed = alert.kind {
	name = "polling", severity = "medium", category = "abnormal communication", attack = { "T0814", "T0804" },
	settings = { factor = 1.5, jitter = 2, late = 4, unanswered = 0.2, windows = 5, quiet = "1h" },
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
}

local function tell(key, how, value, usual)
	coverage.if_whole(function()
		changed {
			source = key[1], target = key[2], protocol = key[3], func = key[4], how = HOW[how],
			value = value, threshold = usual, key = { key[1], key[2], key[3], key[4], how },
		}
	end)
end

-- In memory as well: each minute all of them are looked at.
local book = {}
local function name_of(client, server, protocol, func)
	return table.concat({ tostring(client), tostring(server), protocol or "-", func or "-" }, "\t")
end
for client, server, protocol, func, r in rhythms:pairs() do
	book[name_of(client, server, protocol, func)] = { key = { client, server, protocol, func }, r = r, silent = 0 }
end

-- What two windows in a row have in common: at least so long and at most so long a time, so wide a spread, and so on.
local function lasting(b, w)
	local l = b.last
	b.last = w
	if not l then return nil end
	return {
		most = math.min(w.mean, l.mean), least = math.max(w.mean, l.mean), dev = math.min(w.dev, l.dev), lost = math.min(w.lost, l.lost),
		late = math.min(w.late, l.late),
	}
end

-- More of what is normal.
local function take_in(b, s)
	local r = b.r
	r.windows = r.windows + 1
	r.least, r.most = math.min(r.least, s.least), math.max(r.most, s.most)
	r.dev, r.lost, r.longest = math.max(r.dev, s.dev), math.max(r.lost, s.lost), math.max(r.longest, b.silent)
	r.late = math.max(r.late, s.late)
	rhythms:set(b.key, r)
	learn.changed "polling"
end

local function judge(b, s)
	local key, r = b.key, b.r
	if s.most > r.most * changed.factor then
		tell(key, "slower", words.span(s.most), words.span(r.most))
	elseif s.least < r.least / changed.factor then
		tell(key, "faster", words.span(s.least), words.span(r.least))
	elseif s.dev > math.max(r.dev, s.most / 20) * changed.jitter then
		tell(key, "irregular", "± " .. words.span(s.dev), "± " .. words.span(r.dev))
	end
	if s.lost > r.lost + changed.unanswered then
		tell(key, "unanswered", string.format("%.0f %%", s.lost * 100), string.format("%.0f %%", r.lost * 100))
	end
	if s.late > r.late * changed.late and s.late > SLOW then tell(key, "late", words.span(s.late), words.span(r.late)) end
end

-- The gaps of some minutes together.
local function join(w, gap, n, lost, answers)
	if gap.n > 0 then
		w.n, w.sum, w.squares = w.n + gap.n, w.sum + gap.n * gap.mean, w.squares + gap.n * (gap.dev ^ 2 + gap.mean ^ 2)
	end
	w.asked, w.lost, w.minutes = w.asked + n, w.lost + lost, w.minutes + 1
	if answers then w.answers, w.late = w.answers + answers.n, w.late + answers.latency.sum end
	return w
end

local function new_window()
	return { n = 0, sum = 0, squares = 0, asked = 0, lost = 0, minutes = 0, answers = 0, late = 0 }
end

local function end_window(b)
	local w = b.window
	b.window = nil
	if w.n < 2 then return end
	local mean = w.sum / w.n
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

local function minute(name, key, row, lost, answers)
	local b = book[name]
	if not b and detection.mode ~= "learning" then return end
	b = b or { key = key, silent = 0, r = { windows = 0, least = math.huge, most = 0, dev = 0, lost = 0, longest = 0, late = 0 } }
	book[name] = b
	b.window = join(b.window or new_window(), row.gap, row.n, lost, answers)
	if b.window.n >= LEAST or b.window.minutes >= LONGEST then end_window(b) end
end

-- Told when it is silent for twice as long as ever while this was learned.
local function silence(heard)
	for name, b in sorted(book) do
		b.silent = heard[name] and 0 or b.silent + 1
		local limit = math.max(3, b.r.longest * 2)
		if detection.mode == "detecting" and b.r.windows >= changed.windows and b.silent == limit then
			tell(b.key, "silent", words.span(b.silent * 60), words.span(b.r.most))
		end
	end
end

local blind = false
local function stop_looking()
	blind = true
	asked:pause()
	for _, b in sorted(book) do b.window, b.last, b.silent = nil, nil, 0 end
end
on("capture.gap", stop_looking)
on("capture.lossy", stop_looking)

local function by_name(counted)
	local found = {}
	for client, server, protocol, func, row in counted:take() do found[name_of(client, server, protocol, func)] = row end
	return found
end

every("1m", function(_, missed)
	local lost, answers, heard = by_name(unanswered), by_name(answered), {}
	local whole = not blind and detection.mode ~= "off"
	for client, server, protocol, func, row in asked:take() do
		local name = name_of(client, server, protocol, func)
		heard[name] = true
		if whole then
			minute(name, { client, server, protocol or "-", func or "-" }, row, lost[name] and lost[name].n or 0, answers[name])
		end
	end
	if whole and missed == 0 then silence(heard) end
	blind = false
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
