local READ = unhex "0001 0000 0006 01 03 0000 0003"

-- 30 requests, one a second, then nothing but a datagram much later.
local function polling(later)
	local turns = {}
	for i = 1, 30 do turns[i] = { ">", READ } end
	local packets = tcp("10.0.0.1:1025", "10.0.0.2:502", table.unpack(turns))
	for i, frame in ipairs(packets) do packets[i] = { frame, at = i } end
	packets[#packets + 1] = { udp("10.0.0.9:1", "10.0.0.8:1", "x"), at = later }
	return packets
end

it("tells who stopped asking", function()
	local r = replay { packets = polling(200), scripts = { "silent.lua" }, events = "none" }
	assert.equal(1, #r.lines)
	assert.matches("10.0.0.1 no longer asks 10.0.0.2", r.lines[1])
end)

it("waits a minute", function()
	assert.same({}, replay({ packets = polling(60), scripts = { "silent.lua" }, events = "none" }).lines)
end)
