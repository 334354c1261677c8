-- stations.lua - which addresses are one asset: who has which address, who is a router, what lies behind it, and who disputes an address.
--
-- Inside a segment an asset is its MAC address; it may have several IP addresses and change them. Beyond a router the MAC is
-- the router's, and an asset is its IP address in its VLAN. A MAC that carries addresses of several networks, which it does not claim
-- for itself by ARP, neighbour discovery or DHCP, is a router's: what was taken for its own addresses is then split off, openly.
--
-- For scripts/inventory/assets.lua, which tells of every sign of life; it owns the stores of addresses and assets.

local below = require "below"
local inventory = require "inventory"
local silence = require "silence"
local addresses, assets = inventory.addresses, inventory.assets

local stations = {}
local RECENT = interval "1m"     -- an address that was used within this time still has its owner
local MOST_OWN = 16              -- addresses of one family; who claims more answers for others (proxy ARP)
local MOST_LEFT = 2              -- addresses that a station gave up without a word; who gives up more forwards for others
local CACHE = 20000

event.new {
	name = "asset.new", doc = "An asset that was not known before spoke for the first time.",
	{ "id", "string", "the asset" }, { "ip", "addr", "its address", optional = true },
	{ "mac", "mac", "its MAC address", optional = true },
	{ "asset_vlan", "count", "VLAN it was seen in", optional = true },
	{ "sub", "string", "what is behind its address", optional = true },
	{ "evidence", "string", "how it was seen" }, { "in_ledger", "bool", "it is in the owner's list" },
}
event.new {
	name = "asset.changed", doc = "Something that is known of an asset has another value than before.",
	{ "id", "string", "the asset" }, { "ip", "addr", "its address", optional = true },
	{ "mac", "mac", "its MAC address", optional = true },
	{ "sub", "string", "what is behind its address", optional = true },
	{ "what", "string", "what changed: firmware, serial, hostname ..." },
	{ "was", "string", "value until now", optional = true }, { "is", "string", "value from now on" },
	{ "evidence", "string", "who says so" },
}
event.new {
	name = "asset.moved", doc = "An asset has another address, VLAN or port than before, or an address has another owner.",
	{ "id", "string", "the asset" }, { "ip", "addr", "its address", optional = true },
	{ "mac", "mac", "its MAC address", optional = true },
	{ "what", "string", "ip, vlan, owner, router" }, { "was", "string", "until now", optional = true },
	{ "is", "string", "from now on" },
	{ "evidence", "string", "why we think so" },
}
event.new {
	name = "asset.silent", doc = "An asset has not spoken for as long as the setting silent_after says.",
	{ "id", "string", "the asset" }, { "ip", "addr", "its address", optional = true },
	{ "mac", "mac", "its MAC address", optional = true },
	{ "last", "time", "when it spoke last" },
}

local history = log.new {
	name = "asset_history", doc = "What happened to assets.",
	columns = {
		{ "event", "string", "new, changed, moved, silent" }, { "id", "string", "the asset" }, { "ip", "addr", "its address" },
		{ "mac", "mac", "its MAC address" }, { "what", "string", "what changed" }, { "was", "string", "until now" },
		{ "is", "string", "from now on" }, { "evidence", "string", "how we know" },
	},
}

local function tell(kind, e)
	if kind == "new" then e.in_ledger = inventory.in_ledger({ e.mac }, { e.ip }) ~= nil end
	raise("asset." .. kind, e)
	local row = { event = kind, id = e.id, ip = e.ip, mac = e.mac, what = e.what or e.sub, was = e.was, is = e.is,
		evidence = e.evidence }
	history:write(row)
	inventory.note { event = kind, id = e.id, what = row.what, was = e.was, is = e.is, evidence = e.evidence }
end

-- ---------------------------------------------------------------------------- addresses and who has them

