-- HTTP/1.1 messages (RFC 9112) and connections that carry them. Gzip bodies are made of stored blocks (RFC 1951 3.2.4), so that no
-- compressor is needed and the bytes are the same everywhere.

local tcp = require "tcp"

local http = {}
http.__index = http
local pack = string.pack

-- Fields in the order given: { "Host", "plc1", "Accept", "*/*" }.
local function fields(list)
  local out = {}
  for i = 1, #list, 2 do out[#out + 1] = list[i] .. ": " .. list[i + 1] .. "\r\n" end
  return table.concat(out) .. "\r\n"
end

function http.request(method, uri, list, body)
  return ("%s %s HTTP/1.1\r\n%s%s"):format(method, uri, fields(list), body or "")
end

function http.reply(status, words, list, body)
  return ("HTTP/1.1 %d %s\r\n%s%s"):format(status, words, fields(list), body or "")
end

-- The body in chunks of these sizes, the rest in one; trailers: fields behind the last.
function http.chunked(body, sizes, trailers)
  local out, at = {}, 1
  for i = 1, #sizes + 1 do
    local piece = body:sub(at, sizes[i] and at + sizes[i] - 1 or #body)
    if #piece > 0 then out[#out + 1] = ("%x\r\n%s\r\n"):format(#piece, piece) end
    at = at + #piece
  end
  return table.concat(out) .. "0\r\n" .. (trailers and fields(trailers) or "\r\n")
end

local function crc32(s)
  local crc = 0xffffffff
  for i = 1, #s do
    crc = crc ~ s:byte(i)
    for _ = 1, 8 do crc = crc >> 1 ~ (0xedb88320 & -(crc & 1)) end
  end
  return crc ~ 0xffffffff
end

local function adler32(s)
  local a, b = 1, 0
  for i = 1, #s do
    a = (a + s:byte(i)) % 65521
    b = (b + a) % 65521
  end
  return b << 16 | a
end

-- One stored block, the last.
function http.stored(body) return pack("<BI2I2", 1, #body, ~#body & 0xffff) .. body end

function http.gzip(body)
  return "\x1f\x8b\8\0\0\0\0\0\0\xff" .. http.stored(body) .. pack("<I4I4", crc32(body), #body)
end

function http.zlib(body) return "\x78\1" .. http.stored(body) .. pack(">I4", adler32(body)) end

-- Base64 (RFC 4648 4) of what basic authentication sends.
function http.basic(user, password)
  local digits <const> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  local plain, out = user .. ":" .. password, {}
  for i = 1, #plain, 3 do
    local a, b, c = plain:byte(i, i + 2)
    local v = a << 16 | (b or 0) << 8 | (c or 0)
    for shift = 18, 0, -6 do
      local missing = shift == 0 and not c or shift == 6 and not b
      local d = v >> shift & 63
      out[#out + 1] = missing and "=" or digits:sub(d + 1, d + 1)
    end
  end
  return "Basic " .. table.concat(out)
end

-- A connection. options: those of tcp.new (client, server, port ...).
function http.open(w, options)
  options.port = options.port or 80
  local self = setmetatable({ world = w, tcp = tcp.new(w, options), options = options }, http)
  self.tcp:open()
  return self
end

-- Sends and counts: what the client says is a request, what the server says a reply.
function http:say(side, message, fault)
  local o = self.options
  local kind = side == "client" and "request" or "reply"
  self.world.truth:add("http", { client = o.client.ip, server = o.server.ip, port = o.port, kind = kind }, { messages = 1 })
  self.tcp:send(side, message, fault)
  self.world:sleep(0.01)
end

-- A request and its reply.
function http:ask(request, reply)
  self:say("client", request)
  self:say("server", reply)
end

-- More of a message that has begun.
function http:more(side, bytes, fault)
  self.tcp:send(side, bytes, fault)
  self.world:sleep(0.01)
end

return http
