local IDENTIFY, MODEL = unhex "54 04 07 04", unhex "54 0a 07 84 00 04 41432d31"
local SET, REFUSED = unhex "54 06 08 02 00d7", unhex "54 05 08 82 02"

local function run(...)
	return replay { packets = tcp("10.0.0.1:1025", "10.0.0.2:7171", ...), scripts = { "thermo.lua" }, logs = true }
end

it("says who set what, and how it went", function()
	local r = run({ ">", SET }, { "<", REFUSED })
	local op, outcome = r.events["ot.operation"][1], r.events["ot.outcome"][1]
	assert.equal("10.0.0.1 10.0.0.2 set_target write", table.concat({ op.client, op.server, op.func, op.op }, " "))
	assert.equal("error out_of_range", outcome.outcome .. " " .. outcome.error)
	assert.equal(21.5, r.events["thermo.message"][1].degrees)
	assert.equal("out_of_range", r.events["thermo.message"][2].error)
	assert.equal(2, #r.logs.thermo)
	assert.same({}, r.errors)
end)

it("learns the model", function()
	local fact = run({ ">", IDENTIFY }, { "<", MODEL }).events["asset.fact"][1]
	assert.equal("10.0.0.2 model AC-1", table.concat({ fact.ip, fact.key, fact.value }, " "))
end)

it("does not mind how the stream is cut", function()
	local pieces = {}
	for byte in (IDENTIFY .. SET .. IDENTIFY):gmatch "." do pieces[#pieces + 1] = { ">", byte } end
	assert.equal(3, #run(table.unpack(pieces)).events["thermo.message"])
end)

it("counts what is too short, and leaves others alone", function()
	assert.same({ "thermo.truncated" }, run({ ">", IDENTIFY .. unhex "54 05 08 02 00" }).weirds)
	assert.equal(0, #run({ ">", "GET / HTTP/1.1\r\n\r\n" }).events["thermo.message"])
end)
