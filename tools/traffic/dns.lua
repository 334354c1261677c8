-- Names: DNS over UDP and TCP (RFC 1035, EDNS RFC 6891, SRV RFC 2782), mDNS (RFC 6762), LLMNR (RFC 4795) and NetBIOS
-- name service (RFC 1002). Messages with name compression, and the conversations, counted in the truth.

local tcp = require "tcp"
local arp = require "arp"
local plant = require "plant"
local wire = require "wire"
local world = require "world"

local dns = {}
local pack = string.pack

dns.TYPE = { A = 1, NS = 2, CNAME = 5, SOA = 6, PTR = 12, MX = 15, TXT = 16, AAAA = 28, NB = 32, NBSTAT = 33, SRV = 33,
  OPT = 41, ANY = 255 }
dns.RCODE = { NOERROR = 0, FORMERR = 1, SERVFAIL = 2, NXDOMAIN = 3, NOTIMP = 4, REFUSED = 5 }

local RESPONSE <const>, AUTHORITATIVE <const>, TRUNCATED <const> = 0x8000, 0x0400, 0x0200
local RECURSION_DESIRED <const>, RECURSION_AVAILABLE <const> = 0x0100, 0x0080

-- Messages -----------------------------------------------------------------------------------------------------------

-- A name is written once; where it, or the end of it, comes again, two bytes point back (RFC 1035, 4.1.4).
local writer = {}
writer.__index = writer

local function new_writer() return setmetatable({ size = 0, parts = {}, names = {} }, writer) end

