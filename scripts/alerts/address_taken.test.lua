local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local PLC <const>, HMI <const>, OTHER <const>, SERVER <const> =
	"02:00:0a:00:00:01", "02:00:0a:00:00:02", "02:00:0a:00:00:66", "02:00:0a:00:00:05"
local SCRIPTS <const> = { "address_taken.lua", "../inventory/assets.lua" }

local function claims(at, mac) return { arp("10.0.0.1", mac, "10.0.0.2", HMI), at = at } end

-- The address is given to OTHER.
local function lease(at)
	local bootp = string.char(2, 1, 6, 0) .. unhex "01020304 0000 0000 00000000 0a000001 0a000005 00000000 02000a000066"
		.. ("\0"):rep(202) .. unhex "63825363 350105 36040a000005 330400000e10 ff"
	local ask = string.char(1) .. bootp:sub(2, 12) .. ("\0"):rep(16) .. bootp:sub(29, 240) .. unhex "350103 32040a000001 ff"
	return { via(udp("0.0.0.0:68", "255.255.255.255:67", ask), { src = OTHER, dst = "ff:ff:ff:ff:ff:ff" }), at = at },
		{ via(udp("10.0.0.5:67", "10.0.0.1:68", bootp), { src = SERVER, dst = OTHER }), at = at + 0.01 }
end

it("tells of one who has the address of a device that is off", function()
	assert.equal(1, (told("address_taken", { packets = { claims(0, PLC), claims(900, OTHER) }, scripts = SCRIPTS })))
end)

it("is quiet on normal traffic, and about addresses that a DHCP server gave", function()
	assert.equal(0, (told("address_taken", { packets = { claims(0, PLC), claims(900, PLC) }, scripts = SCRIPTS })))
	local ask, answer = lease(890)
	local packets = { claims(0, PLC), ask, answer, claims(900, OTHER), telling.later(1000) }
	assert.equal(0, (told("address_taken", { packets = packets, scripts = SCRIPTS })))
end)
