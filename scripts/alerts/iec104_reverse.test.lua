local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- Started, interrogated, one point changes, a command: as every day.
local normal = tcp("10.0.0.1:1025", "10.0.0.2:2404",
	{ ">", unhex "680407000000" }, { "<", unhex "68040b000000" },
	{ ">", unhex "680e00000000 6401060003000000 0014" }, { "<", unhex "680e00000200 6401070003000000 0014" },
	{ "<", unhex "680e02000200 0101030003000100 0001" }, { ">", unhex "680e02000400 2d01060003000200 0001" })

it("tells of it", function()
	local n, alerts = told("iec104_reverse", { capture = "iec104" })
	assert.equal(1, n)
	assert.equal("10.9.0.99", alerts[1].source)
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("iec104_reverse", { packets = normal })))
end)
