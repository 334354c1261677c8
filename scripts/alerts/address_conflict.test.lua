local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local PLC <const>, HMI <const>, THIRD <const> = "02:00:0a:00:00:01", "02:00:0a:00:00:02", "02:00:0a:00:00:66"
local SCRIPTS <const> = { "address_conflict.lua", "../inventory/assets.lua" }

-- The controller speaks from its address each second, then these frames, then it speaks on.
local function while_it_speaks(...)
	local said = udp("10.0.0.1:1000", "10.0.0.2:2000", "hello")
	local packets = telling.many(20, 1, function() return via(said, { src = PLC, dst = HMI }) end)
	for i, frame in ipairs { ... } do table.insert(packets, 10 + i, frame) end
	return { packets = packets, scripts = SCRIPTS }
end

local function claims(address, mac) return arp(address, mac, "10.0.0.2", HMI) end

it("tells of one who claims the address of a station that never did", function()
	local spoof = while_it_speaks(claims("10.0.0.66", THIRD), claims("10.0.0.1", THIRD), claims("10.0.0.1", THIRD))
	assert.equal(1, (told("address_conflict", spoof)))
end)

it("is quiet where both claimed it, which arp_conflict tells, and on normal traffic", function()
	local both = while_it_speaks(claims("10.0.0.66", THIRD), claims("10.0.0.1", PLC), claims("10.0.0.1", THIRD))
	assert.equal(0, (told("address_conflict", both)))
	assert.equal(0, (told("address_conflict", while_it_speaks(claims("10.0.0.66", THIRD), claims("10.0.0.1", PLC)))))
end)
