-- screen.lua - what the screens (scripts/inventory: otoscope view NAME) share: the period that people give, and which assets they show.
local inventory = require "inventory"
local period = require "period"

local screen = {}

-- The argument of every screen that can be asked for a time.
screen.PERIOD = { "period", "string", "only of this time: 2026-01-31, 2026-01-01..2026-01-07, -1d.." }

-- Begin and end of the period that people give; nil, nil for all of it.
function screen.times(text)
	if not text then return nil end
	local first, last = inventory.time_span()
	if not first then error("nothing was seen yet", 0) end
	return period.parse(text, first, last)
end

-- Assets that are shown: the internet is one of them, all of its addresses, or none (setting internet).
function screen.terminals(from, to)
	local list, by_id = inventory.records(from, to)
	local shown = {}
	for _, r in ipairs(list) do
		local present = not from or r.packets > 0
		if present and #r.ips + #r.macs > 0 and (r.id ~= inventory.INTERNET or inventory.setting "internet" == "collapse") then
			shown[#shown + 1] = r
		end
	end
	return shown, by_id
end

-- How people call an asset in a list of several: by its first address.
function screen.called(by_id, ids)
	local out = {}
	for i, id in ipairs(ids or {}) do
		local r = by_id[id]
		out[i] = r and id ~= inventory.INTERNET and r.ips[1] and tostring(r.ips[1]) or id
	end
	return #out > 0 and out or nil
end

return screen
