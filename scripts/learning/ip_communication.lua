-- Who talks to whom over which transport and port.
--
-- A row is source, target, protocol, source port and port. The source port of a client is any. A service that always sends from one port to
-- ports that vary (a fixed source port) becomes one row with a range of ports; so does a pair that uses many high ports, as of RPC or FTP.
-- Data connections that another one announced (FTP, TFTP) are part of that one.
-- Two that send to each other's port from the same port (NTP, BACnet ...) are one row, whoever began, with both ports.
-- All of the internet is one address, because what stands behind its names changes by the hour.
local learn = require "learn"
local site = require "site"

local MANY = 4       -- ports from one source port: a range
local MANY_HIGH = 8  -- high ports between two addresses: a range

-- source, target, protocol, source port -> ports that it went to, or their range
local by_source = state.map { name = "learn.by_source", key = { "string", "string", "string", "int" }, expire = "30d", max = 20000 }
-- source, target, protocol -> high ports
local by_pair = state.map { name = "learn.by_pair", key = { "string", "string", "string" }, expire = "30d", max = 20000 }

local function row(values, sport, port)
	return table.concat({ tostring(values[1]), tostring(values[2]), values[3], sport, port }, "\t")
end

-- The ports so far with this one; the list ends the rows it stood in, and becomes a range once it is long enough.
local function gather(list, store, key, values, port, many, sport, block)
	local known = store:get(key) or { ports = {} }
	if known.low then
		list:forget(row(values, sport, known.low .. "-" .. known.high))
		known.low, known.high = block(math.min(known.low, port), math.max(known.high, port))
	else
		known.ports[#known.ports + 1] = port
		if #known.ports >= many then
			for _, p in ipairs(known.ports) do list:forget(row(values, "*", p)) end
			known.low, known.high = block(math.min(table.unpack(known.ports)), math.max(table.unpack(known.ports)))
			known.ports = {}
		end
	end
	store:set(key, known)
	return known.low and row(values, sport, known.low .. "-" .. known.high)
end

local function as_seen(low, high) return low, high end

-- Ports that a system chooses come from one of these blocks; more of them will follow.
local function whole_block(low)
	return low >= 49152 and 49152 or low >= 32768 and 32768 or 1024, 65535
end

local function are_peers(values)
	local target = values[2]
	return values[3] == "udp" and values[4] == values[5] and (target == "internet" or not site.is_group(target))
end

-- Most connections go from a port that their client got by chance to one that is known: whichever it was, they are the same row.
local SENT = "orig_h and resp_h and orig_p and resp_p and orig_pkts > 0"
local BY_CHANCE = "(proto in {tcp, udp} and orig_p >= 32768 and (resp_p < 1024 or (service and resp_p < 32768)) and not (history ~ H))"

local list = learn.list {
	name = "ip_communication", doc = "Who talks to whom over which transport and port.",
	on = "conn_delta", where = SENT .. " and not " .. BY_CHANCE,
	key = { "orig_h", "resp_h", "proto", "orig_p", "resp_p", "orig_l2_addr", "resp_l2_addr" }, loose = "orig_p",
	also = { {
		on = "conn_delta", where = SENT .. " and " .. BY_CHANCE,
		key = { "orig_h", "resp_h", "proto", false, "resp_p", "orig_l2_addr", "resp_l2_addr" },
	} },
	columns = { "source", "target", "proto", "sport", "port" }, source = "source", target = "target", max = 50000,
	skip = function(_, values, e)
		return e.service == "ftp-data" or e.service == "tftp" and values[5] ~= 69
	end,
	shape = function(values)
		if site.is_internet(values[1], values[6]) then values[1] = "internet" end
		if site.is_internet(values[2], values[7]) then values[2] = "internet" end
		if are_peers(values) and tostring(values[2]) < tostring(values[1]) then values[1], values[2] = values[2], values[1] end
	end,
	-- Who began with SYN and ACK was asked. Joined in the middle, who opened a connection is a guess: the lower port may be the
	-- service's, and of TCP it is.
	mirror = function(values, e)
		local low, high = values[4] or 65536, values[5]
		local was_asked = e and values[3] == "tcp" and (e.history or ""):find "^H"
		if was_asked then return { values[2], values[1], values[3], high, low }, true end
		local is_service = low < high and (low < 1024 or low < 49152 and high >= 49152)
		if not is_service or e and (e.history or ""):find "[SsHh]" then return nil end
		return { values[2], values[1], values[3], high, low }, values[3] == "tcp"
	end,
	settles = function(values, covering, own)
		return values[3] == "tcp" and (covering == own or covering:find "^[^\t]*\t[^\t]*\t[^\t]*\t%*\t" ~= nil)
	end,
	any = function(values) return values[3] ~= "icmp" and not are_peers(values) and 4 or nil end,
	widen = function(list, values, text, e)
		local source, target, proto, sport, port = tostring(values[1]), tostring(values[2]), values[3], values[4], values[5]
		if not sport or proto == "icmp" or are_peers(values) then return text end
		local fixed = gather(list, by_source, { source, target, proto, sport }, values, port, MANY, sport, as_seen)
		if fixed then return fixed end
		if port < 1024 or e.service then return text end
		return gather(list, by_pair, { source, target, proto }, values, port, MANY_HIGH, "*", whole_block) or text
	end,
	-- A scan is one alert, and so are the ports of one new service.
	same = function(values) return { values[1], values[2], values[3] } end,
	tell = function(values, e)
		local source, target = e.orig_h, e.resp_h
		if values[1] == target or values[2] == source then source, target = target, source end
		return { service = e.service or "unknown service", source = source, target = target }
	end,
	severity = "medium", category = "unauthorized communication", attack = { "T0886", "T0846" },
	en = { "Connection not seen before", "{source} talks to {target} on {proto} port {port} ({service}), which was not learned.",
		"Two devices talk in a way that they never did while normal operation was learned: a new service, a changed " ..
			"setting, a scan.",
		"Ask whether something was installed or changed on one of them. If it is wanted, learn the alert." },
	ja = { "学習していない通信", "{source} から {target} への {proto} ポート {port} ({service}) の通信は学習されていません。",
		"学習期間中には見られなかった通信です。新しいサービス、設定変更、またはスキャンの可能性があります。",
		"いずれかの機器で導入や変更があったか確認してください。正当な通信であれば学習に追加してください。" },
}

-- What was learned of single addresses before their router was known is of the internet.
site.each_router(function(is_behind, networks)
	local function concerns(source, target) return is_behind(source) or is_behind(target) end
	list:turn(concerns, networks, function(values)
		if is_behind(values[1]) then values[1] = "internet" end
		if is_behind(values[2]) then values[2] = "internet" end
		return values
	end)
end)
