-- MMS (ISO 9506-2) in BER over association, presentation and session (X.227, X.226, X.225) on ISO transport, as substation
-- devices speak it; or on the transport alone, as test programs do.

local cotp = require "cotp"
local encoding = require "ber"

local mms = {}

local ber, int = encoding.element, encoding.int
mms.ber = ber

-- Names and values --------------------------------------------------------------------------------------------------------

-- "domain/item", or "item" of the whole device.
local function name(text)
  local domain, item = text:match "^([^/]*)/(.*)$"
  if not domain then return ber(0x80, text) end
  return ber(0xa1, ber(0x1a, domain), ber(0x1a, item))
end

local function variables(list)
  local out = {}
  for i, text in ipairs(list) do out[i] = ber(0x30, ber(0xa0, name(text))) end
  return ber(0xa0, table.concat(out))
end

local value = {}
mms.value = value
function value.bool(b) return ber(0x83, b and "\xff" or "\0") end
function value.int(n) return int(n, 0x85) end
function value.unsigned(n) return int(n, 0x86) end
function value.float(x) return ber(0x87, string.pack(">Bf", 8, x)) end
function value.bits(bytes, unused) return ber(0x84, string.char(unused or 0), bytes) end
function value.text(s) return ber(0x8a, s) end
function value.octets(s) return ber(0x89, s) end
function value.time(s) return ber(0x91, s) end
function value.structure(...) return ber(0xa2, ...) end
function value.failure(code) return int(code, 0x80) end

-- Services: what a request and what its response carry ----------------------------------------------------------------------

local ask, answer = {}, {}
mms.ask, mms.answer = ask, answer

function ask.status() return ber(0x80, "\0") end
function answer.status(logical, physical) return ber(0xa0, int(logical, 0x80), int(physical, 0x81)) end
function ask.identify() return ber(0x82) end
function answer.identify(vendor, model, revision) return ber(0xa2, ber(0x80, vendor), ber(0x81, model), ber(0x82, revision)) end
function ask.name_list(class, domain, after)
  return ber(0xa1, ber(0xa0, int(class, 0x80)), ber(0xa1, domain and ber(0x81, domain) or ber(0x80)), after and ber(0x82, after) or "")
end
function answer.name_list(names, more)
  local out = {}
  for i, text in ipairs(names) do out[i] = ber(0x1a, text) end
  return ber(0xa1, ber(0xa0, table.concat(out)), ber(0x81, more and "\xff" or "\0"))
end
function ask.read(list) return ber(0xa4, ber(0xa1, variables(list))) end
function ask.read_list(text) return ber(0xa4, ber(0xa1, ber(0xa1, name(text)))) end
function answer.read(...) return ber(0xa4, ber(0xa1, ...)) end
function ask.write(list, ...) return ber(0xa5, variables(list), ber(0xa0, ...)) end
function answer.write(...) return ber(0xa5, ...) end
mms.ok = ber(0x81)
function ask.attributes(text) return ber(0xa6, ber(0xa0, name(text))) end
function answer.attributes() return ber(0xa6, ber(0x80, "\0"), ber(0xa2, ber(0x83))) end
function ask.define_list(text, list) return ber(0xab, name(text), variables(list)) end
function answer.define_list() return ber(0x8b) end
function ask.list_attributes(text) return ber(0xac, name(text)) end
function ask.delete_list(text) return ber(0xad, ber(0xa1, name(text))) end
function answer.delete_list() return ber(0xad, int(1, 0x80), int(1, 0x81)) end
function ask.program(tag, text) return ber(0xbf00 | tag, ber(0x80, text)) end -- 40 start, 41 stop, 42 resume, 43 reset, 44 kill
function answer.program(tag) return ber(0x9f00 | tag) end
local function file(text) return ber(0x19, text) end
function ask.file_open(text) return ber(0xbf48, ber(0xa0, file(text)), int(0, 0x81)) end
function answer.file_open(handle, size) return ber(0xbf48, int(handle, 0x80), ber(0xa1, int(size, 0x80), ber(0x81, "20240513080000Z"))) end
function ask.file_read(handle) return int(handle, 0x9f49) end
function answer.file_read(bytes, more) return ber(0xbf49, ber(0x80, bytes), more and "" or ber(0x81, "\0")) end
function ask.file_close(handle) return int(handle, 0x9f4a) end
function answer.file_close() return ber(0x9f4a) end
function ask.file_rename(from, to) return ber(0xbf4b, ber(0xa0, file(from)), ber(0xa1, file(to))) end
function answer.file_rename() return ber(0x9f4b) end
function ask.file_delete(text) return ber(0xbf4c, file(text)) end
function answer.file_delete() return ber(0x9f4c) end
function ask.directory(text) return ber(0xbf4d, ber(0xa0, file(text))) end
function answer.directory(names)
  local out = {}
  for i, text in ipairs(names) do out[i] = ber(0x30, ber(0xa0, file(text)), ber(0xa1, int(100 * i, 0x80))) end
  return ber(0xbf4d, ber(0xa0, ber(0x30, table.concat(out))))
