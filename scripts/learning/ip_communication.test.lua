local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local learned = telling.learned(replay)

local function talk(from, to, at)
	return { udp(from, to, "x"), udp(to, from, "y"), at = at }
end
local ROWS = [[
on("finish", function() for row in require("learn").open("ip_communication").rows:pairs() do print(row) end end)]]

it("tells of a service that was not learned, whatever the client's port", function()
	local n, alerts = learned("ip_communication", { till = 300, packets = {
		talk("10.0.0.1:4000", "10.0.0.2:161", 1), talk("10.0.0.1:4001", "10.0.0.2:161", 400), talk("10.0.0.1:4002", "10.0.0.2:162", 410),
	} })
	assert.equal(1, n)
	assert.equal("10.0.0.1\t10.0.0.2\tudp\t*\t162", alerts[1].row)
end)

it("makes one alert of a scan", function()
	local packets = { talk("10.0.0.1:4000", "10.0.0.2:161", 1) }
	for i = 1, 50 do packets[#packets + 1] = talk("10.0.0.1:4000", "10.0.0.2:" .. 1000 + i, 400 + i) end
	assert.equal(1, (learned("ip_communication", { till = 300, packets = packets })))
end)

local function service(n, last, at)
	local packets = {}
	for i = 1, n do packets[i] = talk("10.0.0.1:5000", "10.0.0.2:" .. 49203 + i * 37, i) end
	packets[#packets + 1] = talk("10.0.0.1:5000", "10.0.0.2:" .. last, at)
	return packets
end

it("learns a service with a fixed source port as one row with a range", function()
	local n, _, r = learned("ip_communication", { till = 500, packets = service(200, 50000, 1000), code = ROWS })
	assert.equal(0, n)
	assert.same({ "10.0.0.1\t10.0.0.2\tudp\t5000\t49240-56603" }, r.lines)
	assert.equal(1, (learned("ip_communication", { till = 500, packets = service(200, 40000, 1000) })))
end)

it("knows a service whatever port a client has, and learns it again where a range took its place", function()
	local packets = {}
	for i, ports in ipairs { { 2001, 80 }, { 2002, 80 }, { 2003, 80 }, { 2001, 81 }, { 2001, 82 }, { 2001, 83 }, { 2004, 80 } } do
		packets[i] = { tcp("10.0.0.1:" .. ports[1], "10.0.0.2:" .. ports[2]), at = i }
	end
	local n, _, r = learned("ip_communication", { till = 500, packets = packets, code = ROWS })
	assert.equal(0, n)
	assert.same({ "10.0.0.1\t10.0.0.2\ttcp\t2001\t80-83", "10.0.0.1\t10.0.0.2\ttcp\t*\t80" }, r.lines)
end)

it("asks a script once for a port of a range, whatever port a client has", function()
	local function calls(n)
		local packets, sum = {}, 0
		for i = 1, 10 do packets[i] = { tcp("10.0.0.1:" .. 2000 + i, "10.0.0.2:" .. 7000 + i), at = i } end
		for i = 1, n do packets[#packets + 1] = { tcp("10.0.0.1:" .. 3000 + i, "10.0.0.2:7001"), at = 400 + i } end
		packets[#packets + 1] = { udp("10.0.0.1:9", "10.0.0.2:9", "x"), at = 590 }
		local r = replay { packets = packets, scripts = { "ip_communication.lua" }, logs = true, code = ROWS, events = "none" }
		assert.contains("10.0.0.1\t10.0.0.2\ttcp\t*\t1024-65535", table.concat(r.lines, " "))
		for _, row in ipairs(r.logs.stats) do sum = sum + row.script_calls end
		return sum
	end
	assert.equal(calls(5), calls(50))
end)

it("makes one row of two peers, whoever begins", function()
	local n, _, r = learned("ip_communication", { till = 500, code = ROWS, packets = {
		talk("10.0.0.2:123", "10.0.0.1:123", 1), talk("10.0.0.1:123", "10.0.0.2:123", 400), talk("10.0.0.1:123", "10.0.0.2:123", 900),
	} })
	assert.equal(0, n)
	assert.same({ "10.0.0.1\t10.0.0.2\tudp\t123\t123" }, r.lines)
	assert.equal(1, (learned("ip_communication", { till = 500, packets = {
		talk("10.0.0.2:123", "10.0.0.1:123", 1), talk("10.0.0.2:4000", "10.0.0.1:123", 900),
	} })))
end)
