local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local ROUTER = "\2\0\0\0\0\1"
local ASK = [[
local site = require "site"
on("finish", function() print(site.is_router(mac "02:00:00:00:00:01"), site.is_terminal(addr "141.81.0.10", mac "02:00:8d:51:00:0a")) end)]]

it("takes a MAC address that carries several public networks for a router's", function()
	local packets = {}
	for i = 1, 4 do packets[i] = telling.ip("8.8." .. i .. ".8", "10.0.0.1", 17, unhex "0fa0 0009 0009 0000 78", { from = ROUTER }) end
	assert.same({ "true\ttrue" }, replay({ packets = packets, scripts = { "networks.lua" }, code = ASK, events = "none" }).lines)
end)

it("takes public addresses of a plant for its own", function()
	local packets = {}
	for i = 1, 9 do packets[i] = udp("141.81.0." .. i .. ":4000", "141.81.0.10:9", "x") end
	assert.same({ "false\ttrue" }, replay({ packets = packets, scripts = { "networks.lua" }, code = ASK, events = "none" }).lines)
end)

it("makes what was learned of single addresses a matter of the internet", function()
	local packets = {}
	for i = 1, 4 do
		packets[i] = { telling.ip("10.0.0.1", "8.8." .. i .. ".8", 17, unhex "0fa0 0035 0009 0000 78", { to = ROUTER }), at = i * 100 }
	end
	local rows = [[on("finish", function() for row in require("learn").open("ip_communication").rows:pairs() do print(row) end
		for row in require("learn").open("new_terminal").rows:pairs() do print(row) end end)]]
	assert.same({ "10.0.0.1\tinternet\tudp\t*\t53", "02:00:0a:00:00:01", "10.0.0.1" }, replay({ packets = packets,
		scripts = { "networks.lua", "ip_communication.lua", "new_terminal.lua" }, code = rows, events = "none" }).lines)
end)
