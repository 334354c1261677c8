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

local NAMES = {
	"peers asked", "peers served", "services asked", "connections", "bytes sent", "bytes received", "packets sent", "packets received",
}
local NAMES_JA = {
	"接続先数", "接続元数", "利用サービス数", "接続数", "送信バイト数", "受信バイト数", "送信パケット数", "受信パケット数",
}
local K, SPREAD = #NAMES, 0.1
local LEVEL = { strong = { far = 6, windows = 1 }, weak = { far = 10, windows = 2 } }

local MOST = 5000
local learned = state.map { name = "statistics.sums", key = "string", max = MOST }
local level = state.map { name = "statistics.level", key = "string", max = MOST } -- terminal, or * -> off, weak, strong
local examples = state.map { name = "statistics.examples", key = "string", max = MOST } -- terminal -> list of windows

local terminals = {} -- address -> terminal

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

local traffic = tally.new { keys = 5, sum = { "sent", "back", "sent_packets", "back_packets" }, max = 50000 }
traffic:count {
	on = "conn_delta", where = "orig_h and resp_h", key = { "orig_h", "resp_h", "resp_p", "orig_l2_addr", "resp_l2_addr" },
	sum = { "orig_ip_bytes", "resp_ip_bytes", "orig_pkts", "resp_pkts" },
}

local book -- the numbers of each terminal in these five minutes, and what was learned of them

local function known(address)
	local t = terminals[address]
	if not t then
		t = { name = tostring(address), address = address, again = 0 }
		terminals[address] = t
		book:put(t, learned:get(t.name))
	end
	return t
end

-- Which addresses are terminals does not change, but for those that turn out to be behind a router.
local function terminal(address, mac)
	return site.is_terminal(address, mac) and known(address)
end

local ASKED, SERVED, SERVICE = 2, 1, 3 -- these parts of a key: how many different ones there are
book = ledgers.new {
	of = traffic, learn = "log",
	whose = function(orig, resp, _, orig_mac, resp_mac) return terminal(orig, orig_mac), terminal(resp, resp_mac) end,
	one = { ASKED, false, SERVICE, "n", "sent", "back", "sent_packets", "back_packets" },
	other = { false, SERVED, false, "n", "back", "sent", "back_packets", "sent_packets" }, other_if = "back_packets",
}
on("site.router", function() book:anew() end)

-- Beyond all that was seen: by a share, and by a number. Peers and services; then connections, bytes and packets, which vary more: before a
-- week was learned, twice as many is not much. The models are made anew when a day's worth more was learned.
local DAY, NOTABLE, F, G = 288, 4, math.log(1.5), math.log(2)

local function set_habits()
	book:habits {
		least = odd.least, young = 7 * DAY, renew = DAY, spread = SPREAD, notable = NOTABLE,
		margin = { F, F, F, F, F, F, F, F }, young_margin = { F, F, F, G, G, G, G, G },
		more = { 3, 3, 3, 15, 20000, 20000, 100, 100 },
	}
end
set_habits()
on("alert.changed", { kind = "ip_statistics" }, set_habits)
local detection = learn.detection {
	name = "ip_statistics", doc = "What each terminal's traffic is like in five minutes.", turned = set_habits,
}

local function write()
	for t, sums in book:changed() do learned:set(t.name, sums) end
end
on("question", write)
on("finish", write)

-- Who has gone is forgotten with all others, now and then: they are soon met again.
local function make_room()
	if #book > 2 * MOST then
		write()
		book:clear()
		terminals = {}
	end
end

local function level_of(name)
	return level:get(name) or level:get "*" or "strong"
end

local INTERVAL = { en = "confidence interval, %.1f spreads", ja = "信頼区間、標準偏差の %.1f 倍" }
local COMPONENT = { en = "principal components, %.1f spreads", ja = "主成分分析、標準偏差の %.1f 倍" }

local function tell(t, unusual, method, far)
	local en, which = method.en:format(far), unusual.column
	coverage.if_whole(function()
		odd {
			source = t.address, key = { t.address, which }, value = unusual.value | 0,
			statistic = { en = NAMES[which], ja = NAMES_JA[which] }, usual = string.format("%.0f", unusual.mean),
			method = { en = en, ja = method.ja:format(far) }, threshold = en,
		}
	end)
end

local MOST_EXAMPLES, ALIKE = 24, 0.5

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
	if is_like_example(t, x) then return end
	local list = examples_of(t)
	if #list >= MOST_EXAMPLES then table.remove(list, 1) end
	list[#list + 1] = x
	examples:set(t.name, list)
end

local LESS = 2 -- windows more: who has paused for a moment is not told of

-- A mix that is rare but within what is known is no alert.
local function judge(t, x, unusual)
	if unusual.windows == 1 then t.again = 0 end
	local wanted = LEVEL[level_of(t.name)]
	if not wanted then return end
	local far = math.max(unusual.far, unusual.component)
	local is_less = unusual.value < unusual.mean
	local is_odd = far > wanted.far and not is_like_example(t, x)
	t.again = is_odd and t.again + 1 or 0
	if not is_odd or t.again < wanted.windows + (is_less and LESS or 0) then return end
	tell(t, unusual, unusual.far >= unusual.component and INTERVAL or COMPONENT, far)
end

local blind = false -- something of these five minutes was not captured
coverage.on_hole(function() blind = true end)

every("5m", function(_, missed)
	local mode = not blind and missed == 0 and detection.mode or "off"
	for t, x, unusual in book:turn(mode) do
		if unusual then judge(t, x, unusual) else keep_example(t, x) end
	end
	blind = coverage.is_silent()
	if mode == "learning" then learn.changed "ip_statistics" end
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
			local m, total = numbers.sums(K, text):model(SPREAD), 0
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
		if t then book:forget(t) end
	end,
}
