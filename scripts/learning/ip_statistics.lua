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

local learned = state.map { name = "statistics.sums", key = "string", max = 5000 }
local level = state.map { name = "statistics.level", key = "string", max = 5000 } -- terminal, or * -> off, weak, strong
local examples = state.map { name = "statistics.examples", key = "string", max = 5000 } -- terminal -> list of windows
local models, again = {}, {}   -- computed when first needed; windows in a row that were odd
local lists, unwritten = {}, {} -- terminal -> the sums as a list; what is to be written before the state is saved

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
	name = "ip_statistics", doc = "What each terminal's traffic is like in five minutes.", turned = function() models = {} end,
}

local traffic = tally.new { keys = 5, sum = { "sent", "back", "sent_packets", "back_packets" }, max = 50000 }
traffic:count {
	on = "conn_delta", where = "orig_h and resp_h", key = { "orig_h", "resp_h", "resp_p", "orig_l2_addr", "resp_l2_addr" },
	sum = { "orig_ip_bytes", "resp_ip_bytes", "orig_pkts", "resp_pkts" },
}

-- Which addresses are terminals does not change, but for those that turn out to be behind a router.
local judged, many, MOST_JUDGED = {}, 0, 20000
on("site.router", function() judged, many = {}, 0 end)

local function is_terminal(address, mac)
	local by_mac = judged[address]
	if not by_mac then
		by_mac = {}
		judged[address] = by_mac
	end
	local verdict = by_mac[mac or ""]
	if verdict == nil then
		many = many + 1
		verdict = site.is_terminal(address, mac) or false
		by_mac[mac or ""] = verdict
	end
	return verdict
end

local function terminal(all, address, mac)
	if not is_terminal(address, mac) then return nil end
	local t = all[address]
	if not t then
		t = { asked = {}, served = {}, services = {}, 0, 0, 0, 0, 0, 0, 0, 0 }
		all[address] = t
	end
	return t
end

local function once(t, set, key, at)
	if not set[key] then set[key], t[at] = true, t[at] + 1 end
end

local function add(t, n, sent, back, sent_packets, back_packets)
	t[4], t[5], t[6], t[7], t[8] = t[4] + n, t[5] + sent, t[6] + back, t[7] + sent_packets, t[8] + back_packets
end

-- The numbers of each terminal in the five minutes that end now.
local function window()
	local all = {}
	for from, to, port, from_mac, to_mac, row in traffic:take() do
		local a, b = terminal(all, from, from_mac), terminal(all, to, to_mac)
		local n, sent, back = row.n, row:total_of "sent", row:total_of "back"
		local sent_packets, back_packets = row:total_of "sent_packets", row:total_of "back_packets"
		if a then
			once(a, a.asked, to, 1)
			once(a, a.services, port or 0, 3)
			add(a, n, sent, back, sent_packets, back_packets)
		end
		if b and back_packets > 0 then
			once(b, b.served, from, 2)
			add(b, n, back, sent, back_packets, sent_packets)
		end
	end
	if many > MOST_JUDGED then judged, many = {}, 0 end
	return all
end

-- The sums of a terminal. That there was one more window like all others goes to the store when that is a share of them, and at the end.
local SHARE = 16

local function list_of(name)
	local l = lists[name]
	if l and learned:has(name) then return l end
	l = { t = sums.list(learned:get(name) or sums.new(K), K), due = 0 }
	l.written = l.t[1]
	lists[name] = l
	return l
end

local function write(name, l)
	learned:set(name, sums.text(l.t))
	l.written, l.due, l.waits = l.t[1], l.t[1] + l.t[1] // SHARE, nil
end

local function write_due()
	for _, name in ipairs(unwritten) do
		if lists[name] then write(name, lists[name]) end
	end
	unwritten = {}
end

local function write_all()
	write_due()
	for name, l in sorted(lists) do
		if l.t[1] ~= l.written and learned:has(name) then write(name, l) end
	end
end
on("question", write_due)
on("finish", write_all)

local function level_of(name)
	return level:get(name) or level:get "*" or "strong"
end

local function model_of(name)
	if models[name] == nil then
		local text = lists[name] and sums.text(lists[name].t) or learned:get(name)
		models[name] = text and sums.count(text) >= odd.least and sums.model(text, K, SPREAD) or false
	end
	return models[name]
end

