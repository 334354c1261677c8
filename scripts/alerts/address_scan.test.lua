local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

it("tells of it", function()
	assert.equal(1, (told("address_scan", { packets = telling.many(60, 0.5, function(i)
		return udp("10.0.0.9:4000", "10.0.0." .. 100 + i .. ":161", "x")
	end) })))
end)

it("is quiet about one peer", function()
	assert.equal(0, (told("address_scan", { packets = telling.many(60, 0.5, function()
		return udp("10.0.0.9:4000", "10.0.0.7:161", "x")
	end) })))
end)

it("is quiet about the ends of connections that began before", function()
	local function closed(flags)
		return (told("address_scan", { packets = telling.many(60, 0.5, function(i)
			return telling.segment("10.0.0.9", 40000 + i, "10.0.0." .. 100 + i, 80, flags)
		end) }))
	end
	assert.equal(0, closed(17))
	assert.equal(1, closed(2))
end)

it("is quiet about those who answered before", function()
	local packets = {}
	for i = 1, 30 do
		local host = "10.0.0." .. 100 + i .. ":161"
		packets[#packets + 1] = { udp("10.0.0.9:4000", host, "x"), at = i }
		packets[#packets + 1] = { udp(host, "10.0.0.9:4000", "y"), at = i + 0.1 }
	end
	for i = 1, 30 do packets[#packets + 1] = { udp("10.0.0.9:4001", "10.0.0." .. 100 + i .. ":161", "x"), at = 600 + i } end
	assert.equal(0, (told("address_scan", { packets = packets })))
	for i = 1, 30 do packets[#packets + 1] = { udp("10.0.0.9:4002", "10.0.0." .. 150 + i .. ":161", "x"), at = 900 + i } end
	assert.equal(1, (told("address_scan", { packets = packets })))
end)
