local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A client has a database do something.
local function batch(statement)
	local headers = string.pack("<I4I4I2I8I4", 22, 18, 2, 0, 1)
	local body = headers .. statement:gsub(".", "%0\0")
	return tcp("10.0.0.9:4000", "10.0.0.7:1433", { ">", string.pack(">BBI2I2BB", 1, 1, 8 + #body, 0, 1, 0) .. body })
end

it("tells of it", function()
	assert.equal(1, (told("database_command", { packets = batch "EXEC master..xp_cmdshell [dir]" })))
end)

it("is quiet on normal traffic", function()
	assert.equal(0, (told("database_command", { packets = batch "SELECT name FROM dough" })))
end)
