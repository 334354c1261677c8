local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- One packet with these flags to each of so many ports, all of them closed.
local function probes(n, flags)
	local packets = {}
	for i = 1, n do
		packets[2 * i - 1] = { telling.segment("10.0.0.9", 50000 + i, "10.0.0.7", 3390 + i, flags), at = i }
		packets[2 * i] = { telling.segment("10.0.0.7", 3390 + i, "10.0.0.9", 50000 + i, 20), at = i + 0.01 }
	end
	return packets
end

it("tells of it", function()
	assert.equal(1, (told("stealth_probe", { packets = probes(4, 1) })))
end)

it("is quiet on normal traffic, and about a port or two", function()
	assert.equal(0, (told("stealth_probe", { packets = probes(2, 1) })))
	assert.equal(0, (told("stealth_probe", { packets = probes(8, 2) })))
	assert.equal(0, (told("stealth_probe", { capture = "star" })))
end)