local INTERVAL = { en = "confidence interval, %.1f spreads", ja = "信頼区間、標準偏差の %.1f 倍" }
local COMPONENT = { en = "principal components, %.1f spreads", ja = "主成分分析、標準偏差の %.1f 倍" }

local function tell(address, t, m, which, method, far)
	local en = method.en:format(far)
	coverage.if_whole(function()
		odd {
			source = address, key = { address, which }, value = t[which] | 0,
			statistic = { en = NAMES[which], ja = NAMES_JA[which] }, usual = string.format("%.0f", math.exp(m.mean[which]) - 1),
			method = { en = en, ja = method.ja:format(far) }, threshold = en,
		}
	end)
end

local MOST_EXAMPLES, ALIKE, NOTABLE = 24, 0.5, 4

local function is_like_example(name, x)
	for _, example in ipairs(examples:get(name) or {}) do
		local far = 0
		for i = 1, K do far = math.max(far, math.abs(example[i] - x[i])) end
		if far <= ALIKE then return true end
	end
	return false
end

local function keep_example(name, x)
	local m = model_of(name)
	if not m or sums.is_near(m, x, NOTABLE) then return end
	local interval, _, component = sums.judge(m, x)
	if math.max(interval, component) < NOTABLE or is_like_example(name, x) then return end
	local list = examples:get(name) or {}
	if #list >= MOST_EXAMPLES then table.remove(list, 1) end
	list[#list + 1] = x
	examples:set(name, list)
end

-- A day's worth more: the model is computed anew.
local function take_in(name, x)
	keep_example(name, x)
	local l = list_of(name)
	local was_new = l.t[1] == 0
	sums.put(l.t, x)
	local n = l.t[1]
	if was_new then write(name, l) end
	if n >= l.due and not l.waits then
		l.waits, unwritten[#unwritten + 1] = true, name
	end
	if n % 288 == odd.least % 288 then
		write(name, l)
		models[name] = nil
	end
	learn.changed "ip_statistics"
end

-- Peers and services; then connections, bytes and packets, which vary more: before a week was learned, twice as many is not much.
local MORE = { 3, 3, 3, 15, 20000, 20000, 100, 100 }
local FEW, FACTOR, FACTOR_AT_FIRST, WEEK = 3, math.log(1.5), math.log(2), 7 * 288

-- The number that is furthest beyond all that was seen, and whether it is less than ever. A mix that is rare but within what is known is
-- no alert.
local function furthest_beyond(m, x)
	local most, at, is_less = 0, nil, false
	for i = 1, K do
		local share = (i <= FEW or m.n >= WEEK) and FACTOR or FACTOR_AT_FIRST
		local usual = x[i] > m.mean[i] and m.high[i] or m.low[i]
		local far = math.abs(x[i] - m.mean[i]) / m.dev[i]
		local is_beyond = x[i] > m.high[i] + share or x[i] < m.low[i] - share
		if is_beyond and far > most and math.abs(math.exp(x[i]) - math.exp(usual)) >= MORE[i] then
			most, at, is_less = far, i, x[i] < m.mean[i]
		end
	end
	return at, most, is_less
end

local LESS = 2 -- windows more: who has paused for a moment is not told of

local function judge(address, t, x)
	local name = tostring(address)
	local wanted, m = LEVEL[level_of(name)], model_of(name)
	if not wanted or not m then return end
	local which, far, is_less = furthest_beyond(m, x)
	local _, _, component = sums.judge(m, x)
	local is_odd = which and math.max(far, component) > wanted.far and not is_like_example(name, x)
	again[name] = is_odd and (again[name] or 0) + 1 or nil
	if not is_odd or again[name] < wanted.windows + (is_less and LESS or 0) then return end
	tell(address, t, m, which, far >= component and INTERVAL or COMPONENT, math.max(far, component))
end

local blind = false -- something of these five minutes was not captured
coverage.on_hole(function() blind = true end)

every("5m", function(_, missed)
	local all, whole = window(), not blind and missed == 0
	blind = coverage.is_silent()
	if not whole or detection.mode == "off" then return end
	for address, t in sorted(all) do
		local x, name = {}, tostring(address)
		for i = 1, K do x[i] = math.log(1 + t[i]) end
		if detection.mode == "learning" then
			take_in(name, x)
		else
			judge(address, t, x)
		end
	end
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
		lists[args.terminal] = nil
	end,
}
