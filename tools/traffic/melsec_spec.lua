-- The maker's MELSEC messages are the bytes that the manuals print as examples: the MELSEC Communication Protocol
-- Reference Manual (SH-080008) and the FX3U-ENET user's manual.

-- luacheck: std +busted
local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or "."
package.path = here .. "/?.lua;" .. package.path

local code = require "melsec_code"
local melsec = require "melsec"
local e1 = require "melsec_1e"
local ask = melsec.command

local function hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02X "):format(c:byte()) end):gsub(" $", ""))
end

local function body(request, ascii)
  local w = code.writer(ascii)
  request.body(w)
  return ascii and w:done() or hex(w:done())
end

local function extended(text, ascii)
  return body({ body = function(w) w:device(code.device(text), false, true) end }, ascii)
end

local function respond(codec, request, values, options)
  function request.answer(w) if options.bit then w:bits(values, true) else w:words(values) end end
  local bytes = codec.response(options, request, {}, options.end_code)
  return options.ascii and bytes or hex(bytes)
end

describe("a MELSEC message of the maker", function()
  it("reads eight points from M100 in a 1E frame", function()
    local request = e1.command.read("M100", 8, { bit = true })
    assert.equal("00 FF 0A 00 64 00 00 00 20 4D 08 00", hex(e1.request({}, request)))
    assert.equal("00FF000A4D20000000640800", e1.request({ ascii = true }, request))
  end)

  it("answers it", function()
    local request, values = e1.command.read("M100", 8, { bit = true }), { 1, 0, 1, 0, 0, 1, 1, 0 }
    assert.equal("80 00 10 10 01 10", respond(e1, request, values, { bit = true }))
    assert.equal("800010100110", respond(e1, request, values, { bit = true, ascii = true }))
  end)

  it("refuses with 5B and an abnormal code", function()
    local request = e1.command.read("M100", 8, { bit = true })
    assert.equal("80 5B 12 00", respond(e1, request, {}, { end_code = 0x5b }))
    assert.equal("805B1200", respond(e1, request, {}, { end_code = 0x5b, ascii = true }))
  end)

  it("sends a dummy point where the monitored ones are odd", function()
    assert.equal("88001010", respond(e1, e1.command.monitor { bit = true }, { 1, 0, 1 }, { bit = true, ascii = true }))
    assert.equal("88 00 10 10", respond(e1, e1.command.monitor { bit = true }, { 1, 0, 1 }, { bit = true }))
  end)

  it("tests bits, tests words, reads buffer memory in 1E frames", function()
    local bits = e1.command.test({ { "Y94", 1 }, { "M60", 0 }, { "B26", 1 } }, { bit = true })
    assert.equal("03 00 94 00 00 00 20 59 01 3C 00 00 00 20 4D 00 26 00 00 00 20 42 01", body(bits))
    local words = e1.command.test { { "Y80", 0x7b29 }, { "W26", 0x1234 }, { "CN18", 0x50 } }
    assert.equal("03 00 80 00 00 00 20 59 29 7B 26 00 00 00 20 57 34 12 12 00 00 00 4E 43 50 00", body(words))
    assert.equal("F0 07 00 04 13 00", body(e1.command.read_buffer(0x7f0, 4, 0x13)))
    assert.equal("0007F0041300", body(e1.command.read_buffer(0x7f0, 4, 0x13), true))
    assert.equal("5220000000460002" .. "0300", body(e1.command.read_file_register("R70", 3, 2), true))
  end)

  it("names devices by their extension", function()
    assert.equal("04 40 64 00 00 A8 00 00 00 00 00", extended "D100Z4")
    assert.equal("00" .. "0000" .. "000" .. "D*" .. "000100" .. "Z04", extended("D100Z4", true))
    assert.equal("00 00 00 01 00 B4 00 00 01 00 F9", extended "J1\\W100")
    assert.equal("00" .. "J001" .. "000" .. "W*" .. "000100" .. "000", extended("J1\\W100", true))
  end)

  it("reads at random", function()
    local request = ask.read_random({ "D0", "TN0", "M100", "X20" }, { "D1500", "Y160", "M1111" })
    assert.equal("0403D*000000TN000000M*000100X*000020D*001500Y*000160M*001111", body(request, true))
  end)

  it("reads an array label", function()
    local request = ask.read_label_array { { name = "Lbl[2]", bytes = 10 } }
    assert.equal("01 00 00 00 06 00 4C 00 62 00 6C 00 5B 00 32 00 5D 00 01 00 0A 00", body(request))
    assert.equal("00010000" .. "0006" .. "004C0062006C005B0032005D" .. "01" .. "00" .. "000A", body(request, true))
  end)

  it("opens, copies and changes files", function()
    assert.equal("20 20 20 20 00 01 00 00 07 00 41 42 43 2E 51 50 47", body(ask.open_file(0, "ABC.QPG", true)))
    assert.equal("    " .. "0100" .. "0000" .. "0007ABC.QPG", body(ask.open_file(0, "ABC.QPG", true), true))
    assert.equal("0000000000000000    00000007CBA.QPG    00000007ABC.QPG", body(ask.copy_file(0, "ABC.QPG", "CBA.QPG"), true))
    assert.equal("00 00 04 00 01 00 08 00 4C 00 49 00 4E 00 45 00 2E 00 43 00 53 00 56 00",
      body(ask.change_attribute(4, "LINE.CSV", 1, true)))
    assert.equal("0000" .. "0004" .. "00000001" .. "0003" .. "0006005300550042004400490052",
      body(ask.read_directory(4, 1, 3, "SUBDIR"), true))
  end)

  it("counts the length from the timer on, in characters", function()
    local read = ask.read("D100", 3)
    assert.equal("50 00 00 FF FF 03 00 0C 00 10 00 01 04 00 00 64 00 00 A8 03 00", hex(melsec.request({ frame = "3E" }, read)))
    assert.equal("500000FF03FF000018001004010000D*0001000003", melsec.request({ frame = "3E", ascii = true }, read))
    assert.equal("D4 00 34 12 00 00 00 FF FF 03 00 0B 00 51 C0 00 FF FF 03 00 01 04 00 00",
      respond(melsec, read, {}, { frame = "4E", serial = 0x1234, end_code = 0xc051 }))
    assert.equal("D4001234000000FF03FF000016C05100FF03FF0004010000",
      respond(melsec, read, {}, { frame = "4E", serial = 0x1234, end_code = 0xc051, ascii = true }))
  end)
end)
