-- What each terminal's traffic is like in five minutes: how many peers, services, connections, bytes and packets, each way.
--
-- Learned are sums that add up over restarts and sensors. A new five minutes is held against the mean and spread of each number (confidence
-- interval), and against what the numbers do together (principal components): twice the peers at the same bytes is no normal day, though
-- each may be. Numbers are compared as orders of magnitude (log(1 + n)). Told is what is also beyond all that was seen, by a share (FACTOR)
-- and by a number (MORE) that matter. Five minutes that were odd while this was learned, as of a daily backup, are kept as examples: what
-- is like one of them is not odd.
local alert = require "alert"
local coverage = require "coverage"
local learn = require "learn"
local site = require "site"
local sums = require "sums"

local NAMES = {
	"peers asked", "peers served", "services asked", "connections", "bytes sent", "bytes received", "packets sent", "packets received",
}
local NAMES_JA = {
	"接続先数", "接続元数", "利用サービス数", "接続数", "送信バイト数", "受信バイト数", "送信パケット数", "受信パケット数",
}
local K, SPREAD = #NAMES, 0.1
local LEVEL = { strong = { far = 6, windows = 1 }, weak = { far = 10, windows = 2 } }

local MOST, log = 5000, math.log
local learned = state.map { name = "statistics.sums", key = "string", max = MOST }
local level = state.map { name = "statistics.level", key = "string", max = MOST } -- terminal, or * -> off, weak, strong
local examples = state.map { name = "statistics.examples", key = "string", max = MOST } -- terminal -> list of windows

-- What is at hand of each terminal, by its address: its numbers in this window (1 to K), whom it met in which window, sums, what they say.
local terminals, many = {}, 0
local unwritten = {} -- terminals whose sums are to be written before the state is saved

local odd = alert.kind {
	name = "ip_statistics", severity = "low", category = "abnormal communication", attack = { "T0846", "T0830" },
	settings = { least = 100, quiet = "1h" },
	en = { "Unusual traffic of a terminal", "{source}: {statistic} {value} in five minutes, usual is {usual} ({method}).",
		"The terminal behaves unlike all it did while this was learned: it asks more or other devices, or the mix of its " ..
			"traffic changed.",
		"See with whom it talks now (otoscope alerts, otoscope communications) and what was changed on it." },
	ja = { "端末の通信の統計的異常", "{source}: 5分間の {statistic} が {value} (通常 {usual}、{method})。",
		"学習期間中には見られなかった通信傾向です。通信相手の増加や通信内容の変化が考えられます。",
		"現在の通信相手と、端末に対する変更の有無を確認してください。" },
}
local detection = learn.detection {
	name = "ip_statistics", doc = "What each terminal's traffic is like in five minutes.",
	turned = function() for _, t in sorted(terminals) do t.model = nil end end,
}

local traffic = tally.new { keys = 5, sum = { "sent", "back", "sent_packets", "back_packets" }, max = 50000 }
traffic:count {
	on = "conn_delta", where = "orig_h and resp_h", key = { "orig_h", "resp_h", "resp_p", "orig_l2_addr", "resp_l2_addr" },
	sum = { "orig_ip_bytes", "resp_ip_bytes", "orig_pkts", "resp_pkts" },
}

-- Which addresses are terminals does not change, but for those that turn out to be behind a router.
local judged, kept, MOST_KEPT = {}, 0, 200000 -- address -> MAC -> terminal, or false; entries of this and of whom terminals met
local window, present = 0, {}                 -- which one; the terminals in it

local era = {}                                -- another table once terminals may be others

local function judge_anew() judged, era = {}, {} end
on("site.router", judge_anew)

local function known(address)
	local t = terminals[address]
	if not t then
		t = { name = tostring(address), address = address, window = 0, again = 0, asked = {}, served = {}, services = {} }
		terminals[address], many = t, many + 1
	end
	return t
end

