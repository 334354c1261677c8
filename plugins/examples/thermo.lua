-- thermo.lua - a made-up protocol of thermostats with every part of a dissector: 'T', length, number of the exchange, code, then data.
local oto = require "oto"

-- What the numbers mean, and what each code does to the device.
local CODES = {
	[1] = { "get_temperature", op = "read" },
	[2] = { "set_target", op = "write", doc = "the temperature to hold, in tenths of a degree" },
	[3] = { "switch", op = "mode" },
	[4] = { "identify", op = "discover" },
	[9] = "keep_alive",
}
local ERRORS = { [0] = "ok", [1] = "unknown_code", [2] = "out_of_range" }

-- What is said: the event, its fields, its log.
local thermo = oto.analyzer {
	name = "thermo", doc = "Thermostats of the ACME house", ports = { udp = 7171, tcp = 7171 },
	pairing = { expire = "5s" },
	events = {
		message = {
			doc = "One request or response.",
			log = {
				columns = { "code", "response", "error", "degrees" },
				key = { "orig_h", "resp_h", "code", "response", "error" },
			},
			{ "exchange", "u8", "copied into the response" },
			{ "code", "u8", "what is asked", names = CODES },
			{ "response", "bool", "true for a response" },
			{ "error", "u8", "why it was refused", names = ERRORS, optional = true },
			{ "degrees", "f64", "temperature", optional = true },
		},
	},
}

-- Is it mine? Sees the first bytes of a flow.
function thermo.probe(data)
	if #data < 4 then return nil end
	return data:sub(1, 1) == "T" and data:byte(2) >= 4 and CODES[data:byte(4) & 0x7f] ~= nil
end

-- Where does a message end? Asked for streams, and where a datagram holds several.
function thermo.pdu_len(data)
	if #data < 2 then return 0 end
	return data:sub(1, 1) == "T" and data:byte(2) >= 4 and data:byte(2)
end

-- What does it say? Read first, speak last.
function thermo.pdu(cx, data)
	local exchange, code, at = (">xx B B"):unpack(data)
	local m = { exchange = exchange, code = code & 0x7f, response = code & 0x80 ~= 0 }
	local operation = { command = CODES[m.code], func_code = m.code }

	if not m.response then
		if m.code == 2 then
			m.degrees = (">i2"):unpack(data, at) / 10
			operation.target = { space = "target" }
		end
		cx:request(exchange, { code = m.code })
		cx:operation(operation)
		cx:emit("message", m)
		return
	end

	m.error, at = ("B"):unpack(data, at)
	if m.error == 0 and m.code == 1 then m.degrees = (">i2"):unpack(data, at) / 10 end
	local model = m.error == 0 and m.code == 4 and ("s1"):unpack(data, at)

	local match = cx:response(exchange)
	if match.found and match.note.code ~= m.code then cx:weird("answer_to_another_question") end
	cx:outcome(match, m.error ~= 0 and (ERRORS[m.error] or "unknown_error") or nil, operation)
	if model then cx:fact("model", model, { confidence = 100 }) end
	cx:emit("message", m)
end

return thermo
