local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local ROUTER <const>, OTHER <const> = unhex "020000000001", unhex "0200000000ee"

-- So many connections to the internet, whose answers come from one MAC address and then from another.
local function moves(connections, to)
	local packets = {}
	for i = 1, connections do
		for second, mac in ipairs { ROUTER, ROUTER, to } do
			packets[#packets + 1] = { telling.segment("198.51.100.7", 443, "10.0.0.5", 40000 + i, 16, { from = mac }), at = second * 10 + i / 10 }
		end
	end
	table.sort(packets, function(a, b) return a.at < b.at end)
	return packets
end

it("tells of it", function()
	assert.equal(1, (told("route_moved", { packets = moves(3, OTHER) })))
end)

it("is quiet on normal traffic, about one connection, and where it goes to and fro", function()
	local fro = moves(3, OTHER)
	for _, p in ipairs(moves(3, ROUTER)) do fro[#fro + 1] = { p[1], at = p.at + 0.005 } end
	table.sort(fro, function(a, b) return a.at < b.at end)
	assert.equal(0, (told("route_moved", { packets = fro })))
	assert.equal(0, (told("route_moved", { packets = moves(3, ROUTER) })))
	assert.equal(0, (told("route_moved", { packets = moves(1, OTHER) })))
end)
