-- The sensor sees nothing at all, far longer than ever: its mirror port, its cable or its interface is off. And when that is over.
local alert = require "alert"

local silent = alert.kind {
	name = "no_traffic", severity = "medium", category = "sensor traffic", settings = { longest = "5m", quiet = "1m" },
	en = { "No traffic on the sensor", "The sensor has captured nothing since {since} (UTC), for {length} so far.",
		"Nothing of the plant is seen: no detection works, and nobody's silence means anything.",
		"Look at the mirror port, the cable and the sensor's interface." },
	ja = { "センサのトラフィック停止", "センサは {since} (UTC) 以降、{length} の間パケットを受信していません。",
		"工場の通信が見えず、検知は機能していません。この間の無通信に意味はありません。",
		"ミラーポート、ケーブル、センサのインターフェースを確認してください。" },
}
local again = alert.kind {
	name = "traffic_again", severity = "info", category = "sensor traffic", settings = { quiet = "1m" },
	en = { "Traffic on the sensor again", "The sensor captures again, after {length} without any packet.",
		"What happened meanwhile is not known.", "Ask what was done at the switch or the sensor." },
	ja = { "センサのトラフィック復旧", "センサは {length} の無受信の後、再びパケットを受信しています。",
		"その間の出来事は不明です。", "スイッチまたはセンサで行われた作業を確認してください。" },
}

local since, told

local function tell(length)
	told = true
	silent { key = since, since = since:format "%F %T", length = length, value = length, threshold = silent.longest, source = false,
		target = false }
end

on("capture.silent", function(e) since, told = e.since, false end)
every("1m", function(now)
	if since and not told and now - since >= silent.longest then tell(now - since) end
end)
on("capture.gap", { inside = true }, function(e)
	since, told = e.from, told and since ~= nil
	if e.length >= silent.longest then
		if not told then tell(e.length) end
		again { key = e.from, length = e.length, source = false, target = false }
	end
	since, told = nil, false
end)
