local DEMO = "../../testdata/captures/demo.pcap"

it("prints each write with its values", function()
	local r = replay { capture = DEMO, scripts = { "setpoint.lua" }, events = "none" }
	assert.equal("08:00:25\t192.168.10.20\tWRITE_SINGLE_REGISTER\t10\t1200", r.lines[1])
	assert.same({}, r.errors)
end)

it("is silent when nobody writes", function()
	local read = unhex "0001 0000 0006 01 03 0000 0003"
	local r = replay { packets = tcp("10.0.0.1:1025", "192.168.10.11:502", { ">", read }), scripts = { "setpoint.lua" } }
	assert.equal(1, #r.events["modbus.request"])
	assert.same({}, r.lines)
end)
