-- inventory.lua - what the inventory remembers, and how to read it. scripts/inventory/*.lua fill it; any script may ask it.
--
-- What is kept is evidence under the addresses that stood on the wire: who used an address (addresses), what packets revealed of it
-- (facts), who spoke with whom (links), who did what to whom (functions). Which addresses are one asset is an interpretation laid over
-- that: a row of `addresses` names the asset that an address belongs to and whom it belonged to before. So merging and splitting move no
-- evidence, and both can be undone.
--
--   inventory.owner(address, vlan, [at]) -> id      whose address it is, or was at that time
--   inventory.records() -> list, by_id              all assets with everything known of them (see inventory_records.lua)
--   inventory.find(who) -> record                   by id, address, MAC, name or the owner's name; an error names the candidates
--   inventory.best(record, key) -> entry            the best value of a fact: { value, confidence, source, first, last, sub }

local inventory = require "inventory_known"

-- ---------------------------------------------------------------------------- all of it

-- First and last moment of which something is known; nil when nothing is.
function inventory.time_span()
	local first, last
	for address, vlan, row in inventory.addresses:pairs() do
		first, last = inventory.earlier(first, inventory.addresses:first { address, vlan }), inventory.later(last, row.last)
	end
	return first, last
end

-- What the owner should know of the inventory itself before he trusts a list: texts.
function inventory.warnings()
	local list = {}
	local times, limit = inventory.settings:get "refused" or 0, inventory.setting "terminal_limit"
	if times > 0 then
		list[1] = "The limit of " .. limit .. " terminals is reached: new ones are not taken up (seen " .. times .. " times). "
			.. "Raise it with: otoscope inventory setting terminal_limit N"
	end
	local function full(name, store)
		local lost = store:evicted()
		if lost > 0 then list[#list + 1] = "The store of " .. name .. " is full: its " .. lost .. " oldest rows were given up" end
	end
	for _, name in ipairs { "addresses", "assets", "facts", "links", "functions", "history" } do full(name, inventory[name]) end
	for _, level in ipairs(inventory.series) do full("traffic by " .. level.name, level.rows) end
	return list
end

-- Said beside a list of assets: what it lacks, and whose it is where it is empty.
function inventory.remark(rows)
	for _, text in ipairs(inventory.warnings()) do command.remark(text) end
	if #rows > 0 then return end
	local names, list, this = {}, state.sensors()
	for i, sensor in ipairs(list) do names[i] = "--sensor " .. sensor.name end
	if #names > 0 and not (#names == 1 and list[1].name == this) then
		command.remark("nothing is kept of the sensor " .. this .. "; there is something of others: " .. table.concat(names, ", "))
	end
end

-- ---------------------------------------------------------------------------- finding one

local function matches(r, who, address)
	if r.id == who then return true end
	for _, list in ipairs { r.ips, r.macs } do
		for _, a in ipairs(list) do
			if address and a == address then return true end
		end
	end
	local name = inventory.name(r)
	return name and name:lower() == who:lower() or false
end

function inventory.find(who, list)
	list = list or inventory.records()
	local ok, address = pcall(addr, who)
	local found = {}
	for _, r in ipairs(list) do
		if r.id == who then return r end
		if matches(r, who, ok and address) then found[#found + 1] = r end
	end
	if #found == 1 then return found[1] end
	if #found == 0 then error("nothing is known of " .. who .. "; otoscope inventory lists what is", 0) end
	local ids = {}
	for i, r in ipairs(found) do ids[i] = r.id end
	error("several are called " .. who .. ": " .. table.concat(ids, ", "), 0)
end

return inventory
