-- What reassembly must survive: each case a connection of its own, on port 7001 and up, so that its number names it.
-- Every side sends lines of text, so that what was lost or doubled is seen at once.

local tcp = require "tcp"
local wire = require "wire"

local w = ...
w:title "TCP the hard way: order, overlap, loss, mid-stream, one side, resets, windows, sequence wrap-around"
w:duration "60s"
w.speaks_arp = false

local client = w:host { name = "client", role = "hmi", ip = "10.6.0.20", vendor = "dell", os = "linux" }
local server = w:host { name = "server", role = "plc", ip = "10.6.0.11", vendor = "siemens", os = "linux" }
local FLAG <const> = wire.FLAG
local ACK <const> = FLAG.ack

local function lines(first, last)
  local out = {}
  for n = first, last do out[#out + 1] = ("line %04d of the text that was sent\n"):format(n) end
  return table.concat(out)
end

-- Runs BODY on a connection to the case's own port, and tells the truth file what the case is.
local number = 0
local function case(what, options, body)
  number = number + 1
  local port = 7000 + number
  w:at(number, function()
    options.client, options.server, options.port = client, server, port
    w:fault(what, { port = port })
    body(tcp.new(w, options))
  end)
end

case("clean", {}, function(c)
  c:open()
  c:send("client", lines(1, 3))
  w:sleep(0.01)
  c:send("server", lines(1, 100))
  w:sleep(0.1)
  c:close()
end)

case("reordered", {}, function(c)
  c:open()
  c:send("server", lines(1, 200), { order = { 1, 4, 3, 2, 5, 6 }, gap = 0.0005 })
  w:sleep(0.1)
  c:close()
end)

case("late_segment", {}, function(c)
  c:open()
  c:send("server", lines(1, 200), { recover = { [2] = 0.3 }, gap = 0.0005 })
  w:sleep(0.5)
  c:close()
end)

case("retransmission", {}, function(c)
  c:open()
  c:send("server", lines(1, 120), { retransmit = { [1] = 0.2, [3] = 0.4 } })
  w:sleep(0.5)
  c:close()
end)

case("gap", {}, function(c)
  c:open()
  c:send("server", lines(1, 200), { lose = { [3] = true } })
  w:sleep(0.1)
  c:send("server", lines(201, 230))
  w:sleep(0.1)
  c:close()
end)

case("gap_at_end", {}, function(c)
  c:open()
  c:send("client", lines(1, 2), { lose = { true } })
  w:sleep(0.1)
  c:close()
end)

-- Segments that share bytes: the second copy of the shared part says the same, then something else.
case("overlap_same", {}, function(c)
  c:open()
  local text, seq = lines(1, 6), c.sides.client.seq
  c:segment("client", { flags = ACK, seq = seq, payload = text:sub(1, 100) })
  c:segment("client", { flags = ACK, seq = seq + 50, payload = text:sub(51, 160) }, { delay = 0.001 })
  c:segment("client", { flags = ACK | FLAG.psh, seq = seq + 20, payload = text:sub(21) }, { delay = 0.002 })
  c.sides.client.seq = seq + #text
  c.row.orig_bytes = #text
  w:sleep(0.1)
  c:close()
end)

case("overlap_different", {}, function(c)
  c:open()
  local text, seq = lines(1, 6), c.sides.client.seq
  c:segment("client", { flags = ACK, seq = seq, payload = text:sub(1, 100) })
  c:segment("client", { flags = ACK, seq = seq + 150, payload = text:sub(151) }, { delay = 0.001 })
  c:segment("client", { flags = ACK | FLAG.psh, seq = seq + 80, payload = ("x"):rep(90) }, { delay = 0.002 })
  c.sides.client.seq = seq + #text
  c.row.orig_bytes = #text
  w:sleep(0.1)
  c:close()
end)

case("midstream", {}, function(c)
  c:send("client", lines(50, 51))
  w:sleep(0.01)
  c:send("server", lines(50, 90))
  w:sleep(0.1)
  c:close()
end)

case("midstream_without_end", {}, function(c)
  for n = 1, 3 do
    c:send("server", lines(n, n))
    w:sleep(0.1)
  end
end)

case("one_sided_client", { see = "client" }, function(c)
  c:open()
  c:send("client", lines(1, 40))
  w:sleep(0.1)
  c:send("server", lines(1, 40))
  w:sleep(0.1)
  c:close()
end)

case("one_sided_server", { see = "server" }, function(c)
  c:open()
  c:send("client", lines(1, 40))
  w:sleep(0.1)
  c:send("server", lines(1, 40))
  w:sleep(0.1)
  c:close()
end)

case("reset_by_server", {}, function(c)
  c:open()
  c:send("client", lines(1, 2))
  w:sleep(0.1)
  c:reset("server")
end)

case("reset_in_the_data", {}, function(c)
  c:open()
  c:send("server", lines(1, 80), { lose = { [2] = true } })
  c:reset("client")
end)

case("refused", {}, function(c)
  c:segment("client", { flags = FLAG.syn, options = wire.tcp_option.mss(1460) })
  w:sleep(0.001)
  c.sides.client.seq, c.sides.server.seq = c.sides.client.seq + 1, 0
  c:segment("server", { flags = FLAG.rst | ACK, window = 0, options = "" })
end)

case("syn_only", {}, function(c)
  for _, pause in ipairs { 1, 2, 4 } do
    c:segment("client", { flags = FLAG.syn, options = wire.tcp_option.mss(1460) })
    w:sleep(pause)
  end
end)

case("simultaneous_open", {}, function(c)
  local options = wire.tcp_option.mss(1460)
  c:segment("client", { flags = FLAG.syn, options = options })
  c:segment("server", { flags = FLAG.syn, options = options }, { delay = 0.00005 })
  w:sleep(0.001)
  local a, b = c.sides.client, c.sides.server
  local a_first, b_first = a.seq, b.seq
  a.seq, b.seq = a.seq + 1, b.seq + 1
  c:segment("client", { flags = FLAG.syn | ACK, seq = a_first, options = options })
  c:segment("server", { flags = FLAG.syn | ACK, seq = b_first, options = options }, { delay = 0.00005 })
  w:sleep(0.001)
  c:send("client", lines(1, 1))
  w:sleep(0.1)
  c:close()
end)

case("simultaneous_close", {}, function(c)
  c:open()
  c:send("client", lines(1, 1))
  w:sleep(0.1)
  local server_ack = c.sides.client.seq
  c:half_close("client")
  c:segment("server", { flags = FLAG.fin | ACK, ack = server_ack })
  c.sides.server.seq = c.sides.server.seq + 1
  w:sleep(0.001)
  c.closed = true
  c:ack("client")
  c:ack("server")
end)

case("half_close", {}, function(c)
  c:open()
  c:send("client", lines(1, 1))
  w:sleep(0.01)
  c:half_close("client")
  w:sleep(0.001)
  c:ack("server")
  for n = 1, 5 do
    c:send("server", lines(n, n))
    w:sleep(0.1)
  end
  c:half_close("server")
  w:sleep(0.001)
  c:ack("client")
end)

-- RFC 9293, 3.8.4: one byte below the window, answered with what is expected.
case("keep_alive", {}, function(c)
  c:open()
  c:send("client", lines(1, 1))
  for _ = 1, 4 do
    w:sleep(1)
    c:segment("client", { flags = ACK, seq = c.sides.client.seq - 1 & 0xffffffff, payload = "\0" })
    w:sleep(0.001)
    c:ack("server")
  end
  w:sleep(0.1)
  c:close()
end)

case("zero_window", {}, function(c)
  c:open()
  c:send("server", lines(1, 40))
  w:sleep(0.01)
  c:segment("client", { flags = ACK, window = 0 })
  for n = 0, 2 do
    w:sleep(0.3 * 2 ^ n)
    local probe = lines(41, 41):sub(1, 1)
    c:segment("server", { flags = ACK, payload = probe })
    w:sleep(0.0005)
    c:segment("client", { flags = ACK, window = 0 })
  end
  c:segment("client", { flags = ACK })
  c:send("server", lines(41, 45))
  w:sleep(0.1)
  c:close()
end)

case("sequence_wrap", { isn = 0xfffff000, server_isn = 0xffffff00 }, function(c)
  c:open()
  c:send("client", lines(1, 300), { order = { 1, 3, 2, 4, 5, 6, 7, 8 } })
  w:sleep(0.1)
  c:send("server", lines(1, 20))
  w:sleep(0.1)
  c:close()
end)

case("urgent", {}, function(c)
  c:open()
  local text = lines(1, 1)
  c:segment("client", { flags = ACK | FLAG.psh | FLAG.urg, payload = text, urgent = 1 })
  c.sides.client.seq = c.sides.client.seq + #text
  c.row.orig_bytes = #text
  w:sleep(0.1)
  c:close()
end)

case("small_segments", { mss = 88 }, function(c)
  c:open()
  c:send("server", lines(1, 60))
  w:sleep(0.1)
  c:close()
end)

case("port_used_again", { sport = 50000 }, function(c)
  c:open()
  c:send("client", lines(1, 1))
  w:sleep(0.1)
  c:close()
  w:sleep(0.5)
  local again = tcp.new(w, { client = client, server = server, port = c.options.port, sport = 50000 })
  again:open()
  again:send("client", lines(2, 2))
  w:sleep(0.1)
  again:close()
end)

case("bad_checksum", {}, function(c)
  c:open()
  c:send("client", lines(1, 1), { bad_checksum = true })
  w:sleep(0.1)
  c:close()
end)

case("mirror_duplicates", {}, function(c)
  w.mirror_twice = 0.0004
  c:open()
  c:send("server", lines(1, 60))
  w:sleep(0.1)
  c:close()
  w.mirror_twice = nil
end)