function writer:put(bytes)
  self.parts[#self.parts + 1] = bytes
  self.size = self.size + #bytes
end

function writer:name(name)
  while name ~= "" do
    local known = self.names[name:lower()]
    if known then return self:put(pack(">I2", 0xc000 | known)) end
    if self.size < 0x4000 then self.names[name:lower()] = self.size end
    local label, rest = name:match("^([^.]+)%.?(.*)$")
    self:put(pack("s1", label))
    name = rest
  end
  self:put("\0")
end

-- The data of a record: its fixed part, then perhaps a name.
local data = {
  A = function(w, r) w:put(wire.ip(r.address)) end,
  AAAA = function(w, r) w:put(wire.ip(r.address)) end,
  CNAME = function(w, r) w:name(r.target) end,
  NS = function(w, r) w:name(r.target) end,
  PTR = function(w, r) w:name(r.target) end,
  MX = function(w, r)
    w:put(pack(">I2", r.preference))
    w:name(r.target)
  end,
  TXT = function(w, r)
    for _, text in ipairs(r.texts) do w:put(pack("s1", text)) end
  end,
  SRV = function(w, r)
    w:put(pack(">I2I2I2", r.priority or 0, r.weight or 0, r.port))
    w:name(r.target)
  end,
  SOA = function(w, r)
    w:name(r.target)
    w:name(r.mailbox)
    w:put(pack(">I4I4I4I4I4", r.serial, 3600, 600, 86400, 300))
  end,
  NB = function(w, r) w:put(pack(">I2", r.flags or 0) .. wire.ip(r.address)) end,
  NBSTAT = function(w, r) w:put(r.data) end,
  OPT = function() end,
}

-- record: name, type, ttl, and the fields of its type; class defaults to IN, cache_flush sets mDNS's bit. The length
-- of the data is known when it has been written, so it is written into a place kept for it.
function writer:record(record)
  self:name(record.name)
  local class = record.class or record.cache_flush and 0x8001 or 1
  self:put(pack(">I2I2I4", dns.TYPE[record.type], class, record.ttl or 300))
  self:put("")
  local place = #self.parts
  self.size = self.size + 2
  local before = self.size
  data[record.type](self, record)
  self.parts[place] = pack(">I2", self.size - before)
end

-- message: id, flags, questions { { name, type, class } }, answers, authority, additional.
function dns.message(message)
  local w = new_writer()
  local function size(list) return list and #list or 0 end
  w:put(pack(">I2I2I2I2I2I2", message.id or 0, message.flags or 0, size(message.questions), size(message.answers),
    size(message.authority), size(message.additional)))
  for _, question in ipairs(message.questions or {}) do
    w:name(question.name)
    w:put(pack(">I2I2", dns.TYPE[question.type], question.class or 1))
  end
  for _, section in ipairs { "answers", "authority", "additional" } do
    for _, record in ipairs(message[section] or {}) do w:record(record) end
  end
  return table.concat(w.parts)
end

-- An EDNS record: the class is the payload size, the time to live holds flags.
function dns.edns(size, dnssec_ok) return { name = "", type = "OPT", class = size, ttl = dnssec_ok and 0x8000 or 0 } end

-- Counting -----------------------------------------------------------------------------------------------------------

local function count(w, proto, client, name, qtype, counts)
  w.truth:add("dns", { proto = proto, client = client, name = name, qtype = qtype }, counts)
end

-- Unicast DNS --------------------------------------------------------------------------------------------------------

-- A query and its answer. options: name, type (or questions), answers, authority, rcode, additional, edns (bytes),
-- no_answer, tcp, latency, truncated, authoritative, port (53), ip6, fault (of the query over UDP, see world.udp).
function dns.lookup(w, client, server, options)
  local questions = options.questions or { { name = options.name, type = options.type or "A" } }
  local rng = w:chance_of("dns " .. client.name)
  local id, sport, port = rng:below(65536), plant.next_port(client), options.port or 53
  local edns = options.edns and { dns.edns(options.edns) }
  local query = dns.message { id = id, flags = RECURSION_DESIRED, questions = questions, additional = edns }
  local additional = {}
  for _, record in ipairs(options.additional or {}) do additional[#additional + 1] = record end
  if edns then additional[#additional + 1] = dns.edns(1232) end
  local response = dns.message {
    id = id,
    flags = RESPONSE | RECURSION_DESIRED | RECURSION_AVAILABLE | (options.authoritative and AUTHORITATIVE or 0)
      | (options.truncated and TRUNCATED or 0) | dns.RCODE[options.rcode or "NOERROR"],
    questions = questions, answers = not options.truncated and options.answers or nil, authority = options.authority,
    additional = additional,
  }
  local latency = options.latency or rng:about(0.003, 0.5)
  local asker = options.ip6 and client.ip6 or client.ip
  local function tell(counts)
    for _, question in ipairs(questions) do count(w, "dns", asker, question.name, question.type, counts) end
  end

  if not options.ip6 then arp.resolve(w, client, server) end
  local asked_at
  if options.tcp then
    local c = tcp.new(w, { client = client, server = server, port = port }):open()
    asked_at = w:time()
    c:send("client", pack(">s2", query))
    if not options.no_answer then
      w:sleep(latency)
      c:send("server", pack(">s2", response), { cut = options.cut })
    end
    w:sleep(0.001)
    c:close()
  else
    asked_at = w:time()
    local fault = options.fault or {}
    fault.ip6 = options.ip6
    w:udp(client, sport, server, port, query, fault)
    if not options.no_answer then
      w:sleep(latency)
      w:udp(server, port, client, sport, response, { ip6 = options.ip6 })
    end
  end
  tell(options.no_answer and { queries = 1, unanswered = 1 } or { queries = 1, responses = 1 })
  if options.no_answer then
    w.truth:note("unanswered", { protocol = "dns", time = asked_at, client = asker,
      server = options.ip6 and server.ip6 or server.ip, name = questions[1].name })
  end
end

-- Multicast DNS ------------------------------------------------------------------------------------------------------

local MDNS <const>, MDNS6 <const>, MDNS_PORT <const> = "224.0.0.251", "ff02::fb", 5353

local function multicast(w, host, message, ip6)
  w:udp(host, MDNS_PORT, world.group(ip6 and MDNS6 or MDNS), MDNS_PORT, dns.message(message), { ttl = 255 })
end

-- questions: { name, type, unicast } each; unicast sets the bit that asks for an answer to the asker alone.
function dns.mdns_query(w, host, questions, known, ip6)
  for _, question in ipairs(questions) do
    question.class = question.unicast and 0x8001 or 1
    count(w, "mdns", ip6 and host.ip6 or host.ip, question.name, question.type, { queries = 1 })
  end
  multicast(w, host, { questions = questions, answers = known }, ip6)
end

function dns.mdns_answer(w, host, answers, additional, ip6)
  for _, record in ipairs(answers) do
    count(w, "mdns", ip6 and host.ip6 or host.ip, record.name, record.type, { answers = 1 })
  end
  multicast(w, host, { flags = RESPONSE | AUTHORITATIVE, answers = answers, additional = additional }, ip6)
end

-- LLMNR --------------------------------------------------------------------------------------------------------------

-- options: name, type, responder (a host; its address is the answer), ip6 (asks over IPv6 too, as Windows does).
function dns.llmnr(w, client, options)
  local kind = options.type or "A"
  local question = { { name = options.name, type = kind } }
  local id, sport = w:chance_of("llmnr"):below(65536), plant.next_port(client)
  local query = dns.message { id = id, questions = question }
  w:udp(client, sport, world.group("224.0.0.252"), 5355, query, { ttl = 1 })
  count(w, "llmnr", client.ip, options.name, kind, { queries = 1 })
  if options.ip6 then
    w:udp(client, sport, world.group("ff02::1:3"), 5355, query, { ttl = 1 })
    count(w, "llmnr", client.ip6, options.name, kind, { queries = 1 })
  end
  local responder = options.responder
  if not responder then return count(w, "llmnr", client.ip, options.name, kind, { unanswered = 1 }) end
  w:sleep(0.004)
  arp.resolve(w, responder, client)
  w:udp(responder, 5355, client, sport, dns.message { id = id, flags = RESPONSE, questions = question,
    answers = { { name = options.name, type = kind, ttl = 30,
      address = kind == "A" and responder.ip or responder.ip6 } } })
  count(w, "llmnr", client.ip, options.name, kind, { responses = 1 })
end

-- NetBIOS name service -----------------------------------------------------------------------------------------------

local NBNS_PORT <const> = 137

-- RFC 1001, 14.1: sixteen characters, the last one the kind of service, each half byte a letter from A.
function dns.netbios_name(name, suffix)
  local padded = name:upper():sub(1, 15) .. (" "):rep(15 - #name) .. string.char(suffix or 0)
  return (padded:gsub(".", function(c)
    return string.char(0x41 + (c:byte() >> 4), 0x41 + (c:byte() & 15))
  end))
end

local QUERY <const>, REGISTRATION <const>, RELEASE <const> = 0x0110, 0x2910, 0x3010

local function nbns(w, host, dst, id, flags, message)
  message.id, message.flags = id, flags
  w:udp(host, NBNS_PORT, dst, NBNS_PORT, dns.message(message))
end

local function nbns_id(w) return w:chance_of("nbns"):below(65536) end

-- options: name, suffix (0x00 workstation, 0x20 server, 0x1b domain master), broadcast (address), responder.
function dns.nbns_query(w, host, options)
  local encoded, id = dns.netbios_name(options.name, options.suffix), nbns_id(w)
  nbns(w, host, world.group(options.broadcast), id, QUERY, { questions = { { name = encoded, type = "NB" } } })
  local responder = options.responder
  count(w, "nbns", host.ip, options.name, "NB", responder and { queries = 1, responses = 1 }
    or { queries = 1, unanswered = 1 })
  if not responder then return end
  w:sleep(0.002)
  arp.resolve(w, responder, host)
  nbns(w, responder, host, id, 0x8580, { answers = { { name = encoded, type = "NB", ttl = 300000,
    address = responder.ip } } })
end

local function announce(flags, what)
  return function(w, host, options)
    local encoded = dns.netbios_name(options.name, options.suffix)
    nbns(w, host, world.group(options.broadcast), nbns_id(w), flags, {
      questions = { { name = encoded, type = "NB" } },
      additional = { { name = encoded, type = "NB", ttl = flags == RELEASE and 0 or 300000, address = host.ip,
        flags = options.group and 0x8000 or 0 } },
    })
    count(w, "nbns", host.ip, options.name, "NB", { [what] = 1 })
  end
end

dns.nbns_register = announce(REGISTRATION, "registrations")
dns.nbns_release = announce(RELEASE, "releases")

-- Node status: the names a host holds, and its MAC (RFC 1002, 4.2.17 and 4.2.18).
function dns.nbns_status(w, client, server, names)
  local encoded, id = "CK" .. ("A"):rep(30), nbns_id(w)
  arp.resolve(w, client, server)
  nbns(w, client, server, id, 0, { questions = { { name = encoded, type = "NBSTAT" } } })
  w:sleep(0.002)
  local list = {}
  for i, entry in ipairs(names) do
    local flags = entry.group and 0x8400 or 0x0400
    list[i] = entry.name .. (" "):rep(15 - #entry.name) .. pack(">BI2", entry.suffix, flags)
  end
  local status = pack("B", #names) .. table.concat(list) .. server.mac_bytes .. ("\0"):rep(40)
  nbns(w, server, client, id, 0x8400, { answers = { { name = encoded, type = "NBSTAT", ttl = 0, data = status } } })
  count(w, "nbns", client.ip, "*", "NBSTAT", { queries = 1, responses = 1 })
end

return dns
