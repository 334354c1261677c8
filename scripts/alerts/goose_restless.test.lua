local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function element(tag, value) return string.char(tag, #value) .. value end

-- One message of a publisher: state and repetition.
local function goose(st, sq, at)
	local pdu = element(0x61, element(0x80, "A/LLN0$GO$g") .. element(0x81, "\7\208") .. element(0x82, "A/LLN0$D") .. element(0x83, "g")
		.. element(0x84, string.rep("\0", 8)) .. element(0x85, string.char(st)) .. element(0x86, string.char(sq)) .. element(0x87, "\0")
		.. element(0x88, "\1") .. element(0x89, "\0") .. element(0x8a, "\1") .. element(0xab, element(0x83, string.char(st % 2 * 255))))
	local body = string.pack(">I2I2I2I2", 1, #pdu + 8, 0, 0) .. pdu
	return { unhex "010ccd010001 020000000001 88b8" .. body, at = at }
end

-- n states that begin `every` seconds after each other, each repeated.
local function states(n, every)
	local packets = {}
	for i = 1, n do
		for sq = 0, 6 do packets[#packets + 1] = goose(i, sq, i * every + sq * every / 8) end
	end
	return packets
end

local DETECTING = "require('learn').set_mode('ot_behaviour', 'detecting')"

it("tells of states that change again and again", function()
	local n, alerts = told("goose_restless", { packets = states(8, 20), code = DETECTING })
	assert.equal(1, n)
	assert.contains("changed its state 5 times", alerts[1].text)
end)

it("is quiet about few, about the steps of one event, and about those who always do so", function()
	assert.equal(0, (told("goose_restless", { packets = states(8, 20) })))
	assert.equal(0, (told("goose_restless", { packets = states(4, 20), code = DETECTING })))
	assert.equal(0, (told("goose_restless", { packets = states(8, 600), code = DETECTING })))
	assert.equal(0, (told("goose_restless", { capture = "goose", code = DETECTING })))
end)
