-- Canary addresses: addresses that nobody has any business with. Whoever sends anything to one is told of.
local alert = require "alert"

local canaries = state.map { name = "canaries", key = "addr", max = 10000 }
local touched = alert.kind {
	name = "canary", severity = "high", category = "discovery", attack = { "T0846", "T0842" }, settings = { quiet = "1h" },
	en = { "Canary address touched", "{source} sent something to {target}, an address that nobody uses.",
		"Somebody tries addresses one after another, or follows an old setting: no device here has a reason to talk to it.",
		"Find out what runs on {source}. If it is an old setting, remove it there; otherwise take {source} off the network." },
	ja = { "カナリアアドレスへの通信", "{source} が未使用アドレス {target} に通信しました。",
		"アドレスの探索、または古い設定が残っている可能性があります。このアドレスと通信する正当な理由はありません。",
		"{source} で動作しているプログラムを確認してください。古い設定なら削除し、そうでなければ切り離してください。" },
}

local senders = tally.new { keys = 2 }
local function touch(e, source, target)
	if source then touched { event = e, source = source, target = target, key = { source, target } } end
end
senders:count {
	on = "flow.new", where = "resp_h", key = { "orig_h", "resp_h" }, among = { canaries, "resp_h" },
	new = function(e) touch(e, e.orig_h, e.resp_h) end,
}
senders:count {
	on = "arp.request", where = "who_has", key = { "sender_mac", "who_has" }, among = { canaries, "who_has" },
	new = function(e) touch(e, e.sender_ip or e.sender_mac, e.who_has) end,
}

event.new { name = "canary.edited", doc = "The list of canary addresses was edited.", { "address", "addr", "which" } }
on("canary.edited", function() senders:clear() end)
every("1h", function() senders:clear() end)

command.new {
	name = "canary add", doc = "Watch an address that nobody uses.", writes = true,
	args = { { "address", "addr", "which" }, { "why", "string", "a remark" } },
	run = function(args)
		canaries:set(args.address, { why = args.why, when = alert.now() })
		raise("canary.edited", { address = args.address })
	end,
}
command.new {
	name = "canary remove", doc = "Watch it no longer.", writes = true, args = { { "address", "addr", "which" } },
	run = function(args)
		if not canaries:remove(args.address) then error(tostring(args.address) .. " is no canary", 0) end
	end,
}
command.new {
	name = "canary", doc = "The canary addresses.",
	columns = { { "address", "addr", "which" }, { "when", "time", "since" }, { "why", "string", "a remark" } },
	run = function()
		local out = {}
		for address, row in canaries:pairs() do out[#out + 1] = { address = address, when = row.when, why = row.why } end
		return out
	end,
}
