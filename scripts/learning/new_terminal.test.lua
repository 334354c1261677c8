local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local learned = telling.learned(replay)

local function talk(from, to, at)
	return { udp(from .. ":4000", to .. ":9", "x"), udp(to .. ":9", from .. ":4000", "y"), at = at }
end

it("tells of a terminal that was not there, once", function()
	local n, alerts = learned("new_terminal", {
		packets = {
			talk("10.0.0.1", "10.0.0.2", 1), talk("10.0.0.1", "10.0.0.2", 200), talk("10.0.0.3", "10.0.0.2", 210),
			talk("10.0.0.3", "10.0.0.1", 900),
		},
	})
	assert.equal(1, n)
	assert.contains("10.0.0.3 (MAC 02:00:0a:00:00:03", alerts[1].text)
end)

it("tells of one that only answers", function()
	assert.equal(1, (learned("new_terminal", { packets = { talk("10.0.0.1", "10.0.0.2", 1), talk("10.0.0.1", "10.0.0.4", 200) } })))
end)

it("is quiet about known ones, and about addresses that are asked for in vain", function()
	local vain = { udp("10.0.0.1:4000", "10.0.0.9:9", "x"), at = 200 }
	assert.equal(0, (learned("new_terminal", { packets = { talk("10.0.0.1", "10.0.0.2", 1), talk("10.0.0.2", "10.0.0.1", 200), vain } })))
end)

-- A DHCP server confirms an address to the station with this MAC address.
local function lease(address, mac, at)
	local a, b, c, d = address:match "(%d+)%.(%d+)%.(%d+)%.(%d+)"
	local message = string.pack(">BBBBI4I2I2", 2, 1, 6, 0, 7, 0, 0) .. "\0\0\0\0" .. string.char(a, b, c, d) .. string.rep("\0", 8)
		.. mac .. string.rep("\0", 202) .. "\x63\x82\x53\x63" .. string.char(53, 1, 5, 54, 4, 10, 0, 0, 2, 255)
	return { udp("10.0.0.2:67", "255.255.255.255:68", message), at = at }
end

it("knows a station that a DHCP server gave another address", function()
	local MAC = "\2\0\10\0\0\1"
	local moved = telling.ip("10.0.0.77", "10.0.0.2", 17, string.pack(">I2I2I2I2", 4000, 9, 9, 0) .. "x", { from = MAC })
	local packets = { talk("10.0.0.1", "10.0.0.2", 1), lease("10.0.0.77", MAC, 200), { moved, at = 400 } }
	assert.equal(0, (learned("new_terminal", { packets = packets })))
	table.remove(packets, 2)
	assert.equal(1, (learned("new_terminal", { packets = packets })))
end)