-- Rows of the two stores as they are now; written back when something changed, the time of the last packet now and then.
local cache, cached = {}, 0
local touched = {}
local in_order = #addresses == 0 and {} -- all of them, in the order of the store; nil: some are nowhere but there
local behind_of -- MAC address -> set of rows that were seen behind it, some of them no longer; nil: to be made from the store

local function write_row(b)
	addresses:set({ b.address, b.vlan },
		{ id = b.id, how = b.how, mac = b.mac, last = b.last, claimed = b.claimed, spoke = b.spoke, via = b.via, was = b.was })
	silence.wrote(b)
end

local function write_touched()
	for _, b in ipairs(touched) do
		b.touched = nil
		write_row(b)
	end
	touched = {}
end

local function touch(b, ts)
	if ts > b.last then b.last = ts end
	if not b.touched then
		b.touched = true
		touched[#touched + 1] = b
	end
end

local function remember(row, address, vlan)
	if cached >= CACHE then
		write_touched()
		cache, cached, behind_of, in_order = {}, 0, nil, nil
	end
	row.address, row.vlan = address, vlan
	if in_order then in_order[#in_order + 1] = row end
	below(cache, vlan)[address] = row
	cached = cached + 1
	return row
end

local function known(address, vlan)
	local by_address = cache[vlan]
	local b = by_address and by_address[address]
	if b or in_order then return b end
	local row = addresses:get { address, vlan }
	return row and remember(row, address, vlan)
end

-- The addresses that belong to `id`.
function stations.addresses_of(id)
	local rows = {}
	if in_order then
		for _, b in ipairs(in_order) do
			if b.id == id then rows[#rows + 1] = b end
		end
		return rows
	end
	write_touched()
	for address, vlan, row in addresses:pairs() do
		if row.id == id then rows[#rows + 1] = known(address, vlan) end
	end
	return rows
end

-- How many packets from the address with this MAC address were counted, and when the last came; nil: none lately. Of those who count such
-- packets instead of telling of each: they set it.
function stations.counted(_address, _vlan, _mac) end

-- When it was last announced as the address of this MAC address, of those who count that instead of telling of each; they set it.
function stations.announced(_address, _vlan, _mac) end

-- An address is another's than before, or comes from another MAC address: what is counted of it says something new. They set it.
function stations.moved(_address, _vlan) end

-- Of an address whose packets are counted, too: as it is where it is asked who was seen lately.
local function known_now(address, vlan)
	local b = known(address, vlan)
	if not b then return nil end
	local n, last = stations.counted(address, vlan, b.mac)
	if n and n ~= b.counted then
		b.counted, b.spoke = n, true
		touch(b, last)
	end
	last = b.claimed and stations.announced(address, vlan, b.mac)
	if last and last > b.last then touch(b, last) end
	return b
end

local function count_refused(id)
	local n = (inventory.settings:get "refused" or 0) + 1
	inventory.settings:set("refused", n)
	if n == 1 then
		inventory.note {
			event = "limit", id = id, what = "terminal_limit",
			evidence = "the limit of " .. inventory.setting "terminal_limit" .. " assets is reached: new ones are not taken up",
		}
	end
end

-- Is there room for one more? What is refused is counted, and lists say so.
local function admitted(id)
	if id == inventory.INTERNET or assets:has(id) then return true end
	if #assets >= inventory.setting "terminal_limit" then
		count_refused(id)
		return false
	end
	return true
end

-- `address` belongs to `id` from now on. Returns the row, or nil when the limit is met.
local function bind(address, vlan, id, how, mac, ts, claimed)
	local b = known_now(address, vlan)
	if not b and not admitted(id) then return nil end
	if b then
		if b.id ~= id then
			b.was = b.was or {}
			table.insert(b.was, { id = b.id, till = b.last, how = how })
			if #b.was > 8 then table.remove(b.was, 1) end
		end
		local same = b.id == id
		if not same or b.mac ~= mac then stations.moved(address, vlan) end
		if b.mac ~= mac then b.counted = stations.counted(address, vlan, mac) end
		b.id, b.how, b.mac, b.claimed = id, how, mac, claimed or same and b.claimed or nil
		b.spoke = not claimed or same and b.spoke or nil
		if not same then write_row(b) end -- others ask the store whose it is
	else
		b = { id = id, how = how, mac = mac, last = ts, claimed = claimed, spoke = not claimed or nil }
		addresses:set({ address, vlan }, b)
		remember(b, address, vlan).counted = stations.counted(address, vlan, mac)
		silence.wrote(b)
	end
	touch(b, ts)
	return b
end

-- The asset's row, made when it is new.
local function asset(id, fields, e)
	if assets:has(id) then return end
	assets:set(id, fields)
	tell("new", e)
end

-- ---------------------------------------------------------------------------- stations: who sends with a MAC of his own

local function known_station(mac, vlan, ts)
	local b = known(mac, inventory.segment(mac, vlan))
	if not b then return nil end
	touch(b, ts)
	return b.id
end

local function station(mac, vlan, ts, how, ip)
	local segment = inventory.segment(mac, vlan)
	local id = inventory.id_of(mac, segment)
	local b = known(mac, segment)
	if not b then
		b = bind(mac, segment, id, how, nil, ts)
		if not b then return nil end
		asset(id, { virtual = inventory.virtual_mac(mac), own = {}, vlans = {} },
			{ id = id, ip = ip, mac = mac, asset_vlan = vlan ~= 0 and vlan or nil, evidence = how })
	else
		touch(b, ts)
	end
	return b.id
end

-- MAC and VLAN as an engineer sees them: a station that turns up in another VLAN was replugged, one in several at a time is a trunk's.
local function in_vlan(id, mac, vlan, ts)
	local row = assets:get(id)
	if not row or vlan == 0 then return end
	row.vlans = row.vlans or {}
	if row.vlans[vlan] and ts - row.vlans[vlan] < RECENT then return end
	local newest
	for v, last in sorted(row.vlans) do
		if not newest or last > row.vlans[newest] then newest = v end
	end
	if newest and newest ~= vlan and ts - row.vlans[newest] > RECENT then
		tell("moved", {
			id = id, mac = mac, what = "vlan", was = tostring(newest), is = tostring(vlan),
			evidence = "frames come in another VLAN",
		})
	end
	row.vlans[vlan] = ts
	assets:set(id, row)
end

local function has(list, value)
	for _, v in ipairs(list) do
		if v == value then return true end
	end
	return false
end

-- Does a station use this address in another of its VLANs, and not in this one?
local function is_elsewhere(id, row, ip, vlan)
	if known(ip, vlan) then return false end
	for v in sorted(row.vlans or {}) do
		local b = known(ip, v)
		if b and b.id == id then return true end
	end
	return false
end

-- Packets of a station of another VLAN come in this one from a router that is in both: its row there, and that VLAN.
local function from_other_vlan(row, id, ip, vlan)
	for v in sorted(row.vlans or {}) do
		local b = v ~= vlan and known(ip, v)
		if b and b.mac and not b.via and b.id ~= id then return b, v end
	end
end

local function same_family(list, ip)
	local found = {}
	for _, other in ipairs(list) do
		if other:family() == ip:family() then found[#found + 1] = other end
	end
	return found
end

-- Is `ip` the station's own, "routed" through it, or unclear: "router" means that this address shows it to be one.
local function judge(id, row, ip, vlan, claimed, ts)
	local all, mine = same_family(row.own, ip), {}
	if claimed and #all >= MOST_OWN then return "router" end
	if claimed or ip:special() == "link-local" or has(row.own, ip) then return "own" end
	if row.router or row.virtual or from_other_vlan(row, id, ip, vlan) then return "routed" end
	-- who is in several VLANs has an address in each
	for _, other in ipairs(all) do
		if not is_elsewhere(id, row, other, vlan) then mine[#mine + 1] = other end
	end
	if #mine == 0 and #all < MOST_OWN then return "own" end
	if #mine == 0 then return "router" end
	local live, near_claimed = false, false
	for _, other in ipairs(mine) do
		local b = known_now(other, vlan)
		if b and ts - b.last < RECENT then live = true end
		if b and b.claimed and inventory.network(other) == inventory.network(ip) then near_claimed = true end
		if ip:family() == "ipv6" and inventory.network(other) == inventory.network(ip) then near_claimed = true end
	end
	if near_claimed and #mine < MOST_OWN then return "own" end
	-- Its only address fell silent: it has a new one. Addresses of the internet do not change so; who changes often has several.
	local near = inventory.network(mine[1]) == inventory.network(ip)
		or not inventory.is_internet(ip) and not inventory.is_internet(mine[1])
	local left = row.left or {}
	if not live and #mine == 1 and near and #left < MOST_LEFT and not has(left, ip) then return "own" end
	return "router"
end

local forget_own

local function become_router(id, row, mac, vlan, ip, ts)
	local kept, left = {}, row.left or {}
	row.left = nil
	for _, other in ipairs(row.own) do
		local b = known(other, vlan)
		local stays = b and b.claimed or other:special() == "link-local" or is_elsewhere(id, row, other, vlan)
		table.insert(stays and kept or left, other)
	end
	local names = {}
	for i, other in ipairs(left) do names[i] = tostring(other) end
	inventory.add_once(names, tostring(ip))
	row.own = kept
	row.router = "packets of " .. table.concat(names, ", ") .. ", whose addresses it does not announce, come from its MAC address"
	row.behind = (row.behind or 0) + #left
	assets:set(id, row)
	tell("moved", { id = id, mac = mac, what = "router", is = "behind it: " .. table.concat(names, ", "), evidence = row.router })
	for _, other in ipairs(left) do forget_own(other, vlan, mac, ts) end
end

-- Its packets come from that MAC address, which forwards them; nil: nobody does.
local function pass_on(b, mac)
	b.via = mac
	if mac and behind_of then below(behind_of, mac)[b] = true end
end

local function all_behind()
	local rows = {}
	write_touched()
	for address, vlan, r in addresses:pairs() do
		if r.via then below(rows, r.via)[{ address = address, vlan = vlan }] = true end
	end
	return rows
end

-- An address seen behind a router, or without any MAC: its own identity. All of the internet is one.
local function behind(ip, vlan, mac, ts)
	local router = mac and known(mac, inventory.segment(mac, vlan))
	local row = router and assets:get(router.id)
	local there, from = nil, nil
	if row then there, from = from_other_vlan(row, router.id, ip, vlan) end
	if there then
		local routed = bind(ip, vlan, there.id, "routed from VLAN " .. from .. " by " .. mac, mac, ts)
		if routed then pass_on(routed, mac) end
		return routed and there.id
	end
	local internet = mac and inventory.is_internet(ip)
	local id = internet and inventory.INTERNET or inventory.id_of(ip, vlan)
	local how = mac and "seen behind " .. mac or "seen without a MAC address"
	local b = bind(ip, vlan, id, how, mac, ts)
	if not b then return nil end
	pass_on(b, mac)
	if not internet then
		asset(id, { own = { ip }, vlans = {} }, { id = id, ip = ip, asset_vlan = vlan ~= 0 and vlan or nil, evidence = how })
	end
	return id
end

-- It never was the former owner's: what was learned meanwhile is the new owner's.
local function was_never(b, former)
	local last = b.was and #b.was > 0 and b.was[#b.was]
	if last and last.id == former then table.remove(b.was) end
	if b.was and #b.was == 0 then b.was = nil end
end

forget_own = function(ip, vlan, mac, ts)
	local b = known_now(ip, vlan)
	local former = b and b.id
	behind(ip, vlan, mac, b and b.last or ts)
	if b then was_never(b, former) end
end

local conflict_told = state.set { name = "inventory_conflicts", key = { "addr", "addr", "addr" }, expire = "1d", max = 2000 }

-- Two stations use one address at a time: the one that had it keeps it, and it is told once a day.
local function conflict(id, ip, one, other)
	if not one or not other or one == other then return end
	if other < one then one, other = other, one end
	if not conflict_told:add { ip, one, other } then return end
	tell("changed", {
		id = id, ip = ip, what = "address conflict", is = one .. " and " .. other, evidence = "both use " .. ip .. " at a time",
	})
end

local function add_own(id, row, ip, mac, vlan, claimed, ts)
	local was, replaced = same_family(row.own, ip), nil
	if has(row.own, ip) then return end
	for i, other in ipairs(was) do
		local b = known_now(other, vlan)
		local plain = ip:special() ~= "link-local" and other:special() ~= "link-local"
		local given_up = claimed == "dhcp" or not b or ts - b.last > RECENT
		if i == #was and plain and given_up and not is_elsewhere(id, row, other, vlan) then replaced = other end
	end
	if replaced then
		for i, other in ipairs(row.own) do
			if other == replaced then table.remove(row.own, i) break end
		end
		if not claimed then
			row.left = row.left or {}
			table.insert(row.left, replaced)
		end
		tell("moved", {
			id = id, ip = ip, mac = mac, what = "ip", was = tostring(replaced), is = tostring(ip),
			evidence = claimed and claimed .. " gives " .. mac .. " this address" or mac .. " sends from this address",
		})
	elseif #was > 0 and ip:special() ~= "link-local" then
		tell("changed", {
			id = id, ip = ip, mac = mac, what = "further address", was = tostring(was[#was]), is = tostring(ip),
			evidence = claimed and claimed .. " gives " .. mac .. " this address" or mac .. " sends from this address",
		})
	end
	row.own[#row.own + 1] = ip
	assets:set(id, row)
end

-- Is anybody behind this MAC address?
local function forwards(mac)
	behind_of = behind_of or all_behind()
	local rows = behind_of[mac] or {}
	for row in pairs(rows) do
		local b = known(row.address, row.vlan)
		if b and b.via == mac then return true end
		rows[row] = nil
	end
	return false
end

-- Who announces every address that his packets came from has several, and forwards for nobody.
local function no_router(id, row, mac)
	if forwards(mac) then return end
	tell("moved", {
		id = id, mac = mac, what = "router", was = row.router, is = "no router",
		evidence = "it announces all addresses that its packets come from",
	})
	row.router, row.behind = nil, nil
	assets:set(id, row)
end

local function no_longer_own(id, ip)
	local row = assets:get(id)
	for i, other in ipairs(row and row.own or {}) do
		if other == ip then
			table.remove(row.own, i)
			assets:set(id, row)
			return
		end
	end
end

-- Who claims several addresses and speaks from none of them, while others do, wants their packets (ARP poisoning) or answers for them.
local function only_claims(row, ip, vlan)
	if row.disputed then return true end
	for _, other in ipairs(same_family(row.own, ip)) do
		local b = other ~= ip and other:special() ~= "link-local" and known_now(other, vlan)
		if b and b.claimed and not b.spoke then return true end
	end
	return false
end

-- Is the claim on this address weaker than the packets that come from it? Told as a conflict.
local function disputed(b, id, ip, vlan, mac, claimed, fresh)
	local claimant = claimed and id or b.id
	local row = b.id ~= id and (claimed and b.spoke or not claimed and b.claimed and not b.spoke) and assets:get(claimant)
	-- who fell silent may have lost his address, but not to somebody like this
	if not row or claimed and not fresh and not row.disputed then return false end
	if row.router or row.virtual or not only_claims(row, ip, vlan) then return false end
	if not row.disputed then
		row.disputed = "claims " .. ip .. ", from which another speaks"
		assets:set(claimant, row)
	end
	conflict(claimed and b.id or id, ip, mac, b.mac)
	return true
end

local spelled = { arp = "ARP", nd = "neighbor discovery", dhcp = "DHCP" }

-- Was it seen in use from that MAC before, and claimed if it is claimed now? Returns whose it is, else nil.
local function see_again(ip, vlan, mac, ts, claimed)
	local b = known(ip, vlan)
	if not b or b.mac ~= mac or claimed and not b.claimed then return nil end
	b.spoke = b.spoke or not claimed or nil
	touch(b, ts)
	return b.id
end

-- An address was seen in use from a MAC: in traffic (claimed = nil), or because the station claims it ("arp", "nd", "dhcp").
-- Returns whose it is. What decides is who else was seen lately.
local function see(ip, vlan, mac, ts, claimed)
	local again = see_again(ip, vlan, mac, ts, claimed)
	if again then return again end
	local b = known_now(ip, vlan)
	if not inventory.is_station(ip) then return nil end
	if not mac or not inventory.is_station(mac) then return b and b.id or behind(ip, vlan, nil, ts) end
	local how_seen = claimed and "announces " .. ip .. " by " .. (spelled[claimed] or claimed) or "sends packets from " .. ip
	local id = station(mac, vlan, ts, how_seen, ip)
	if id then in_vlan(id, mac, vlan, ts) end
	local row = id and assets:get(id)
	if not row then return nil end
	local fresh = b and b.mac and b.mac ~= mac and ts - b.last < RECENT
	local is_disputed = b and b.mac and disputed(b, id, ip, vlan, mac, claimed, fresh)
	if is_disputed and claimed then return b.id end
	-- a frame that was routed or bridged shows the sender's address under another MAC
	if b and not claimed and not is_disputed and b.id ~= id and (row.router or fresh and not b.via or b.claimed and #row.own > 0) then
		if not has(row.own, ip) and not b.via then touch(b, ts) end
		if b.id ~= inventory.INTERNET or row.router then return b.id end
	end
	if b and b.claimed and fresh and not is_disputed then
		conflict(b.id, ip, mac, b.mac)
		return b.id
	end
	local verdict = judge(id, row, ip, vlan, claimed, ts)
	-- a second router forwards for the same host: it did not change its address to that one
	if verdict == "own" and not claimed and b and b.via and b.via ~= mac and #same_family(row.own, ip) > 0 and not has(row.own, ip) then
		verdict = "router"
	end
	if verdict == "router" then
		become_router(id, row, mac, vlan, ip, ts)
		verdict = "routed"
		row = assets:get(id)
	end
	if verdict == "routed" then
		row.behind = (row.behind or 0) + 1
		assets:set(id, row)
		-- it forwards for a station of this segment, which stays whose it is
		if b and b.mac and b.mac ~= mac and not b.via then return b.id end
		return behind(ip, vlan, mac, ts)
	end
	local how = claimed and "claimed by " .. mac .. " (" .. claimed .. ")" or "sent by " .. mac
	local former = b and b.id ~= id and b.id
	if former then no_longer_own(former, ip) end
	local bound = bind(ip, vlan, id, how, mac, ts, claimed and true or nil)
	if not bound then return nil end
	bound.via = nil
	add_own(id, row, ip, mac, vlan, claimed, ts)
	if row.router and claimed and not row.virtual then no_router(id, row, mac) end
	if former then
		local evidence = former == inventory.id_of(ip, vlan) and "merged: " .. how or "taken over: " .. how
		if evidence:find("^merged") then
			assets:remove(former)
			was_never(bound, former)
		end
		tell("moved", { id = id, ip = ip, mac = mac, what = "owner", was = former, is = id, evidence = evidence })
	end
	return id
end

-- What was edited was written before; from now on the stores have other rows.
on("inventory.edited", function() cache, cached, touched, behind_of, in_order = {}, 0, {}, nil, nil end)

stations.history, stations.tell, stations.write, stations.known, stations.bind, stations.asset =
	history, tell, write_touched, known, bind, asset
stations.known_station, stations.station, stations.see, stations.see_again = known_station, station, see, see_again
stations.in_vlan, stations.conflict, stations.was_never = in_vlan, conflict, was_never

return stations
