-- Who writes to the filler, where, and what.
on("modbus.request", { func = { 5, 6, 15, 16 }, resp_h = "192.168.10.11" }, function(e)
	print(e.ts:format("%H:%M:%S"), e.orig_h, e.func, e.address, e.values)
end)
