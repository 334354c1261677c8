local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function web(page, agent)
	local head = "GET " .. page .. " HTTP/1.1\r\nHost: plc\r\nUser-Agent: " .. (agent or "x") .. "\r\n\r\n"
	return tcp("10.0.0.9:2000", "10.0.0.7:80", { ">", head }, { "<", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" })
end

it("tells of statements, folders and shells", function()
	for _, page in ipairs { "/?id=1%27+and+1%3D1", "/?id=1'+UNION/**/select+user()", "/?f=../../../etc/x", "/cgi?a=${jndi:ldap://10.0.0.9/}",
		"/?a=%3Cscript%3E", "/scripts/..%5c../winnt/system32/cmd.exe" } do
		assert.equal(1, (told("http_injection", { packets = { web(page) } })), page)
	end
	assert.equal(1, (told("http_injection", { packets = { web("/", "() { :;}; /bin/x") } })))
end)

it("is quiet on normal traffic", function()
	for _, page in ipairs { "/", "/select?union=3&or=1", "/img/../style.css", "/Portal/Portal.mwsl?PriNav=Ident", "/a?q=it's+and+more" } do
		assert.equal(0, (told("http_injection", { packets = { web(page, "Mozilla/5.0 (Windows NT 10.0)") } })), page)
	end
end)