end
function ask.download(domain) return ber(0xba, ber(0x80, domain), ber(0xa1), ber(0x82, "\0")) end
function answer.download() return ber(0x9a) end
function ask.download_segment(domain) return ber(0x9b, domain) end
function answer.download_segment(bytes, more) return ber(0xbb, ber(0x80, bytes), ber(0x81, more and "\xff" or "\0")) end
function ask.terminate_download(domain) return ber(0xbc, ber(0x80, domain)) end
function answer.terminate_download() return ber(0x9c) end
function ask.upload(domain) return ber(0x9d, domain) end
function answer.upload(handle) return ber(0xbd, int(handle, 0x80), ber(0xa1)) end
function ask.upload_segment(handle) return int(handle, 0x9e) end
function answer.upload_segment(bytes, more) return ber(0xbe, ber(0x80, bytes), ber(0x81, more and "\xff" or "\0")) end
function ask.terminate_upload(handle) return int(handle, 0x9f1f) end
function answer.terminate_upload() return ber(0x9f1f) end
function ask.delete_domain(domain) return ber(0x9f24, domain) end
function answer.delete_domain() return ber(0x9f24) end
function ask.journal(text) return ber(0xbf41, ber(0xa0, name(text))) end
function answer.journal() return ber(0xbf41, ber(0xa0), ber(0x81, "\0")) end
-- class and code of clause 7.4.
function mms.error(class, code) return ber(0xa2, ber(0xa0, int(code, 0x80 | class))) end
function mms.report(list, ...) return ber(0xa3, ber(0xa0, ber(0xa1, ber(0x80, list)), ber(0xa0, ...))) end
function mms.report_variables(list, ...) return ber(0xa3, ber(0xa0, variables(list), ber(0xa0, ...))) end

-- Associations --------------------------------------------------------------------------------------------------------------

local function initiate(tag, size, version_tag)
  return ber(tag, int(size, 0x80), int(5, 0x81), int(5, 0x82), int(10, 0x83),
    ber(0xa4, int(1, version_tag), ber(0x81, "\5\xf1\0"), ber(0x82, "\3\xee\x1c\0\0\4\8\0\0\x79\xef\x18")))
end

local BASIC <const> = ber(6, "\x51\1")
local function external(pdu) return ber(0xbe, ber(0x28, BASIC, int(3), ber(0xa0, pdu))) end
local function presented(context, pdu) return ber(0x61, ber(0x30, int(context), ber(0xa0, pdu))) end

local function session(spdu, contents)
  local user = "\xc1" .. (#contents < 255 and string.char(#contents) or string.pack(">BI2", 255, #contents)) .. contents
  local body = "\x05\x06\x13\x01\x00\x16\x01\x02\x14\x02\x00\x02" .. user
  return string.char(spdu) .. (#body < 255 and string.char(#body) or string.pack(">BI2", 255, #body)) .. body
end

local link = {}
link.__index = link

-- options: client, server; plain (MMS on the transport alone), password, and what cotp.connect takes.
function mms.connect(w, options)
  options.calling, options.called = options.calling or "\0\1", options.called or "\0\1"
  local self = setmetatable({ world = w, options = options, invoke = 0, cotp = cotp.connect(w, options) }, link)
  if options.midstream then return self end
  local request, response = initiate(0xa8, 65000, 0x80), initiate(0xa9, 32000, 0x80)
  if options.plain then
    self.cotp:send("client", request)
    w:sleep(0.003)
    self.cotp:send("server", response)
    return self
  end
  local secret = options.password and ber(0x8a, "\7\x80") .. ber(0x8b, "\x52\3\1") .. ber(0xac, ber(0x80, options.password)) or ""
  local aarq = ber(0x60, ber(0xa1, ber(6, "\x28\xca\x22\2\3")), secret, external(request))
  local aare = ber(0x61, ber(0xa1, ber(6, "\x28\xca\x22\2\3")), ber(0xa2, int(0)), ber(0xa3, ber(0xa1, int(0))), external(response))
  local mode, contexts, results = ber(0xa0, int(1, 0x80)), {}, ber(0x30, ber(0x80, "\0"), ber(0x81, "\x51\1"))
  for i, syntax in ipairs { { 1, "\x52\1\0\1" }, { 3, "\x28\xca\x22\2\1" } } do -- association, MMS
    contexts[i] = ber(0x30, int(syntax[1]), ber(6, syntax[2]), ber(0x30, BASIC))
  end
  local ours = ber(0xa2, ber(0x81, "\0\0\0\1"), ber(0xa4, table.concat(contexts)), presented(1, aarq))
  self.cotp:send("client", session(0x0d, ber(0x31, mode, ours)))
  w:sleep(0.003)
  self.cotp:send("server", session(0x0e, ber(0x31, mode, ber(0xa2, ber(0xa5, results, results), presented(1, aare)))))
  return self
end

function link:say(side, pdu, how)
  if self.options.plain then return self.cotp:send(side, pdu, how) end
  return self.cotp:send(side, "\1\0\1\0" .. presented(3, pdu), how)
end

-- One service: `asker` asks, the other answers with `response`, an error (mms.error), or not at all.
function link:ask(request, response, options)
  options = options or {}
  local asker = options.asker or "client"
  self.invoke = self.invoke + 1
  self:say(asker, ber(0xa0, int(self.invoke), request), options.request)
  if not response then return end
  self.world:sleep(0.004)
  local failed = options.failed
  self:say(asker == "client" and "server" or "client",
    failed and ber(0xa2, int(self.invoke, 0x80), response) or ber(0xa1, int(self.invoke), response), options.response)
  self.world:sleep(0.02)
end

function link:conclude()
  self:say("client", ber(0x8b))
  self.world:sleep(0.003)
  self:say("server", ber(0x8c))
  self.cotp.tcp:close()
end

return mms
