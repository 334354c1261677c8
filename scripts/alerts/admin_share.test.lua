local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function wide(text)
	return (text:gsub(".", "%0\0"))
end
local function header(flags)
	return "\xfeSMB" .. string.pack("<I2I2I4I2I2I4I4I8I4I4I8", 64, 1, 0, 3, 1, flags, 0, 5, 0, 1, 7) .. string.rep("\0", 16)
end
-- A client opens a share, and the server lets it.
local function opened(share)
	local path = wide([[\\10.0.0.7\]] .. share)
	local asked = header(0) .. string.pack("<I2I2I2I2", 9, 0, 72, #path) .. path
	local answer = header(1) .. string.pack("<I2BBI4I4I4", 16, 1, 0, 0, 0, 0x1f01ff)
	return tcp("10.0.0.9:4000", "10.0.0.7:445", { ">", string.pack(">s4", asked) }, { "<", string.pack(">s4", answer) })
end

it("tells of it", function()
	assert.equal(1, (told("admin_share", { packets = opened "C$" })))
end)

it("is quiet about other shares", function()
	assert.equal(0, (told("admin_share", { packets = opened "RECIPES" })))
end)
