local telling = dofile(folder .. "/../../lua/tests/telling.lua")
local told = telling(replay)

local SYN <const>, SYN_ACK <const>, ACK <const>, PUSH <const>, END <const> = 2, 18, 16, 24, 17
local CLIENT <const>, SERVER <const> = "10.0.0.1", "10.0.0.2"
local GET <const> = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
local OK <const> = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

-- Segments of one connection, each { sender, flags, text }, their numbers counted on.
local function connection(port, ...)
  local nxt, packets = { [CLIENT] = 1000, [SERVER] = 5000 }, {}
  for i, s in ipairs { ... } do
    local from, flags, text = s[1], s[2], s[3] or ""
    local to = from == CLIENT and SERVER or CLIENT
    local fport, tport = 40000, port
    if from == SERVER then fport, tport = port, 40000 end
    local ack = flags == SYN and 0 or nxt[to]
    local header = string.pack(">I2I2I4I4BBI2I2I2", fport, tport, nxt[from], ack, 0x50, flags, 65535, 0, 0)
    packets[i] = { telling.ip(from, to, 6, header .. text), at = i / 100 }
    nxt[from] = nxt[from] + #text + (flags & 3 ~= 0 and 1 or 0)
  end
  return packets
end

it("tells of data before the handshake is over", function()
  local n, alerts = told("answer_early", { packets = connection(8089, { CLIENT, SYN }, { SERVER, SYN_ACK },
    { SERVER, PUSH, OK }, { SERVER, END }, { CLIENT, ACK }, { CLIENT, PUSH, GET }, { CLIENT, END }, { SERVER, ACK }) })
  assert.equal(1, n)
  assert.equal(SERVER, tostring(alerts[1].source))
end)

it("tells of a reply before the request", function()
  assert.equal(1, (told("answer_early", { packets = connection(80, { CLIENT, SYN }, { SERVER, SYN_ACK }, { CLIENT, ACK },
    { SERVER, PUSH, OK }, { CLIENT, PUSH, GET }, { SERVER, END }, { CLIENT, END }, { SERVER, ACK }) })))
end)

it("is quiet where the server speaks first by custom, and where it is asked", function()
  assert.equal(0, (told("answer_early", { packets = connection(21, { CLIENT, SYN }, { SERVER, SYN_ACK }, { CLIENT, ACK },
    { SERVER, PUSH, "220 ready\r\n" }, { CLIENT, PUSH, "USER a\r\n" }, { SERVER, PUSH, "331 who\r\n" }, { SERVER, END },
    { CLIENT, END }, { SERVER, ACK }) })))
  assert.equal(0, (told("answer_early", { packets = connection(80, { CLIENT, SYN }, { SERVER, SYN_ACK }, { CLIENT, ACK },
    { CLIENT, PUSH, GET }, { SERVER, PUSH, OK }, { SERVER, END }, { CLIENT, END }, { SERVER, ACK }) })))
  assert.equal(0, (told("answer_early", { capture = "star" })))
  assert.equal(0, (told("answer_early", { capture = "real-ftp" }))) -- greets, then encrypts
end)

it("is quiet where the mirror lost the request", function()
  local packets = connection(80, { CLIENT, SYN }, { SERVER, SYN_ACK }, { CLIENT, ACK }, { CLIENT, PUSH, GET },
    { SERVER, PUSH, OK }, { CLIENT, PUSH, GET }, { SERVER, PUSH, OK }, { SERVER, END }, { CLIENT, END }, { SERVER, ACK })
  table.remove(packets, 4)
  assert.equal(0, (told("answer_early", { packets = packets })))
  table.remove(packets, 3)
  assert.equal(0, (told("answer_early", { packets = packets })))
end)

local function greeting()
  return connection(21, { CLIENT, SYN }, { SERVER, SYN_ACK }, { CLIENT, ACK }, { SERVER, PUSH, "220 ready\r\n" },
    { CLIENT, PUSH, "USER a\r\n" }, { SERVER, PUSH, "331 who\r\n" }, { SERVER, END }, { CLIENT, END }, { SERVER, ACK })
end

it("is quiet where the mirror lost the end of the handshake, or loses much", function()
  local packets = greeting()
  table.remove(packets, 3)
  assert.equal(0, (told("answer_early", { packets = packets })))
  local early = connection(8089, { CLIENT, SYN }, { SERVER, SYN_ACK }, { SERVER, PUSH, OK }, { SERVER, END }, { CLIENT, ACK },
    { CLIENT, PUSH, GET }, { CLIENT, END }, { SERVER, ACK })
  local lossy = 'require "coverage" on("flow.new", function() raise("capture.lossy", { share = 0.5 }) end)'
  assert.equal(0, (told("answer_early", { packets = early, code = lossy })))
end)
