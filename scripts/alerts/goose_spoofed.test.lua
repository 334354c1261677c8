local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- One publisher: a state, its repetitions, the next state.
local function frame(st, sq)
	return unhex "010ccd010001 001b1b000001 88b8 0001 0032 0000 0000 6128 8003 612f62 8101 0a 8203 612f63 8408 00000000 0000000a"
		.. "\x85\1" .. string.char(st) .. "\x86\1" .. string.char(sq) .. unhex "8801 01 8a01 01 ab03 8301 00"
end
local normal = { frame(1, 0), frame(1, 1), frame(1, 2), frame(2, 0), frame(2, 1) }

it("tells of it", function()
	assert.equal(4, (told("goose_spoofed", { capture = "goose" })))
	assert.equal(1, (told("goose_spoofed", { packets = { frame(1, 0), frame(5, 0), frame(2, 0) } })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("goose_spoofed", { packets = normal })))
end)
