#!/usr/bin/env python3
"""Compare what ads's events hold with what tshark reads, field by field and value by value: see tshark_values.py. tshark does not read the
router's datagrams, nor what stands behind index group and offset, nor result and length in the response of a Read or
ReadWrite of less than ten bytes; of a segment it reads the first message."""
import collections

from tshark_values import PDU, Dialect, frames, main

# tshark's fields, and what we call them. A read's length, and that of what is written, are one field in tshark.
NUMBERS = {"ams.invokeid": "invoke_id", "ams.errorcode": "error_code", "ams.stateflags": "state_flags", "ams.ads_indexgroup": "index_group",
           "ams.ads_indexoffset": "index_offset", "ams.ads_cblength": "length", "ams.ads_cbreadlength": "length", "ams.ads_cbwritelength": "length",
           "ams.adsresult": "result", "ams.ads_state": "ads_state", "ams.ads_devicestate": "device_state",
           "ams.ads_notificationhandle": "notification_handle", "ams.ads_transmode": "transmission_mode", "ams.ads_maxdelay": "max_delay",
           "ams.ads_cycletime": "cycle_time", "ams.ads_noteblocksstamps": "stamps"}
TEXTS = {"ams.ads_devicename": "device_name"}

NOTIFICATION = 8

SCRIPT = r'''
local function ticks(i) return i and math.floor(i:seconds() * 10000000 + 0.5) end
on("ads.message", function(e)
	if not e.command then return end
	local response = e.pdu_type == "response"
	put(e, "pdu", e:raw("command") .. (response and " response" or ""))
	local server, client = e.net_id .. ":" .. e:raw("port"), e.client_net_id .. ":" .. e.client_port
	local from_server = e.pdu_type ~= "request"
	put(e, "target", from_server and client or server)
	put(e, "source", from_server and server or client)
	for _, name in ipairs { "invoke_id", "error_code", "state_flags" } do put(e, name, e:raw(name)) end
	for _, name in ipairs { "notification_handle", "transmission_mode", "stamps" } do
		if name ~= "notification_handle" or e.pdu_type ~= "notification" then put(e, name, e:raw(name)) end
	end
	if not response then
		put(e, "index_group", e:raw("index_group"))
		put(e, "index_offset", e:raw("index_offset"))
	end
	if not response or e:raw("command") ~= 5 then
		put(e, "ads_state", e:raw("ads_state"))
		put(e, "device_state", e.device_state)
	end
	local reads = e:raw("command") == 2 or e:raw("command") == 9
	if not (response and reads) or e.length >= 32 + 10 then
		put(e, "length", e.read_length)
		put(e, "length", e.write_length)
		put(e, "result", e:raw("result"))
	end
	put(e, "max_delay", ticks(e.max_delay))
	put(e, "cycle_time", ticks(e.cycle_time))
	put(e, "device_name", e.device_name)
	put(e, "version", e.version)
end)
'''


def message(put, fields):
    first = {}
    for f in fields:
        first.setdefault(f.name, f)
    number = {name: f.number() for name, f in first.items() if f.show and name in ("ams.cmdid", "ams.stateflags")}
    put(PDU, "%d%s" % (number["ams.cmdid"], " response" if number["ams.stateflags"] & 1 else ""))
    for side in ("target", "sender"):
        put("source" if side == "sender" else side, "%s:%s" % (first["ams.%snetid" % side].show, first["ams.%sport" % side].show))
    for f in fields:
        if f.name == "ams.ads_cblength" and number["ams.cmdid"] == NOTIFICATION:
            continue  # of its stream, which is told as stamps and samples
        if f.name in NUMBERS and f.value is not None:
            put(NUMBERS[f.name], str(f.number()))
        elif f.name in TEXTS:
            put(TEXTS[f.name], f.show)
    if "ams.ads_versionversion" in first:
        put("version", ".".join(first["ams.ads_version" + part].show for part in ("version", "revision", "build")))


def theirs(path):
    values = collections.defaultdict(collections.Counter)
    for src, dst, fields in frames(path, "ams"):
        one = []
        for f in fields + [None]:
            if f is None or (f.proto and f.name == "ams"):
                if one:
                    message(lambda field, value: values[src, dst, field].update([value]), one)
                one = []
            elif f.name.startswith("ams."):
                one.append(f)
    return values


ADS = Dialect("ads", ["ams"], ["ads.pcap", "real-ads.pcap"], ["target", "source", "invoke_id", "error_code", "state_flags", "index_group", "index_offset",
              "length", "result", "ads_state", "device_state", "notification_handle", "transmission_mode", "max_delay", "cycle_time", "stamps",
              "device_name", "version"], SCRIPT, theirs)

if __name__ == "__main__":
    main(ADS, __doc__)
