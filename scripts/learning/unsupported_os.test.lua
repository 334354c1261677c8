local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

-- A host announces itself to the browser service of its network: name, and version of Windows.
local function announcement(major, minor, at)
	local function name(text, suffix)
		local padded, out = text .. string.rep(" ", 15 - #text) .. string.char(suffix), {}
		for i = 1, 16 do out[i] = string.char(65 + (padded:byte(i) >> 4), 65 + (padded:byte(i) & 15)) end
		return "\32" .. table.concat(out) .. "\0"
	end
	local browser = string.pack("<BBI4", 1, 0, 720000) .. "OLDHOST" .. string.rep("\0", 9) .. string.char(major, minor)
		.. string.pack("<I4BBI2", 0x1003, 15, 1, 0xaa55) .. "\0"
	local mailslot = "\\MAILSLOT\\BROWSE\0"
	local words = string.pack("<I2I2I2I2BBI2I4I2I2I2I2I2BBI2I2I2", 0, #browser, 0, 0, 0, 0, 0, 1000, 0, 0, 0, #browser, 86, 3, 0, 1, 1, 2)
	local smb = "\xffSMB\x25" .. string.rep("\0", 27) .. string.char(#words // 2) .. words
		.. string.pack("<I2", #mailslot + #browser) .. mailslot .. browser
	local names = name("OLDHOST", 0) .. name("WORKGROUP", 0x1d)
	local datagram = string.pack(">BBI2", 0x11, 0x0a, 1) .. "\10\0\0\9" .. string.pack(">I2I2I2", 138, #names + #smb, 0) .. names .. smb
	return { udp("10.0.0.9:138", "10.0.0.255:138", datagram), at = at }
end

it("tells of a system that announces itself as one without support", function()
	local n, alerts = told("unsupported_os", { packets = { announcement(5, 0, 1), announcement(5, 0, 700) } })
	assert.equal(1, n)
	assert.contains("(OLDHOST, MAC 02:00:0a:00:00:09", alerts[1].text)
	assert.contains("runs Windows 2000, out of support since 2010-07-13", alerts[1].text)
end)

it("is quiet about a supported one, and about what only a fingerprint says", function()
	assert.equal(0, (told("unsupported_os", { packets = { announcement(10, 0, 1) } })))
	local n, _, r = told("unsupported_os", { capture = "handshakes",
		code = 'on("asset.fact", { source = "p0f", key = "os" }, function(e) print(e.value) end)' })
	assert.equal(0, n)
	assert(#r.lines > 0)
end)
