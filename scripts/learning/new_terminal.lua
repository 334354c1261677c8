-- A terminal that was not there before: an address, or a MAC address without one.
local learn = require "learn"
local site = require "site"
local inventory = require "inventory"

-- Addresses that a DHCP server gave out: a known station with another address is no new one.
local leases = state.map { name = "learn.leases", key = "addr", expire = "30d", max = 20000 }
on("dhcp.conversation", "assigned_addr and mac", function(e) leases:set(e.assigned_addr, e.mac) end)

local function is_known_station(list, address, mac)
	if not mac or address == mac or list.store.gone:get(tostring(address)) then return false end
	if not list:row_of { mac } and not list.store.told:get(tostring(mac)) then return false end
	return address:family() == "ipv6" or leases:get(address) == tostring(mac)
end

local list = learn.list {
	name = "new_terminal", doc = "The terminals of this network, by IP address and by MAC address.",
	on = "flow.new", where = "orig_mac and ethertype != 0x0806", key = { "orig_mac", "orig_mac" }, columns = { "address" },
	also = {
		{ on = "flow.new", where = "orig_h and orig_mac", key = { "orig_h", "orig_mac" } },
		{ on = "conn_delta", where = "resp_pkts > 0 and resp_l2_addr", key = { "resp_h", "resp_l2_addr" } },
		{ on = "conn_delta", where = "resp_pkts > 0 and resp_l2_addr", key = { "resp_l2_addr", "resp_l2_addr" } },
		{ on = "eth.delta", where = "resp_pkts > 0", key = { "resp_mac", "resp_mac" } },
		{ on = "arp.request", where = "sender_ip", key = { "sender_ip", "sender_mac" } },
		{ on = "arp.reply", where = "sender_ip", key = { "sender_ip", "sender_mac" } },
	},
	skip = function(list, values)
		local address, mac = values[1], values[2]
		return not site.is_terminal(address, mac) or is_known_station(list, address, mac)
			or list.mode == "detecting" and inventory.in_ledger({ mac }, { address })
	end,
	-- What one MAC address brings is one new terminal, unless it is a router's.
	same = function(values) return site.is_router(values[2]) and values[1] or values[2] or values[1] end,
	tell = function(values, e)
		local who = values[1] == e.orig_mac and e.orig_h or values[1]
		return { who = who, mac = values[2], vendor = values[2] and values[2]:vendor() or "unknown vendor", source = who,
			target = false }
	end,
	severity = "medium", category = "discovery", attack = { "T0848", "T0864" },
	en = { "New terminal", "{who} (MAC {mac}, {vendor}) was never seen on this network.",
		"A device was connected, moved or changed its address. It may be a maintenance laptop, a replaced part, or an " ..
			"intruder's device.",
		"Find it by its MAC address at the switch. If it belongs there, learn the alert or enter it in the ledger; " ..
			"otherwise unplug it." },
	ja = { "新規端末", "{who} (MAC {mac}, {vendor}) はこのネットワークで初めて検出されました。",
		"機器が新たに接続されたか、移動またはアドレス変更が行われました。保守用PC、交換部品、または不正な機器の可能性があります。",
		"MACアドレスからスイッチのポートを特定してください。正当な機器であれば学習または台帳に登録し、そうでなければ切り離してください。" },
}

-- What was learned before its router was known is no terminal.
site.each_router(function(is_behind, networks)
	for _, text in ipairs(list.store.rows:keys(networks)) do
		if is_behind(text) and list.store.rows:get(text).how == "learned" then list:forget(text) end
	end
end)
