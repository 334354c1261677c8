local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local learned = telling.learned(replay)

local READ, WRITE = unhex "0001 0000 0006 01 03 0000 0003", unhex "0002 0000 0006 01 06 0001 0005"
local function asks(client, pdu, at)
	return { tcp(client .. ":1025", "10.0.0.2:502", { ">", pdu }), at = at }
end

it("tells of a function that was not learned, once", function()
	local n, alerts = learned("ot_behaviour", {
		packets = { asks("10.0.0.1", READ, 1), asks("10.0.0.1", READ, 200), asks("10.0.0.1", WRITE, 210), asks("10.0.0.1", WRITE, 2000) },
	})
	assert.equal(1, n)
	assert.equal("10.0.0.1\t10.0.0.2\tmodbus\tWRITE_SINGLE_REGISTER", alerts[1].row)
	assert.equal("10.0.0.1 uses WRITE_SINGLE_REGISTER (modbus) on 10.0.0.2, which was not learned.", alerts[1].text)
	assert.contains("ot_behaviour.lua:", alerts[1].script)
end)

it("tells of it also when only an answer was seen before", function()
	local answer = { tcp("10.0.0.1:1026", "10.0.0.2:502", { "<", WRITE }), at = 200 }
	assert.equal(0, (learned("ot_behaviour", { packets = { asks("10.0.0.1", READ, 1), answer } })))
	assert.equal(1, (learned("ot_behaviour", { packets = { asks("10.0.0.1", READ, 1), answer, asks("10.0.0.1", WRITE, 210) } })))
end)

it("tells of a client that was not learned", function()
	assert.equal(1, (learned("ot_behaviour", { packets = { asks("10.0.0.1", READ, 1), asks("10.0.0.3", READ, 200) } })))
end)

it("is quiet about what was learned, what a wider row covers, and what is excluded", function()
	local packets = { asks("10.0.0.1", READ, 1), asks("10.0.0.1", READ, 200), asks("10.0.0.3", WRITE, 210) }
	local wide = 'require("learn").put(require("learn").open("ot_behaviour"), "10.0.0.0/24\\t*\\tmodbus\\tWRITE_*", "added")'
	assert.equal(0, (learned("ot_behaviour", { packets = packets, code = "on('start', function() " .. wide .. " end)\n"
		.. "after(50, function() raise('learn.edited', { list = 'ot_behaviour' }) end)" })))
	local excluded = 'require("alert").store.excluded:set({ "ot_behaviour", "10.0.0.3" }, { why = "test" })'
	assert.equal(0, (learned("ot_behaviour", { packets = packets, code = excluded })))
end)

it("learns by itself for two weeks", function()
	local DAY = 86400
	assert.equal(0, (learned("ot_behaviour", { packets = { asks("10.0.0.1", READ, 1), asks("10.0.0.1", WRITE, 13 * DAY) }, till = 99 * DAY })))
	assert.equal(1, (learned("ot_behaviour", { packets = { asks("10.0.0.1", READ, 1), asks("10.0.0.1", WRITE, 15 * DAY) }, till = 99 * DAY })))
end)
