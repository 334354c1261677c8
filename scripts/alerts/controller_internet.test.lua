local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local ROUTER = { to = "\2\0\0\0\0\1" }
-- A station asks a controller by Modbus; then the controller, or the station, talks to hosts of several public networks.
local function outwards(who)
	local packets = { tcp("10.0.0.1:1025", "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" }) }
	for i = 1, 5 do
		packets[#packets + 1] = telling.segment(who, 4000, "8.8." .. i .. ".8", 443, 2, ROUTER)
		packets[#packets + 1] = telling.segment("8.8." .. i .. ".8", 443, who, 4000, 18, { from = ROUTER.to })
	end
	packets[#packets + 1] = telling.later(200)
	return packets
end
local NETWORKS = { "controller_internet.lua", "../learning/networks.lua" }

it("tells of it", function()
	assert.equal(1, (told("controller_internet", { packets = outwards "10.0.0.2", scripts = NETWORKS })))
end)

it("is quiet about other stations", function()
	assert.equal(0, (told("controller_internet", { packets = outwards "10.0.0.1", scripts = NETWORKS })))
end)
