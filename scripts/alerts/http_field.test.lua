local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local function asks(field, length)
  return tcp("10.0.0.9:2000", "10.0.0.7:80",
    { ">", ("GET / HTTP/1.1\r\nHost: plc\r\n%s: %s\r\n\r\n"):format(field, ("A"):rep(length)) },
    { "<", "HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n" })
end

it("tells of it", function()
  local n, alerts = told("http_field", { packets = asks("From", 1800) })
  assert.equal(1, n)
  assert.contains("field From", alerts[1].text)
end)

it("is quiet on normal traffic, and about what is long by custom", function()
  assert.equal(0, (told("http_field", { packets = asks("User-Agent", 200) })))
  assert.equal(0, (told("http_field", { packets = asks("Cookie", 3000) })))
  assert.equal(0, (told("http_field", { packets = asks("authorization", 3000) })))
end)
