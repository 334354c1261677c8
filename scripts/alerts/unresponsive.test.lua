local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- Twelve requests, ten seconds apart; those before `silent` are answered, those to nobody never are.
local function asks(silent)
	local packets = {}
	for i = 1, 30 do
		local parts = { { ">", unhex "0001 0000 0006 01 03 0000 0003" } }
		if i < silent then parts[2] = { "<", unhex "0001 0000 0009 01 03 06 0001 0002 0003" } end
		packets[i] = { tcp("10.0.0.1:" .. 2000 + i, "10.0.0.2:502", table.unpack(parts)), at = i * 10 }
	end
	packets[31] = telling.later(900)
	return packets
end
local function one_way(packets)
	for _, p in ipairs(packets) do
		local frames = type(p[1]) == "table" and p[1] or {}
		for i = #frames, 1, -1 do if frames[i]:sub(1, 6) == "\2\0\10\0\0\1" then table.remove(frames, i) end end
	end
	return packets
end

it("tells of it", function()
	assert.equal(1, (told("unresponsive", { packets = asks(15) })))
end)

it("tells of it after days in which it was always heard", function()
	local packets, answered = {}, unhex "0001 0000 0009 01 03 06 0001 0002 0003"
	for i = 1, 120 do
		local parts = { { ">", unhex "0001 0000 0006 01 03 0000 0003" }, { "<", answered } }
		packets[i] = { tcp("10.0.0.1:" .. 2000 + i, "10.0.0.2:502", table.unpack(parts)), at = i * 1500 }
	end
	for i = 121, 140 do
		local asked = tcp("10.0.0.1:" .. 2000 + i, "10.0.0.2:502", { ">", unhex "0001 0000 0006 01 03 0000 0003" })
		packets[i] = { asked, at = 180000 + (i - 120) * 10 }
	end
	packets[141] = telling.later(181000)
	assert.equal(1, (told("unresponsive", { packets = packets })))
end)

it("is quiet on normal traffic, and where only one direction was captured", function()
	assert.equal(0, (told("unresponsive", { packets = asks(31) })))
	assert.equal(0, (told("unresponsive", { packets = one_way(asks(15)) })))
end)
