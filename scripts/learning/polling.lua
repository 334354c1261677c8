-- The rhythm of polling: who asks what of whom, and how often. Told is polling that became slower, faster, irregular or that stopped, and
-- answers that are missing. A client that never polled before is a matter of the list ot_behaviour.
--
-- Each minute the mean and the spread of the time between two requests are held against the least and the most of the minutes learned.
local alert = require "alert"
local learn = require "learn"
local words = require "words"

local rhythms = state.map { name = "polling.rhythms", key = { "addr", "addr", "string", "string" }, max = 20000 }
local detection = learn.detection { name = "polling", doc = "The rhythm in which clients ask controllers." }

local changed = alert.kind {
	name = "polling", severity = "medium", category = "abnormal communication", attack = { "T0814", "T0804" },
	settings = { factor = 1.5, jitter = 3, unanswered = 0.2, minutes = 5, quiet = "1h" },
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
unanswered:count { on = "ot.outcome", where = "outcome == no_answer", key = { "client", "server", "protocol", "func" } }

local LEAST = 6 -- requests a minute: less is no rhythm

local HOW = {
	slower = { en = "slower", ja = "遅くなりました" },
	faster = { en = "faster", ja = "速くなりました" },
	irregular = { en = "irregularly", ja = "不規則になりました" },
	unanswered = { en = "without answers", ja = "応答されません" },
	silent = { en = "no longer", ja = "停止しました" },
}

local function tell(key, how, value, usual)
	changed {
		source = key[1], target = key[2], protocol = key[3], func = key[4], how = HOW[how], value = value, threshold = usual,
		key = { key[1], key[2], key[3], key[4], how },
	}
end

-- In memory as well: each minute all of them are looked at.
local book = {}
local function name_of(client, server, protocol, func)
	return table.concat({ tostring(client), tostring(server), protocol or "-", func or "-" }, "\t")
end
for client, server, protocol, func, r in rhythms:pairs() do
	book[name_of(client, server, protocol, func)] = { key = { client, server, protocol, func }, r = r, silent = 0 }
end

-- One minute more of what is normal.
local function take_in(b, gap, lost)
	local r = b.r
	r.minutes = r.minutes + 1
	r.least, r.most = math.min(r.least, gap.mean), math.max(r.most, gap.mean)
	r.dev, r.lost, r.longest = math.max(r.dev, gap.dev), math.max(r.lost, lost), math.max(r.longest, b.silent)
	rhythms:set(b.key, r)
	learn.changed "polling"
end

-- A minute in which the rhythm changes is irregular once.
local function is_irregular(b, gap)
	local odd = gap.dev > math.max(b.r.dev, gap.mean / 20) * changed.jitter
	b.odd = odd and (b.odd or 0) + 1 or 0
	return b.odd > 1
end

local function judge(b, gap, lost)
	local key, r, irregular = b.key, b.r, is_irregular(b, gap)
	if gap.mean > r.most * changed.factor then
		tell(key, "slower", words.span(gap.mean), words.span(r.most))
	elseif gap.mean < r.least / changed.factor then
		tell(key, "faster", words.span(gap.mean), words.span(r.least))
	elseif irregular then
		tell(key, "irregular", "± " .. words.span(gap.dev), "± " .. words.span(r.dev))
	end
	if lost > r.lost + changed.unanswered then
		tell(key, "unanswered", string.format("%.0f %%", lost * 100), string.format("%.0f %%", r.lost * 100))
	end
end

local function minute(name, key, row, lost)
	local b = book[name]
	if row.gap.n < LEAST then return end
	if detection.mode == "learning" then
		b = b or { key = key, silent = 0, r = { minutes = 0, least = math.huge, most = 0, dev = 0, lost = 0, longest = 0 } }
		book[name] = b
		take_in(b, row.gap, lost)
	elseif b and b.r.minutes >= changed.minutes then
		judge(b, row.gap, lost)
	end
end

-- Told when it is silent for twice as long as ever while this was learned.
local function silence(heard)
	for name, b in sorted(book) do
		b.silent = heard[name] and 0 or b.silent + 1
		local limit = math.max(3, b.r.longest * 2)
		if detection.mode == "detecting" and b.r.minutes >= changed.minutes and b.silent == limit then
			tell(b.key, "silent", words.span(b.silent * 60), words.span(b.r.most))
		end
	end
end

local blind = false
on("capture.gap", function()
	blind = true
	asked:pause()
end)

every("1m", function(_, missed)
	local lost, heard = {}, {}
	for client, server, protocol, func, row in unanswered:take() do lost[name_of(client, server, protocol, func)] = row.n end
	local whole = not blind and detection.mode ~= "off"
	for client, server, protocol, func, row in asked:take() do
		local name = name_of(client, server, protocol, func)
		heard[name] = true
		if whole then minute(name, { client, server, protocol or "-", func or "-" }, row, (lost[name] or 0) / row.n) end
	end
	if whole and missed == 0 then silence(heard) end
	blind = false
end)

command.new {
	name = "polling", doc = "The rhythms that were learned.",
	columns = {
		{ "client", "addr", "who asks" }, { "server", "addr", "whom" }, { "protocol", "string", "by which protocol" },
		{ "func", "string", "what" }, { "minutes", "count", "learned" }, { "least", "interval",
			"shortest mean time between two requests" },
		{ "most", "interval", "longest mean time" }, { "spread", "interval", "largest spread of it" },
		{ "unanswered", "double", "largest share without answer" },
	},
	run = function()
		local out = {}
		for client, server, protocol, func, r in rhythms:pairs() do
			out[#out + 1] = {
				client = client, server = server, protocol = protocol, func = func, minutes = r.minutes,
					least = interval(r.least),
				most = interval(r.most), spread = interval(r.dev), unanswered = r.lost,
			}
		end
		return out
	end,
}
