local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A slave is told to have a state, or says which it has.
local function datagram(back, command, offset, state)
	return unhex("010105010000" .. (back and "0200" or "0000") .. "0a000001 88a4 0e10" .. command .. "01 e903" .. offset .. "0200 0000"
		.. state .. (back and "0100" or "0000"))
end
local function wanted(state) return datagram(false, "05", "2001", state) end
local function has(state) return datagram(true, "04", "3001", state) end

it("tells of it", function()
	local n, alerts = told("ethercat_state", { capture = "ethercat" })
	assert.equal(2, n)
	assert.contains("Slave 1001", alerts[1].text)
	assert.equal(1, (told("ethercat_state", { packets = { wanted "0800", has "0800", has "0400" } })))
end)

it("is quiet on normal traffic, and when its master takes a slave out of OP", function()
	local packets = { wanted "0400", has "0400", wanted "0800", has "0800", wanted "0200", has "0200" }
	assert.equal(0, (told("ethercat_state", { packets = packets })))
end)
