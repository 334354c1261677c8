-- silence.lua - who fell silent, and who speaks again: each asset is looked at when that may be, not all of them each time.
--
-- Of each it is known when it falls silent unless it is seen again. Then it is looked at, and when one of its addresses was written that
-- was silent, or that had another owner. For scripts/inventory/assets.lua, of the addresses that lua/stations.lua writes.

local below = require "below"
local inventory = require "inventory"
local addresses, assets = inventory.addresses, inventory.assets

local silence = {}

local TURNS = 20     -- in the time after which somebody is silent; who may be in the same turn are looked at together
local MOST = 40000   -- addresses that are known here; the store has fewer

local place_of = {}  -- VLAN -> address -> { address, vlan, id, number in the order of the store }
local places = {}    -- id -> set of them
local number, many = 0, 0
local turn_of = {}   -- id -> when it may be silent; nil: it is, or nobody looked yet
local turns = {}     -- the same the other way round: turn -> set of ids, some of which were seen since
local open = {}      -- set of ids to be looked at
local asleep = {}    -- set of ids that were silent when they were looked at
local known          -- the span, and the end of the last blindness, that this is of; nil: nothing is known

local function forget()
	place_of, places, number, many, turn_of, turns, open, asleep, known = {}, {}, 0, 0, {}, {}, {}, {}, nil
end
silence.forget = forget

-- The address of `b`, a row as lua/stations.lua has it, was written.
function silence.wrote(b)
	if not known then return end
	local by_address, id = below(place_of, b.vlan), b.id
	local place = by_address[b.address]
	if not place then
		number, many = number + 1, many + 1
		place = { address = b.address, vlan = b.vlan, id = id, number = number }
		by_address[b.address] = place
		below(places, id)[place] = true
	elseif place.id ~= id then
		places[place.id][place] = nil
		open[place.id], open[id] = true, true
		place.id = id
		below(places, id)[place] = true
	end
	if not turn_of[id] and id ~= inventory.INTERNET then open[id] = true end
end

-- The row of its address that was seen last, and where that is; of several the one that the store has had for longest.
local function newest(id, row_of)
	local row, at
	for place in next, places[id] or {} do
		local r = row_of(place.address, place.vlan)
		if not r or r.id ~= id then
			places[id][place], place_of[place.vlan][place.address] = nil, nil
			many = many - 1
		elseif not row or r.last > row.last or r.last == row.last and place.number < at.number then
			row, at = r, place
		end
	end
	return row, at
end

local function turn(ts, span)
	return ts:ns() // math.max(1, span:ns() // TURNS)
end

local function learn(span, blind)
	forget()
	known = { span = span, blind = blind }
	for address, vlan, row in addresses:pairs() do silence.wrote { address = address, vlan = vlan, id = row.id } end
end

local function open_due(now)
	for n, ids in sorted(turns) do
		if n > now then return end
		for id in next, ids do
			if turn_of[id] == n then open[id] = true end
		end
		turns[n] = nil
	end
end

local function look_at(id, at, span, blind, row_of, tell)
	local seen, place = newest(id, row_of)
	local row = seen and assets:get(id)
	turn_of[id], asleep[id] = nil, nil
	if not row then return end
	-- Who was silent before nobody could be seen is so until he is seen.
	local since = not row.silent and blind and blind > seen.last and blind or seen.last
	local silent = at - since > span
	if silent then
		asleep[id] = true
	else
		turn_of[id] = turn(since + span, span)
		below(turns, turn_of[id])[id] = true
	end
	if silent == (row.silent or false) then return end
	row.silent = silent or nil
	assets:set(id, row)
	tell(id, silent, place.address, seen.last)
end

local function is_unknown(span, blind)
	return not known or known.span ~= span or known.blind ~= blind or many > MOST
end

-- May anybody have fallen silent by now, or speak again? If not, it need not be known when they were seen last.
function silence.is_due(at, span, blind)
	if is_unknown(span, blind) or next(open) or next(asleep) then return true end
	local now = turn(at, span)
	for n in sorted(turns) do
		if n <= now then return true end
	end
	return false
end

-- Calls tell(id, silent, address, last) for each asset that fell silent or speaks again by now: the span after which somebody is silent,
-- and until when nobody could be seen. row_of(address, vlan) is the row of an address as it is now; all are written.
function silence.look(at, span, blind, row_of, tell)
	if is_unknown(span, blind) then learn(span, blind) end
	open_due(turn(at, span))
	local ids = open
	open = {}
	for id in sorted(ids) do
		if id ~= inventory.INTERNET then look_at(id, at, span, blind, row_of, tell) end
	end
end

on("inventory.edited", forget)

return silence
