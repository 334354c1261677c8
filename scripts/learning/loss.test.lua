-- Connections to n servers; of some the middle of what the client sent was not captured.
local function talk(n, short)
	local packets = {}
	for i = 1, n do
		local frames = tcp("10.0.0.1:" .. 2000 + i, "10.0.0." .. 10 + i .. ":9000", { ">", "one" }, { "<", "yes" }, { ">", "two" },
			{ ">", "three" }, { "<", "end" })
		if i <= short then table.remove(frames, 6) end
		packets[i] = { frames, at = i }
	end
	packets[#packets + 1] = { udp("10.0.0.1:4000", "10.0.0.2:9", "x"), at = 400 }
	return replay { packets = packets, scripts = { "loss.lua" }, events = "capture.lossy",
		code = 'require "coverage" on("finish", function() print(require("coverage").is_whole()) end)' }
end

it("many connections that miss bytes are a capture that loses packets", function()
	local r = talk(6, 4)
	assert.same({}, r.errors)
	assert.equal(1, #r.events["capture.lossy"])
	assert.same({ "false" }, r.lines)
end)

it("one or two are not", function()
	assert.equal(0, #talk(6, 2).events["capture.lossy"])
	assert.equal(0, #talk(6, 0).events["capture.lossy"])
end)