local function begin(t)
	t.window, present[#present + 1] = window, t
	for i = 1, K do t[i] = 0 end
end

local function terminal(address, mac)
	mac = mac or ""
	local by_mac = judged[address]
	if not by_mac then
		by_mac = {}
		judged[address] = by_mac
	end
	local t = by_mac[mac]
	if t == nil then
		t, kept = site.is_terminal(address, mac ~= "" and mac or nil) and known(address), kept + 1
		by_mac[mac] = t
	end
	return t
end

local function meet(t, met, key, at)
	if met[key] == window then return end
	if not met[key] then kept = kept + 1 end
	met[key], t[at] = window, t[at] + 1
end

local function add(t, n, sent, back, sent_packets, back_packets)
	t[4], t[5], t[6], t[7], t[8] = t[4] + n, t[5] + sent, t[6] + back, t[7] + sent_packets, t[8] + back_packets
end

-- Whose ends these are is looked for once in an era.
local NUMBERS = { totals = true, labels = function(...) return { ... } end }

local function find_terminals(ends)
	ends.a, ends.b, ends.era = terminal(ends[1], ends[4]), terminal(ends[2], ends[5]), era
end

-- The numbers of each terminal in the five minutes that end now.
local function look()
	window, present = window + 1, {}
	for ends, n, sent, back, sent_packets, back_packets in traffic:take(NUMBERS) do
		if ends.era ~= era then find_terminals(ends) end
		local a, b = ends.a, ends.b
		if a then
			if a.window ~= window then begin(a) end
			meet(a, a.asked, ends[2], 1)
			meet(a, a.services, ends[3] or 0, 3)
			add(a, n, sent, back, sent_packets, back_packets)
		end
		if b then
			if b.window ~= window then begin(b) end
			if back_packets > 0 then
				meet(b, b.served, ends[1], 2)
				add(b, n, back, sent, back_packets, sent_packets)
			end
		end
	end
end

-- The sums of a terminal. That there was one more window like all others goes to the store when that is a share of them, and at the end.
local SHARE = 16

local function sums_of(t)
	local l = t.sums
	if not l or not learned:has(t.name) then
		l = numbers.sums(K, learned:get(t.name))
		t.sums, t.written, t.due = l, l:count(), 0
	end
	return l
end

local function write(t)
	local n = t.sums:count()
	learned:set(t.name, t.sums:text())
	t.written, t.due, t.waits = n, n + n // SHARE, nil
end

local function write_due()
	for _, t in ipairs(unwritten) do
		if t.waits then write(t) end
	end
	unwritten = {}
end

local function write_all()
	write_due()
	for _, t in sorted(terminals) do
		if t.sums and t.sums:count() ~= t.written and learned:has(t.name) then write(t) end
	end
end
on("question", write_due)
on("finish", write_all)

-- Who has gone is forgotten with all others, now and then: they are soon met again.
local function make_room()
	if kept > MOST_KEPT then
		judge_anew()
		kept = 0
		for _, t in sorted(terminals) do t.asked, t.served, t.services = {}, {}, {} end
	end
	if many > 2 * MOST then
		write_all()
		judge_anew()
		terminals, many = {}, 0
	end
end

local function level_of(name)
	return level:get(name) or level:get "*" or "strong"
end

local function model_of(t)
	if t.model == nil then
		local text = t.sums and t.sums:text() or learned:get(t.name)
		t.model = text and sums.count(text) >= odd.least and sums.model(text, K, SPREAD) or false
	end
	return t.model
end

local INTERVAL = { en = "confidence interval, %.1f spreads", ja = "信頼区間、標準偏差の %.1f 倍" }
local COMPONENT = { en = "principal components, %.1f spreads", ja = "主成分分析、標準偏差の %.1f 倍" }

local function tell(t, m, which, method, far)
	local en = method.en:format(far)
	coverage.if_whole(function()
		odd {
			source = t.address, key = { t.address, which }, value = t[which] | 0,
			statistic = { en = NAMES[which], ja = NAMES_JA[which] }, usual = string.format("%.0f", math.exp(m.mean[which]) - 1),
			method = { en = en, ja = method.ja:format(far) }, threshold = en,
		}
	end)
end

local MOST_EXAMPLES, ALIKE, NOTABLE = 24, 0.5, 4

-- As in the store, where each is looked for in the list of its terminal.
local function examples_of(t)
	if not t.examples or not examples:has(t.name) then t.examples = examples:get(t.name) or {} end
	return t.examples
end

local function are_alike(a, b)
	for i = 1, K do
		local d = a[i] - b[i]
		if d > ALIKE or d < -ALIKE then return false end
	end
	return true
end

local function is_like_example(t, x)
	for _, example in ipairs(examples_of(t)) do
		if are_alike(example, x) then return true end
	end
	return false
end

local function keep_example(t, x)
	local m = model_of(t)
	if not m or not sums.is_far(m, x, NOTABLE) or is_like_example(t, x) then return end
	local list = examples_of(t)
	if #list >= MOST_EXAMPLES then table.remove(list, 1) end
	list[#list + 1] = { table.unpack(x) }
	examples:set(t.name, list)
end

-- A day's worth more: the model is computed anew.
local function take_in(t, x)
	keep_example(t, x)
	local n = sums_of(t):add(x)
	if n == 1 or n % 288 == odd.least % 288 then write(t) end
	if n % 288 == odd.least % 288 then t.model = nil end
	if n >= t.due and not t.waits then
		t.waits, unwritten[#unwritten + 1] = true, t
	end
end

-- Peers and services; then connections, bytes and packets, which vary more: before a week was learned, twice as many is not much.
local MORE = { 3, 3, 3, 15, 20000, 20000, 100, 100 }
local FEW, FACTOR, FACTOR_AT_FIRST, WEEK = 3, math.log(1.5), math.log(2), 7 * 288

-- Whether it is beyond all that was seen, and by how much.
local function is_beyond(m, i, a)
	local share = (i <= FEW or m.n >= WEEK) and FACTOR or FACTOR_AT_FIRST
	if a <= m.high[i] + share and a >= m.low[i] - share then return false end
	local usual = a > m.mean[i] and m.high[i] or m.low[i]
	return math.abs(math.exp(a) - math.exp(usual)) >= MORE[i]
end

-- The number that is furthest beyond all that was seen, and whether it is less than ever. A mix that is rare but within what is known is
-- no alert.
local function furthest_beyond(m, x)
	local most, at = 0, nil
	for i = 1, K do
		if is_beyond(m, i, x[i]) then
			local far = math.abs(x[i] - m.mean[i]) / m.dev[i]
			if far > most then most, at = far, i end
		end
	end
	return at, most, at and x[at] < m.mean[at]
end

local LESS = 2 -- windows more: who has paused for a moment is not told of

local function judge(t, x)
	local m = model_of(t)
	if not m then return end
	local which, far, is_less = furthest_beyond(m, x)
	if not which then
		t.again = 0
		return
	end
	local wanted = LEVEL[level_of(t.name)]
	if not wanted then return end
	local _, _, component = sums.judge(m, x)
	local is_odd = math.max(far, component) > wanted.far and not is_like_example(t, x)
	t.again = is_odd and t.again + 1 or 0
	if not is_odd or t.again < wanted.windows + (is_less and LESS or 0) then return end
	tell(t, m, which, far >= component and INTERVAL or COMPONENT, math.max(far, component))
end

local blind = false -- something of these five minutes was not captured
coverage.on_hole(function() blind = true end)

-- Each terminal of this window goes to f with its numbers as orders of magnitude.
local x = {}

local function each(f)
	for _, t in ipairs(present) do
		for i = 1, K do x[i] = log(1 + t[i]) end
		f(t, x)
	end
end

every("5m", function(_, missed)
	local whole = not blind and missed == 0
	look()
	blind = coverage.is_silent()
	if whole and detection.mode == "learning" then
		each(take_in)
		learn.changed "ip_statistics"
	elseif whole and detection.mode ~= "off" then
		each(judge)
	end
	make_room()
end)

command.new {
	name = "statistics", doc = "What is learned of the terminals' traffic, and how strictly each is watched.",
	columns = {
		{ "terminal", "string", "its address" }, { "level", "string", "off, weak or strong" }, { "windows", "count",
			"of five minutes, learned" },
		{ "statistic", "string", "what is counted" }, { "mean", "double", "on average" }, { "low", "double", "least seen" },
		{ "high", "double", "most seen" },
		{ "component", "double", "share of the spread along the principal component of this rank, in percent" },
	},
	run = function()
		local out = {}
		for name, text in learned:pairs() do
			local m, total = sums.model(text, K, SPREAD), 0
			table.sort(m.value, function(a, b) return a > b end)
			for i = 1, K do total = total + m.value[i] end
			for i, statistic in ipairs(NAMES) do
				out[#out + 1] = {
					terminal = name, level = level_of(name), windows = m.n | 0, statistic = statistic,
						mean = math.exp(m.mean[i]) - 1,
					low = math.exp(m.low[i]) - 1, high = math.exp(m.high[i]) - 1, component = 100 * m.value[i] / total,
				}
			end
		end
		return out
	end,
}
command.new {
	name = "statistics level", doc = "How strictly a terminal is watched: off, weak or strong.", writes = true,
	args = { { "terminal", "string", "its address, or * for all others" }, { "level", "string", "off, weak or strong" } },
	run = function(args)
		if args.level ~= "off" and not LEVEL[args.level or ""] then error("the level is off, weak or strong", 0) end
		level:set(args.terminal, args.level)
		raise("learn.edited", { list = "ip_statistics" })
	end,
}
command.new {
	name = "statistics forget", doc = "Forget what was learned of a terminal.", writes = true,
	args = { { "terminal", "string", "its address" } },
	run = function(args)
		if not learned:remove(args.terminal) then error("nothing was learned of " .. tostring(args.terminal), 0) end
		local t = terminals[addr(args.terminal)]
		if t then t.sums, t.model, t.waits = nil, nil, nil end
	end,
}
