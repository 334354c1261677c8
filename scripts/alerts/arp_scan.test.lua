local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("arp_scan", { packets = telling.many(60, 1, function(i)
		return telling.arp("10.0.0.9", "10.0.0." .. 100 + i)
	end) })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("arp_scan", { packets = telling.many(60, 1, function(i)
		return telling.arp("10.0.0.9", "10.0.0." .. i % 9)
	end) })))
end)

-- Of 60 stations that are all there, 30 are asked for.
local function in_a_full_network(asks)
	local packets = telling.many(60, 1, function(i) return telling.arp("10.0.0." .. i, "10.0.0." .. i % 60 + 1) end)
	for i = 1, 30 do packets[#packets + 1] = { telling.arp(asks, "10.0.0." .. i), at = 100 + i } end
	return told("arp_scan", { packets = packets, scripts = { "arp_scan.lua", "../learning/new_terminal.lua" },
		code = 'after(80, function() require("learn").set_mode("new_terminal", "detecting") end)' })
end

it("tells of a stranger who asks for those who are there", function()
	assert.equal(1, (in_a_full_network "10.0.0.99"))
end)

it("is quiet when one of them does", function()
	assert.equal(0, (in_a_full_network "10.0.0.9"))
end)
