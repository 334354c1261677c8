-- A machine calls the same place on the internet at even intervals, as malware calls its master. What does so while the lists learn
-- (updates, telemetry) is usual.
--
-- The time between two calls is measured, and its spread held against its mean: people, and programs that people use, call at odd times.
local alert = require "alert"
local coverage = require "coverage"
local learn = require "learn"
local site = require "site"

local kind = alert.kind {
	name = "beacon", severity = "medium", category = "internet access", attack = { "T0885", "T0869" },
	settings = { many = 10, spread = 0.2, shortest = "10s", quiet = "1d" },
	en = { "Even calls to the internet", "{source} called {target} port {port} {value} times, every {period}, give or take {spread}.",
		"A program, not a person, calls the same place again and again: malware that asks for orders, or telemetry and updates " ..
			"that are new.",
		"Find out which program of {source} that is and whose address {target} is. If it is wanted, learn the alert." },
	ja = { "インターネットへの定期通信", "{source} が {target} ポート {port} に {period} (± {spread}) ごとに {value} 回接続しました。",
		"人ではなくプログラムが同じ宛先に繰り返し接続しています。マルウェアの指令通信、または新しい更新・遠隔監視の可能性があります。",
		"{source} のどのプログラムか、{target} が誰のアドレスかを確認してください。正当な通信であれば学習に追加してください。" },
}

local usual = state.set { name = "beacon.usual", key = { "addr", "addr", "int" }, max = 20000 }
local calls = tally.new { keys = 4, gaps = true, max = 20000 }
calls:count {
	on = "flow.new", where = "proto in {tcp, udp} and resp_h and resp_mac and resp_p and not resp_p in {53, 123} " ..
		"and not resp_h in {10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16}",
	key = { "orig_h", "resp_h", "resp_p", "resp_mac" },
}

-- Of the last hours: how many gaps, their sum and the sum of their squares; hours without any.
local so_far = state.map { name = "beacon.calls", key = { "addr", "addr", "int" }, expire = "1d", max = 20000 }

local function add(key, gap)
	local c = so_far:get(key) or { n = 0, sum = 0, squares = 0 }
	c = { n = c.n + gap.n, sum = c.sum + gap.sum, squares = c.squares + gap.squares }
	so_far:set(key, c)
	return c
end

local function judge(key, c)
	local mean = c.sum / c.n
	local dev = math.sqrt(math.max(c.squares / c.n - mean * mean, 0))
	if c.n + 1 < kind.many or mean < kind.shortest:seconds() or dev > mean * kind.spread then return end
	if learn.mode "ip_communication" == "learning" then usual:add(key) return end
	if usual:has(key) then return end
	kind {
		source = key[1], target = key[2], port = key[3], key = key, value = c.n + 1, threshold = kind.many,
		period = interval(mean), spread = interval(dev),
	}
end

local function forget()
	calls:clear()
	so_far:clear()
end
coverage.on_hole(forget)

every("30m", function()
	for from, to, port, mac, row in calls:take { gaps = 1 } do
		if site.is_internet(to, mac) then
			local key = { from, to, port }
			judge(key, add(key, row.gap))
		end
	end
end)
